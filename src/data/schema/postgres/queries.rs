//! The statements that read PostgreSQL's system catalogs; `$1` is the list of schemas.

/// The tables whose rows may be deleted or changed along with a row of the listed schemas. These
/// have foreign keys to them, at any depth and in any schema. A row of a partition or inheriting
/// table is also a row of the tables above it.
macro_rules! pointing {
    () => {
        "WITH RECURSIVE reached (id) AS ( \
         SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') \
         UNION SELECT e.id FROM reached AS r JOIN ( \
         SELECT confrelid AS of, conrelid AS id FROM pg_constraint \
         WHERE contype = 'f' AND conparentid = 0 \
         UNION ALL SELECT inhparent, inhrelid FROM pg_inherits) AS e ON e.of = r.id), \
         pointing (id) AS (SELECT k.conrelid FROM pg_constraint AS k \
         WHERE k.contype = 'f' AND k.conparentid = 0 \
         AND k.confrelid IN (SELECT id FROM reached)) "
    };
}

/// Tables, views and similar relations, without partitions and tables of extensions. Those are
/// included, but not listed, if their foreign keys lead to a listed table.
pub(super) const TABLES: &str = concat!(
    pointing!(),
    "\
    SELECT c.oid AS id, n.nspname::text AS schema_name, c.relname::text AS name, \
    c.relkind::text AS kind, COALESCE(obj_description(c.oid, 'pg_class'), '') AS comment, \
    has_any_column_privilege(c.oid, 'INSERT') AS inserts, \
    has_any_column_privilege(c.oid, 'UPDATE') AS updates, \
    has_table_privilege(c.oid, 'DELETE') AS deletes, \
    (n.nspname = ANY($1) AND NOT c.relispartition AND has_schema_privilege(n.oid, 'USAGE') \
    AND has_any_column_privilege(c.oid, 'SELECT') \
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass \
    AND d.objid = c.oid AND d.deptype = 'e')) AS listed, \
    CASE c.relkind WHEN 'p' THEN (SELECT CASE WHEN min(l.reltuples) >= 0 \
    THEN sum(l.reltuples::float8) END FROM pg_partition_tree(c.oid) AS p \
    JOIN pg_class AS l ON l.oid = p.relid WHERE p.isleaf) \
    ELSE CASE WHEN c.reltuples > 0 OR c.relpages > 0 THEN c.reltuples::float8 END END AS estimate \
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (c.oid IN (SELECT id FROM pointing) \
    OR n.nspname = ANY($1) AND NOT c.relispartition AND has_schema_privilege(n.oid, 'USAGE') \
    AND has_any_column_privilege(c.oid, 'SELECT') \
    AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass \
    AND d.objid = c.oid AND d.deptype = 'e')) \
    ORDER BY n.nspname, c.relname"
);

/// Domains are resolved to their base type. A type outside `pg_catalog` is qualified even if the
/// search path would find it.
pub(super) const COLUMNS: &str = concat!(
    pointing!(),
    "\
    , made_of (declared, type, modifier, required) AS ( \
    SELECT t.oid, t.typbasetype, t.typtypmod, t.typnotnull FROM pg_type AS t \
    WHERE t.typtype = 'd' \
    UNION ALL SELECT m.declared, t.typbasetype, \
    CASE WHEN m.modifier = -1 THEN t.typtypmod ELSE m.modifier END, m.required OR t.typnotnull \
    FROM made_of AS m JOIN pg_type AS t ON t.oid = m.type AND t.typtype = 'd') \
    SELECT a.attrelid AS table_id, a.attname::text AS name, \
    CASE WHEN bn.nspname <> 'pg_catalog' AND pg_type_is_visible(COALESCE(e.oid, b.oid)) \
    THEN quote_ident(bn.nspname) || '.' ELSE '' END || format_type(b.oid, -1) AS sql_type, \
    b.typname::text AS base_type, b.typtype::text AS type_kind, \
    bn.nspname = 'pg_catalog' AS built_in, a.atttypid AS declared, \
    CASE WHEN a.atttypmod <> -1 THEN a.atttypmod ELSE COALESCE(m.modifier, -1) END AS modifier, \
    NOT (a.attnotnull OR COALESCE(m.required, false)) AS nullable, \
    CASE WHEN a.attgenerated = '' \
    THEN COALESCE(pg_get_expr(d.adbin, d.adrelid), t.typdefault) END AS default_value, \
    a.attidentity::text AS identity, a.attgenerated::text AS computed, \
    COALESCE(col_description(a.attrelid, a.attnum), '') AS comment, \
    ARRAY(SELECT l.enumlabel::text FROM pg_enum AS l WHERE l.enumtypid = b.oid \
    ORDER BY l.enumsortorder) AS labels, \
    has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS inserts, \
    has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS updates \
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    JOIN pg_type AS t ON t.oid = a.atttypid \
    LEFT JOIN made_of AS m ON m.declared = a.atttypid \
    JOIN pg_type AS b ON b.oid = COALESCE(m.type, a.atttypid) AND b.typtype <> 'd' \
    JOIN pg_namespace AS bn ON bn.oid = b.typnamespace \
    LEFT JOIN pg_type AS e ON e.oid = b.typelem AND b.typcategory = 'A' \
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (c.oid IN (SELECT id FROM pointing) \
    OR n.nspname = ANY($1) AND NOT c.relispartition) AND a.attnum > 0 AND NOT a.attisdropped \
    AND has_schema_privilege(n.oid, 'USAGE') \
    AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') \
    ORDER BY a.attrelid, a.attnum"
);

/// Keys and unique indexes, without included columns.
pub(super) const INDEXES: &str = concat!(
    pointing!(),
    "\
    SELECT i.indrelid AS table_id, i.indisprimary AS is_key, \
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.num \
    WHERE k.pos <= i.indnkeyatts ORDER BY k.pos) AS columns \
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE (c.oid IN (SELECT id FROM pointing) OR n.nspname = ANY($1)) AND i.indisunique \
    AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL \
    ORDER BY i.indrelid, i.indexrelid"
);

/// Foreign keys, without the copies that partitions have. One that points at a partition or
/// inheriting table is returned for each table above it too. A collation is returned if it differs
/// between the two columns.
pub(super) const FOREIGN_KEYS: &str = concat!(
    pointing!(),
    "\
    , above (id, of) AS (SELECT id, id FROM reached \
    UNION SELECT a.id, i.inhparent FROM above AS a JOIN pg_inherits AS i ON i.inhrelid = a.of) \
    SELECT k.conrelid AS table_id, k.confdeltype::text AS on_delete, \
    k.confupdtype::text AS on_update, c.relkind = 'r' AS only, \
    has_any_column_privilege(c.oid, 'UPDATE') AS lockable, \
    tn.nspname::text AS target_schema, tc.relname::text AS target_table, \
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num \
    ORDER BY u.pos) AS columns, \
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (num, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.num \
    ORDER BY u.pos) AS target_columns, \
    ARRAY(SELECT ln.nspname::text FROM unnest(k.conkey, k.confkey) \
    WITH ORDINALITY AS u (num, target, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num \
    JOIN pg_attribute AS t ON t.attrelid = k.confrelid AND t.attnum = u.target \
    LEFT JOIN pg_collation AS l ON l.oid = t.attcollation AND t.attcollation <> a.attcollation \
    LEFT JOIN pg_namespace AS ln ON ln.oid = l.collnamespace ORDER BY u.pos) AS collation_schemas, \
    ARRAY(SELECT l.collname::text FROM unnest(k.conkey, k.confkey) \
    WITH ORDINALITY AS u (num, target, pos) \
    JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num \
    JOIN pg_attribute AS t ON t.attrelid = k.confrelid AND t.attnum = u.target \
    LEFT JOIN pg_collation AS l ON l.oid = t.attcollation AND t.attcollation <> a.attcollation \
    ORDER BY u.pos) AS collations \
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid \
    JOIN above AS up ON up.id = k.confrelid \
    JOIN pg_class AS tc ON tc.oid = up.of \
    JOIN pg_namespace AS tn ON tn.oid = tc.relnamespace \
    WHERE k.contype = 'f' AND k.conparentid = 0 \
    ORDER BY k.conrelid, k.conname, tc.oid"
);

/// Checks on one column, and those of domains.
pub(super) const CHECKS: &str = "\
    SELECT k.conrelid AS table_id, k.contypid AS type_id, \
    (SELECT a.attname::text FROM pg_attribute AS a \
    WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]) AS column_name, \
    pg_get_constraintdef(k.oid) AS definition \
    FROM pg_constraint AS k LEFT JOIN pg_class AS c ON c.oid = k.conrelid \
    LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE k.contype = 'c' AND (k.contypid <> 0 \
    OR (n.nspname = ANY($1) AND array_length(k.conkey, 1) = 1)) \
    ORDER BY k.oid";
