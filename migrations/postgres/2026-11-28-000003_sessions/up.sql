-- One column for each part of a session. Lists and structured values are JSON. Until now, `state`
-- held the whole session as JSON. It is still written for instances of the previous version, which
-- may run during an upgrade. What they write there is copied to the columns when it is read. They
-- also begin sessions, so the new columns need defaults.
ALTER TABLE bailiwick_sessions ADD COLUMN provider TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE bailiwick_sessions ADD COLUMN email TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN groups TEXT NOT NULL DEFAULT '[]';
ALTER TABLE bailiwick_sessions ADD COLUMN claims TEXT NOT NULL DEFAULT '{}';
ALTER TABLE bailiwick_sessions ADD COLUMN as_role TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN groups_came BIGINT NOT NULL DEFAULT 0;
ALTER TABLE bailiwick_sessions ADD COLUMN groups_note TEXT NOT NULL DEFAULT '';
ALTER TABLE bailiwick_sessions ADD COLUMN groups_checked_at TIMESTAMP;
ALTER TABLE bailiwick_sessions ADD COLUMN rules TEXT NOT NULL DEFAULT '';
ALTER TABLE bailiwick_sessions ADD COLUMN roles TEXT NOT NULL DEFAULT '[]';
ALTER TABLE bailiwick_sessions ADD COLUMN csrf_token TEXT NOT NULL DEFAULT '';
ALTER TABLE bailiwick_sessions ADD COLUMN id_token TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN refresh_token TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN nonce TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN authenticated_at TIMESTAMP;
ALTER TABLE bailiwick_sessions ADD COLUMN acr TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN vouched_at TIMESTAMP;
ALTER TABLE bailiwick_sessions ADD COLUMN look TEXT;
