-- Existing sessions lack the columns to list and end them, so people must sign in again.
DELETE FROM bailiwick_sessions;
ALTER TABLE bailiwick_sessions ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE bailiwick_sessions ADD COLUMN address TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN user_agent TEXT;
ALTER TABLE bailiwick_sessions ADD COLUMN ends_at TIMESTAMP;
-- How long a process has claimed the re-check of the groups, and when a re-check last failed.
ALTER TABLE bailiwick_sessions ADD COLUMN refreshing_until TIMESTAMP;
ALTER TABLE bailiwick_sessions ADD COLUMN refresh_failed_at TIMESTAMP;
CREATE UNIQUE INDEX bailiwick_sessions_reference ON bailiwick_sessions (reference);
CREATE INDEX bailiwick_sessions_provider ON bailiwick_sessions (issuer, provider_session);

-- What the provider last said about a person, for the preview of role changes.
ALTER TABLE bailiwick_people ADD COLUMN provider TEXT;
ALTER TABLE bailiwick_people ADD COLUMN groups TEXT;
ALTER TABLE bailiwick_people ADD COLUMN groups_note TEXT;
ALTER TABLE bailiwick_people ADD COLUMN claims TEXT;

-- The purpose of a sign-in (silent, step-up), as JSON.
ALTER TABLE bailiwick_sign_ins ADD COLUMN purpose TEXT;

-- Back-channel sign-outs: used tokens ('jti'), and sessions ('sid') and people ('sub') whose
-- unfinished sign-ins must not become sessions.
CREATE TABLE bailiwick_logouts (
    issuer TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    kept_until TIMESTAMP NOT NULL,
    PRIMARY KEY (issuer, kind, value)
);
CREATE INDEX bailiwick_logouts_kept_until ON bailiwick_logouts (kept_until);

-- Stored roles, besides the configured ones. Lists are JSON in the format of the configuration.
CREATE TABLE bailiwick_roles (
    name TEXT NOT NULL PRIMARY KEY,
    label TEXT,
    grants TEXT NOT NULL,
    manage TEXT NOT NULL,
    step_up TEXT NOT NULL
);

-- Stored group rules, for configured roles and for roles of the table above.
CREATE TABLE bailiwick_group_rules (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role TEXT NOT NULL,
    rule TEXT NOT NULL
);
CREATE INDEX bailiwick_group_rules_role ON bailiwick_group_rules (role);

-- A single row that counts changes of the two tables above, so that every process notices them.
CREATE TABLE bailiwick_access (
    id INTEGER NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO bailiwick_access (id, version) VALUES (1, 0);

-- Break-glass links, made on the server; each works once.
CREATE TABLE bailiwick_break_glass (
    token_hash TEXT NOT NULL PRIMARY KEY,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    use_before TIMESTAMP NOT NULL,
    session_minutes BIGINT NOT NULL
);
