//! The statements that read `information_schema`; `{schemas}` stands for the databases to show.

pub(super) const TABLES: &str = "\
    SELECT table_schema AS schema_name, table_name AS name, table_type AS kind, \
    COALESCE(table_comment, '') AS comment, CAST(table_rows AS SIGNED) AS estimate \
    FROM information_schema.tables \
    WHERE table_schema IN ({schemas}) \
    AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') \
    ORDER BY table_schema, table_name";

pub(super) const COLUMNS: &str = "\
    SELECT table_schema AS schema_name, table_name AS table_name, column_name AS name, \
    CAST(column_type AS CHAR) AS column_type, is_nullable AS nullable, \
    CAST(column_default AS CHAR) AS default_value, \
    COALESCE(extra, '') AS extra, CAST(privileges AS CHAR) AS privileges, CAST(column_comment AS CHAR) AS comment \
    FROM information_schema.columns WHERE table_schema IN ({schemas}) \
    ORDER BY table_schema, table_name, ordinal_position";

/// Unique indexes, including the primary key.
pub(super) const INDEXES: &str = "\
    SELECT table_schema AS schema_name, table_name AS table_name, index_name AS index_name, \
    column_name AS column_name, CAST(sub_part AS SIGNED) AS prefix \
    FROM information_schema.statistics WHERE table_schema IN ({schemas}) AND non_unique = 0 \
    ORDER BY table_schema, table_name, index_name, seq_in_index";

/// All foreign keys, column by column; their targets may be in any database.
pub(super) const KEY_COLUMNS: &str = "\
    SELECT table_schema AS schema_name, table_name AS table_name, \
    constraint_name AS constraint_name, column_name AS column_name, \
    referenced_table_schema AS target_schema, referenced_table_name AS target_table, \
    referenced_column_name AS target_column \
    FROM information_schema.key_column_usage \
    WHERE referenced_table_name IS NOT NULL \
    ORDER BY table_schema, table_name, constraint_name, ordinal_position";

/// The actions of foreign keys when the referenced row is deleted or changed.
pub(super) const RULES: &str = "\
    SELECT constraint_schema AS schema_name, table_name AS table_name, \
    constraint_name AS constraint_name, delete_rule AS delete_rule, \
    update_rule AS update_rule \
    FROM information_schema.referential_constraints WHERE constraint_schema IN ({schemas})";

/// On MariaDB, names of checks are unique only within a table.
pub(super) const MARIADB_CHECKS: &str = "\
    SELECT constraint_schema AS schema_name, table_name AS table_name, \
    CAST(check_clause AS CHAR) AS clause \
    FROM information_schema.check_constraints WHERE constraint_schema IN ({schemas})";

/// On MySQL, names of checks are unique within a database.
pub(super) const MYSQL_CHECKS: &str = "\
    SELECT c.constraint_schema AS schema_name, t.table_name AS table_name, \
    CAST(c.check_clause AS CHAR) AS clause \
    FROM information_schema.check_constraints AS c \
    JOIN information_schema.table_constraints AS t \
    ON t.constraint_schema = c.constraint_schema AND t.constraint_name = c.constraint_name \
    WHERE c.constraint_schema IN ({schemas})";
