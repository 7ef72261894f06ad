-- Saved views. The query is that of the list's address. A view with a role is shared with that
-- role, and "starts" marks the view that lists begin with for it.
CREATE TABLE IF NOT EXISTS bailiwick_views (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    resource VARCHAR(130) NOT NULL,
    name VARCHAR(100) NOT NULL,
    query LONGTEXT NOT NULL,
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    role VARCHAR(255),
    starts BOOLEAN NOT NULL,
    UNIQUE KEY bailiwick_views_name (issuer, subject, resource, name),
    KEY bailiwick_views_role (role, resource)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};

-- A person's settings of a list: the view that it begins with (0: none), and its columns.
CREATE TABLE IF NOT EXISTS bailiwick_lists (
    issuer VARCHAR(255) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    resource VARCHAR(130) NOT NULL,
    view_id BIGINT,
    shown LONGTEXT,
    PRIMARY KEY (issuer, subject, resource)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC CHARACTER SET utf8mb4 COLLATE {exact};
