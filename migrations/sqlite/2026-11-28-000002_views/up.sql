-- Saved views. The query is that of the list's address. A view with a role is shared with that
-- role, and "starts" marks the view that lists begin with for it.
CREATE TABLE bailiwick_views (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    role TEXT,
    starts BOOLEAN NOT NULL,
    UNIQUE (issuer, subject, resource, name)
);
CREATE INDEX bailiwick_views_role ON bailiwick_views (role, resource);

-- A person's settings of a list: the view that it begins with (0: none), and its columns.
CREATE TABLE bailiwick_lists (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    resource TEXT NOT NULL,
    view_id BIGINT,
    shown TEXT,
    PRIMARY KEY (issuer, subject, resource)
);
