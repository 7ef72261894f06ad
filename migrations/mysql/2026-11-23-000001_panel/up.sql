-- DDL commits implicitly here, and an interrupted migration runs again, so every statement can be
-- repeated. Keys compare exactly, including trailing spaces. The collation for {exact} has another
-- name on each server. Columns that later migrations add elsewhere exist here from the start.
CREATE TABLE IF NOT EXISTS bailiwick_people (
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    first_seen_at DATETIME(6) NOT NULL,
    last_seen_at DATETIME(6) NOT NULL,
    provider TEXT,
    `groups` LONGTEXT,
    groups_note TEXT,
    claims LONGTEXT,
    PRIMARY KEY (issuer, subject)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- The id in the cookie is stored as a hash: reading this table gives no usable cookie.
CREATE TABLE IF NOT EXISTS bailiwick_sessions (
    id_hash VARCHAR(128) NOT NULL PRIMARY KEY,
    state LONGTEXT NOT NULL,
    issuer VARCHAR(255),
    subject VARCHAR(255),
    provider_session TEXT,
    created_at DATETIME(6) NOT NULL,
    last_seen_at DATETIME(6) NOT NULL,
    reference VARCHAR(128) NOT NULL DEFAULT '',
    address TEXT,
    user_agent TEXT,
    ends_at DATETIME(6),
    refreshing_until DATETIME(6),
    refresh_failed_at DATETIME(6),
    KEY bailiwick_sessions_person (issuer, subject),
    KEY bailiwick_sessions_last_seen (last_seen_at),
    UNIQUE KEY bailiwick_sessions_reference (reference),
    KEY bailiwick_sessions_provider (issuer, provider_session(191))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

CREATE TABLE IF NOT EXISTS bailiwick_sign_ins (
    state_hash VARCHAR(128) NOT NULL PRIMARY KEY,
    browser_hash VARCHAR(128) NOT NULL,
    issuer TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    purpose TEXT,
    KEY bailiwick_sign_ins_browser (browser_hash),
    KEY bailiwick_sign_ins_created (created_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- Keys generated at the first start if none are configured.
CREATE TABLE IF NOT EXISTS bailiwick_secrets (
    name VARCHAR(128) NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

CREATE TABLE IF NOT EXISTS bailiwick_audit (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at DATETIME(6) NOT NULL,
    actor_issuer VARCHAR(255) NOT NULL,
    actor_subject VARCHAR(255) NOT NULL,
    actor_name TEXT NOT NULL,
    roles LONGTEXT NOT NULL,
    action VARCHAR(128) NOT NULL,
    resource VARCHAR(255),
    row_key TEXT,
    row_label LONGTEXT,
    request_id TEXT NOT NULL,
    address TEXT,
    details LONGTEXT,
    changes LONGTEXT,
    KEY bailiwick_audit_row (resource, row_key(191), id),
    KEY bailiwick_audit_actor (actor_issuer, actor_subject, id),
    KEY bailiwick_audit_at (at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};
