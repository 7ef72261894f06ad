-- The sample company in MariaDB's own types.
CREATE TABLE departments (
    id          INT AUTO_INCREMENT PRIMARY KEY,
    name        VARCHAR(200) NOT NULL UNIQUE,
    code        VARCHAR(4) NOT NULL UNIQUE,
    budget      DECIMAL(14,2) NOT NULL CHECK (budget >= 0),
    location    VARCHAR(200) NOT NULL,
    head_id     INT
);

CREATE TABLE employees (
    id            INT AUTO_INCREMENT PRIMARY KEY,
    name          VARCHAR(200) NOT NULL,
    email         VARCHAR(200) NOT NULL UNIQUE,
    title         VARCHAR(200) NOT NULL,
    salary        DECIMAL(10,2) NOT NULL CHECK (salary > 0),
    department_id INT NOT NULL,
    manager_id    INT,
    hired_on      DATE NOT NULL,
    active        BOOLEAN NOT NULL DEFAULT true,
    phone         TEXT,
    FOREIGN KEY (department_id) REFERENCES departments (id) ON DELETE RESTRICT,
    FOREIGN KEY (manager_id) REFERENCES employees (id) ON DELETE SET NULL
);
ALTER TABLE departments ADD FOREIGN KEY (head_id) REFERENCES employees (id) ON DELETE SET NULL;

CREATE TABLE customers (
    id           BIGINT AUTO_INCREMENT PRIMARY KEY,
    name         VARCHAR(200) NOT NULL,
    email        VARCHAR(200) NOT NULL UNIQUE,
    region       VARCHAR(20) NOT NULL CHECK (region IN ('emea', 'amer', 'apac')),
    city         TEXT NOT NULL,
    country      TEXT NOT NULL,
    credit_limit DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (credit_limit >= 0),
    vip          BOOLEAN NOT NULL DEFAULT false,
    website      TEXT,
    notes        TEXT,
    created_at   TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY (name), KEY (region)
);

CREATE TABLE products (
    id           INT AUTO_INCREMENT PRIMARY KEY,
    sku          VARCHAR(12) NOT NULL UNIQUE,
    name         VARCHAR(200) NOT NULL,
    category     TEXT NOT NULL,
    description  TEXT NOT NULL,
    price        DECIMAL(10,2) NOT NULL CHECK (price > 0),
    weight_kg    DOUBLE,
    stock        INT NOT NULL DEFAULT 0 CHECK (stock >= 0),
    discontinued BOOLEAN NOT NULL DEFAULT false,
    released_on  DATE NOT NULL,
    KEY (name)
);

CREATE TABLE orders (
    id          BIGINT AUTO_INCREMENT PRIMARY KEY,
    number      VARCHAR(200) NOT NULL UNIQUE,
    customer_id BIGINT NOT NULL,
    employee_id INT,
    status      ENUM('draft', 'pending', 'paid', 'shipped', 'delivered', 'cancelled') NOT NULL DEFAULT 'draft',
    placed_at   DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    ship_by     DATE,
    express     BOOLEAN NOT NULL DEFAULT false,
    total       DECIMAL(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0),
    margin      DECIMAL(12,2),
    notes       TEXT,
    KEY (placed_at), KEY (status),
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE RESTRICT,
    FOREIGN KEY (employee_id) REFERENCES employees (id) ON DELETE SET NULL
);

CREATE TABLE order_items (
    order_id   BIGINT NOT NULL,
    line_no    INT NOT NULL,
    product_id INT NOT NULL,
    quantity   INT NOT NULL CHECK (quantity > 0),
    unit_price DECIMAL(10,2) NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, line_no),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
    FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE RESTRICT
);

CREATE TABLE tags (
    id     SMALLINT AUTO_INCREMENT PRIMARY KEY,
    name   VARCHAR(200) NOT NULL UNIQUE,
    colour VARCHAR(7) NOT NULL DEFAULT '#85887e'
);

CREATE TABLE product_tags (
    product_id INT NOT NULL,
    tag_id     SMALLINT NOT NULL,
    PRIMARY KEY (product_id, tag_id),
    FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
    FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE
);

CREATE TABLE documents (
    id          INT AUTO_INCREMENT PRIMARY KEY,
    title       TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    content     LONGBLOB NOT NULL,
    size        INT NOT NULL,
    uploaded_by INT,
    uploaded_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    customer_id BIGINT,
    FOREIGN KEY (uploaded_by) REFERENCES employees (id) ON DELETE SET NULL,
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE
);

CREATE TABLE settings (
    `key`       VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL PRIMARY KEY,
    value       JSON NOT NULL,
    enabled     BOOLEAN NOT NULL DEFAULT true,
    valid_from  DATE,
    runs_at     TIME,
    token       UUID,
    description TEXT NOT NULL DEFAULT '',
    updated_at  TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
);

CREATE VIEW monthly_sales AS
SELECT DATE_FORMAT(placed_at, '%Y-%m')             AS month,
       count(*)                                    AS orders,
       count(DISTINCT customer_id)                 AS customers,
       CAST(round(sum(total), 2) AS DECIMAL(14,2)) AS revenue,
       CAST(round(avg(total), 2) AS DECIMAL(12,2)) AS average_order
FROM orders
WHERE status NOT IN ('draft', 'cancelled')
GROUP BY 1;
