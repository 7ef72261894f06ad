"""Reads the database directly, without the panel, the same way for SQLite and PostgreSQL."""
import json
import sqlite3
from urllib.parse import urlsplit, urlunsplit

import services
from proc import Failed


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def by(names):
    return ", ".join(map(quoted, names))


class Sqlite:
    kind = "sqlite"

    def __init__(self, path):
        self.path = str(path)

    def _all(self, sql, *values):
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=20)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def tables(self):
        """Ordinary tables, without the database's own and without the tables of a full-text index."""
        made = self._all("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
                         "ESCAPE '\\'")
        virtual = [name for name, sql in made if sql.upper().startswith("CREATE VIRTUAL")]
        return sorted(name for name, _ in made
                      if not any(name == v or name.startswith(v + "_") for v in virtual))

    def columns(self, table):
        return [c[0] for c in self._all("SELECT name FROM pragma_table_info(?)", table)]

    def key(self, table):
        return [c[0] for c in self._all("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table)]

    def rows(self, table):
        """Every row as a dictionary, in an order that does not depend on what was changed."""
        names = self.columns(table)
        order = by(self.key(table)) or "rowid"
        return [dict(zip(names, r)) for r in self._all(f"SELECT * FROM {quoted(table)} ORDER BY {order}")]


class Postgres:
    kind = "postgres"

    def __init__(self, url):
        self.url = url

    def _all(self, sql, **values):
        options = [f"--set={k}={v}" for k, v in values.items()]
        # not splitlines(): a value may hold a character that Unicode treats as a line end
        return [line for line in services.psql(self.url, sql, *options).split("\n") if line]

    def tables(self):
        return sorted(self._all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))

    def _catalog(self, select, table):
        name = quoted(table).replace("'", "''")
        return self._all(f"SELECT a.attname FROM {select} AND a.attrelid = '{name}'::regclass ORDER BY a.attnum")

    def columns(self, table):
        return self._catalog("pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped", table)

    def key(self, table):
        return self._catalog("pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid "
                             "AND a.attnum = ANY (i.indkey) WHERE i.indisprimary", table)

    def rows(self, table):
        order = by(self.key(table)) or "_row::text"
        # as text: as Python floats, a number that lost digits could look the same
        return [json.loads(line, parse_float=str) for line in
                self._all(f"SELECT row_to_json(_row) FROM {quoted(table)} _row ORDER BY {order}")]


def beside(maintenance_url, name):
    """The URL of another database of the same cluster."""
    return urlunsplit(urlsplit(maintenance_url)._replace(path=f"/{name}"))


def create(maintenance_url, name):
    services.psql(maintenance_url, f"CREATE DATABASE {quoted(name)}")
    return beside(maintenance_url, name)


def drop(maintenance_url, name):
    services.psql(maintenance_url, f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")


def difference(before, after):
    """Columns in which two lists of rows differ, as {(row number, column)}."""
    if len(before) != len(after):
        raise Failed(f"there were {len(before)} rows and are {len(after)}")
    return {(n, c) for n, (a, b) in enumerate(zip(before, after)) for c in a if a[c] != b.get(c)}
