-- One column for each part of a session. Lists and structured values are JSON. Until now, `state`
-- held the whole session as JSON. It is still written for instances of the previous version, which
-- may run during an upgrade. What they write there is copied to the columns when it is read. They
-- also begin sessions, so the new columns need defaults. All columns are added in one statement: if
-- one exists, all do.
ALTER TABLE bailiwick_sessions
    ADD COLUMN provider TEXT,
    ADD COLUMN name TEXT NOT NULL DEFAULT (''),
    ADD COLUMN email TEXT,
    ADD COLUMN `groups` LONGTEXT NOT NULL DEFAULT ('[]'),
    ADD COLUMN claims LONGTEXT NOT NULL DEFAULT ('{}'),
    ADD COLUMN as_role TEXT,
    ADD COLUMN groups_came BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN groups_note TEXT NOT NULL DEFAULT (''),
    ADD COLUMN groups_checked_at DATETIME(6),
    ADD COLUMN rules TEXT NOT NULL DEFAULT (''),
    ADD COLUMN roles LONGTEXT NOT NULL DEFAULT ('[]'),
    ADD COLUMN csrf_token TEXT NOT NULL DEFAULT (''),
    ADD COLUMN id_token LONGTEXT,
    ADD COLUMN refresh_token LONGTEXT,
    ADD COLUMN nonce TEXT,
    ADD COLUMN authenticated_at DATETIME(6),
    ADD COLUMN acr TEXT,
    ADD COLUMN vouched_at DATETIME(6),
    ADD COLUMN look LONGTEXT;
