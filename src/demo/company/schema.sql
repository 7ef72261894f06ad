-- The sample company's tables. Indexes are created afterwards (indexes.sql): inserts are faster without them.
CREATE TABLE departments (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    code        VARCHAR(4) NOT NULL UNIQUE,
    budget      DECIMAL(14,2) NOT NULL CHECK (budget >= 0),
    location    TEXT NOT NULL,
    head_id     INTEGER REFERENCES employees (id) ON DELETE SET NULL
);

CREATE TABLE employees (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    email         TEXT NOT NULL UNIQUE,
    title         TEXT NOT NULL,
    salary        DECIMAL(10,2) NOT NULL CHECK (salary > 0),
    department_id INTEGER NOT NULL REFERENCES departments (id) ON DELETE RESTRICT,
    manager_id    INTEGER REFERENCES employees (id) ON DELETE SET NULL,
    hired_on      DATE NOT NULL,
    active        BOOLEAN NOT NULL DEFAULT TRUE,
    phone         TEXT
);

CREATE TABLE customers (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    email        TEXT NOT NULL UNIQUE,
    region       TEXT NOT NULL CHECK (region IN ('emea', 'amer', 'apac')),
    city         TEXT NOT NULL,
    country      TEXT NOT NULL,
    credit_limit DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (credit_limit >= 0),
    vip          BOOLEAN NOT NULL DEFAULT FALSE,
    website      TEXT,
    notes        TEXT,
    created_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE products (
    id           INTEGER PRIMARY KEY,
    sku          VARCHAR(12) NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    category     TEXT NOT NULL,
    description  TEXT NOT NULL,
    price        DECIMAL(10,2) NOT NULL CHECK (price > 0),
    weight_kg    REAL,
    stock        INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
    discontinued BOOLEAN NOT NULL DEFAULT FALSE,
    released_on  DATE NOT NULL
);

CREATE TABLE orders (
    id          INTEGER PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    customer_id INTEGER NOT NULL REFERENCES customers (id) ON DELETE RESTRICT,
    employee_id INTEGER REFERENCES employees (id) ON DELETE SET NULL,
    status      TEXT NOT NULL DEFAULT 'draft'
                CHECK (status IN ('draft', 'pending', 'paid', 'shipped', 'delivered', 'cancelled')),
    placed_at   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ship_by     DATE,
    express     BOOLEAN NOT NULL DEFAULT FALSE,
    total       DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0),
    margin      DECIMAL(12,2),
    notes       TEXT
);

CREATE TABLE order_items (
    order_id   INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line_no    INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE RESTRICT,
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    unit_price DECIMAL(10,2) NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, line_no)
);

CREATE TABLE tags (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    colour VARCHAR(7) NOT NULL DEFAULT '#85887e'
);

CREATE TABLE product_tags (
    product_id INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
    tag_id     INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id)
);

CREATE TABLE documents (
    id          INTEGER PRIMARY KEY,
    title       TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    content     BLOB NOT NULL,
    size        INTEGER NOT NULL,
    uploaded_by INTEGER REFERENCES employees (id) ON DELETE SET NULL,
    uploaded_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    customer_id INTEGER REFERENCES customers (id) ON DELETE CASCADE
);

CREATE TABLE settings (
    key         TEXT NOT NULL PRIMARY KEY,
    value       JSON NOT NULL CHECK (json_valid(value)),
    enabled     BOOLEAN NOT NULL DEFAULT TRUE,
    valid_from  DATE,
    runs_at     TIME,
    token       UUID,
    description TEXT NOT NULL DEFAULT '',
    updated_at  TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE VIEW monthly_sales AS
SELECT strftime('%Y-%m', placed_at)                                  AS month,
       count(*)                                                      AS orders,
       count(DISTINCT customer_id)                                   AS customers,
       CAST(round(sum(total), 2) AS DECIMAL(14,2))                   AS revenue,
       CAST(round(avg(total), 2) AS DECIMAL(12,2))                   AS average_order
FROM orders
WHERE status NOT IN ('draft', 'cancelled')
GROUP BY 1;
