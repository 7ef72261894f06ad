-- Back-channel sign-outs: used tokens ('jti'), and sessions ('sid') and people ('sub') whose
-- unfinished sign-ins must not become sessions.
CREATE TABLE IF NOT EXISTS bailiwick_logouts (
    issuer VARCHAR(255) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    value VARCHAR(128) NOT NULL,
    issued_at DATETIME(6) NOT NULL,
    kept_until DATETIME(6) NOT NULL,
    PRIMARY KEY (issuer, kind, value),
    KEY bailiwick_logouts_kept_until (kept_until)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- Stored roles, besides the configured ones. Lists are JSON in the format of the configuration.
CREATE TABLE IF NOT EXISTS bailiwick_roles (
    name VARCHAR(255) NOT NULL PRIMARY KEY,
    label TEXT,
    grants LONGTEXT NOT NULL,
    manage LONGTEXT NOT NULL,
    step_up LONGTEXT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- Stored group rules, for configured roles and for roles of the table above.
CREATE TABLE IF NOT EXISTS bailiwick_group_rules (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    role VARCHAR(255) NOT NULL,
    rule LONGTEXT NOT NULL,
    KEY bailiwick_group_rules_role (role)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- A single row that counts changes of the two tables above, so that every process notices them.
CREATE TABLE IF NOT EXISTS bailiwick_access (
    id INTEGER NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};
INSERT IGNORE INTO bailiwick_access (id, version) VALUES (1, 0);

-- Break-glass links, made on the server; each works once.
CREATE TABLE IF NOT EXISTS bailiwick_break_glass (
    token_hash VARCHAR(128) NOT NULL PRIMARY KEY,
    role VARCHAR(255) NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at DATETIME(6) NOT NULL,
    use_before DATETIME(6) NOT NULL,
    session_minutes BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- Rows to lock instead of a table: on this server, LOCK TABLES would commit.
CREATE TABLE IF NOT EXISTS bailiwick_locks (
    name VARCHAR(64) NOT NULL PRIMARY KEY
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};
INSERT IGNORE INTO bailiwick_locks (name) VALUES ('logouts');
