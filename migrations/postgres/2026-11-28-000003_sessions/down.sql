-- Nobody is signed out: `state` still holds every session in full.
-- The space at the beginning says that the columns are up to date. They go.
UPDATE bailiwick_sessions SET state = LTRIM(state);
ALTER TABLE bailiwick_sessions DROP COLUMN look;
ALTER TABLE bailiwick_sessions DROP COLUMN vouched_at;
ALTER TABLE bailiwick_sessions DROP COLUMN acr;
ALTER TABLE bailiwick_sessions DROP COLUMN authenticated_at;
ALTER TABLE bailiwick_sessions DROP COLUMN nonce;
ALTER TABLE bailiwick_sessions DROP COLUMN refresh_token;
ALTER TABLE bailiwick_sessions DROP COLUMN id_token;
ALTER TABLE bailiwick_sessions DROP COLUMN csrf_token;
ALTER TABLE bailiwick_sessions DROP COLUMN roles;
ALTER TABLE bailiwick_sessions DROP COLUMN rules;
ALTER TABLE bailiwick_sessions DROP COLUMN groups_checked_at;
ALTER TABLE bailiwick_sessions DROP COLUMN groups_note;
ALTER TABLE bailiwick_sessions DROP COLUMN groups_came;
ALTER TABLE bailiwick_sessions DROP COLUMN as_role;
ALTER TABLE bailiwick_sessions DROP COLUMN claims;
ALTER TABLE bailiwick_sessions DROP COLUMN groups;
ALTER TABLE bailiwick_sessions DROP COLUMN email;
ALTER TABLE bailiwick_sessions DROP COLUMN name;
ALTER TABLE bailiwick_sessions DROP COLUMN provider;
