CREATE TABLE bailiwick_people (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- The id in the cookie is stored as a hash: reading this table gives no usable cookie.
CREATE TABLE bailiwick_sessions (
    id_hash TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    issuer TEXT,
    subject TEXT,
    provider_session TEXT,
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL
);
CREATE INDEX bailiwick_sessions_person ON bailiwick_sessions (issuer, subject);
CREATE INDEX bailiwick_sessions_last_seen ON bailiwick_sessions (last_seen_at);

CREATE TABLE bailiwick_sign_ins (
    state_hash TEXT NOT NULL PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    issuer TEXT NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    return_to TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX bailiwick_sign_ins_browser ON bailiwick_sign_ins (browser_hash);
CREATE INDEX bailiwick_sign_ins_created ON bailiwick_sign_ins (created_at);

-- Keys generated at the first start if none are configured.
CREATE TABLE bailiwick_secrets (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE bailiwick_audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TIMESTAMP NOT NULL,
    actor_issuer TEXT NOT NULL,
    actor_subject TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    action TEXT NOT NULL,
    resource TEXT,
    row_key TEXT,
    row_label TEXT,
    request_id TEXT NOT NULL,
    address TEXT,
    details TEXT,
    changes TEXT
);
CREATE INDEX bailiwick_audit_row ON bailiwick_audit (resource, row_key, id);
CREATE INDEX bailiwick_audit_actor ON bailiwick_audit (actor_issuer, actor_subject, id);
CREATE INDEX bailiwick_audit_at ON bailiwick_audit (at);
