-- Every foreign key has an index or is the first column of a key, and so do the columns that lists sort by.
CREATE INDEX departments_head_id ON departments (head_id);
CREATE INDEX employees_department_id ON employees (department_id);
CREATE INDEX employees_manager_id ON employees (manager_id);
CREATE INDEX customers_name ON customers (name);
CREATE INDEX customers_region ON customers (region);
CREATE INDEX products_name ON products (name);
CREATE INDEX orders_customer_id ON orders (customer_id);
CREATE INDEX orders_employee_id ON orders (employee_id);
CREATE INDEX orders_placed_at ON orders (placed_at);
CREATE INDEX orders_status ON orders (status);
CREATE INDEX order_items_product_id ON order_items (product_id);
CREATE INDEX product_tags_tag_id ON product_tags (tag_id);
CREATE INDEX documents_uploaded_by ON documents (uploaded_by);
CREATE INDEX documents_customer_id ON documents (customer_id);
