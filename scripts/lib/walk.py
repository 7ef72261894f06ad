"""Opens every page the panel has for a database that another project designed, and looks for errors."""
import csv
import io
import re
from urllib.parse import quote, urljoin, urlsplit

from database import difference
from proc import Failed

JSON = "application/json"
# internal words that no page should ever show
LEAKS = re.compile(r"Traceback \(most recent|panicked at|thread '\w+'|no such (?:column|table)|syntax error (?:at|near)"
                   r"|SQLSTATE|SqliteFailure|DatabaseErrorInformation|diesel::|tera::|r2d2|current transaction is aborted"
                   r"|operator does not exist|violates .* constraint|Caused by:")
# a page's title in the sample site, which must always be shown escaped
UNESCAPED = "<script>alert(1)</script>"
OUR_OWN = "bailiwick_"


class Walk:
    def __init__(self, panel, browser, database):
        self.panel, self.browser, self.db = panel, browser, database
        self.failures, self.requests, self.done = [], 0, []

    # -- asking ------------------------------------------------------------
    def get(self, path, *wanted, accept="text/html"):
        """A page, or None if it failed; the failure is recorded."""
        answer = self.browser.get(self.panel.at(path), accept=accept)
        return answer if self.judge(answer, wanted or (200,)) else None

    def judge(self, answer, wanted):
        self.requests += 1
        at = answer.url.removeprefix(self.panel.url)
        kind = answer.headers.get_content_type()
        if answer.status not in wanted:
            said = answer.page().text if kind == "text/html" else answer.text
            return self.wrong(f"{answer.method} {at}: {answer.status}, expected {' or '.join(map(str, wanted))}: {said[:200]}")
        leak = LEAKS.search(answer.text)
        if leak:
            return self.wrong(f"{answer.method} {at} shows {leak.group()!r}")
        if kind == "text/html" and UNESCAPED in answer.text:
            return self.wrong(f"{answer.method} {at} shows a value unescaped")
        return True

    def wrong(self, message):
        self.failures.append(message)
        print(f"  FAILED {message}", flush=True)
        return False

    # -- every page --------------------------------------------------------
    def resources(self):
        """Every resource that the home page links to."""
        home = self.browser.get(self.panel.at("/admin/")).expect(200)
        found = []
        for link in home.page().links:
            path = urlsplit(urljoin(home.url, link)).path
            name = re.fullmatch(r"/admin/data/([^/]+)/?", path)
            if name and name.group(1) not in found:
                found.append(name.group(1))
        return found

    def everything(self):
        names = self.resources()
        tables = [t for t in self.db.tables() if not t.startswith(OUR_OWN)]
        for table in tables:
            if table not in names:
                self.wrong(f"the home page has no link to {table}")
        for name in names:
            try:
                self.resource(name, tables)
            except Failed as error:  # not even a form or JSON where one was due: on with the next
                self.wrong(f"{name}: {error}")
        print(f"{len(names)} resources, {self.requests} requests, {len(self.failures)} failures", flush=True)

    def resource(self, name, tables):
        before, base = len(self.failures), f"/admin/data/{name}"
        self.done = []
        table = name if name in tables else None
        keyed = table is not None and bool(self.db.key(table))
        listed = self.get(base)
        page = self.get(base, accept=JSON)
        self.done.append("list")
        rows = self.listed_rows(base, table, page)
        if listed is not None:
            self.one_row(base, table, keyed, listed, rows)
        refused = () if keyed else (403, 404, 405)
        if self.get(f"{base}/new", 200, *refused):
            self.done.append("new")
        self.lookup(base)
        self.export(base, table)
        self.columns(base, self.db.columns(table) if table else list(rows[0]) if rows else [])
        verdict = "ok" if len(self.failures) == before else f"{len(self.failures) - before} FAILED"
        print(f"{name:42} {len(rows):3} rows shown  {' '.join(self.done):60} {verdict}", flush=True)

    def listed_rows(self, base, table, answer):
        if answer is None:
            return []
        body = answer.json()
        if not isinstance(body.get("rows"), list) or "next" not in body or "kind" not in (body.get("count") or {}):
            self.wrong(f"{base} as JSON lacks rows, next or count: {sorted(body)}")
            return []
        if table and bool(body["rows"]) != bool(self.db.rows(table)):
            self.wrong(f"{base} as JSON shows {len(body['rows'])} rows of {len(self.db.rows(table))}")
        return body["rows"]

    def one_row(self, base, table, keyed, listed, rows):
        shape = re.compile(re.escape(quote(base)) + r"/row/[^/]+")
        paths = [urlsplit(urljoin(listed.url, link)).path for link in listed.page().links]
        links = [p for p in paths if shape.fullmatch(p)]
        if not links:
            if rows and keyed:
                self.wrong(f"{base} has rows but no link to one")
            return
        row = links[0]
        self.get(row)
        shown = self.get(row, accept=JSON)
        if shown is not None and table:
            missing = set(self.db.columns(table)) - set(shown.json().get("row", {}))
            if missing:
                self.wrong(f"{row} as JSON lacks {', '.join(sorted(missing))}")
        self.done.append("detail")
        refused = () if keyed else (403, 404, 405)
        for part in ("history", "delete"):
            if self.get(f"{row}/{part}", 200, *refused):
                self.done.append(part)
        form = self.get(f"{row}/edit", 200, *refused)
        if form is not None and form.status == 200:
            self.done.append("edit")
            self.save_as_it_is(form, table)

    def save_as_it_is(self, shown, table):
        """Opening a form and saving it must change nothing, whatever the columns' types."""
        before = self.db.rows(table)
        form = shown.page().form("csrf_token", "row_digest")
        answer = self.browser.submit(shown, form)
        if self.judge(answer, (200, 303)):
            changed = difference(before, self.db.rows(table))
            if changed:
                self.wrong(f"{shown.path} saved as it was changed {sorted({c for _, c in changed})}")
            self.done.append("save")

    def lookup(self, base):
        found = self.get(f"{base}/lookup?q=a", accept=JSON)
        if found is not None:
            items = found.json().get("items")
            if not isinstance(items, list) or any({"key", "label"} - set(i) for i in items):
                self.wrong(f"{base}/lookup?q=a: not a list of keys and labels: {found.text[:200]}")
            self.done.append("lookup")

    def export(self, base, table):
        got = self.get(f"{base}/export.csv")
        if got is None:
            return
        csv.field_size_limit(1 << 26)
        lines = list(csv.reader(io.StringIO(got.text, newline="")))
        if not lines or len({len(line) for line in lines}) != 1:
            self.wrong(f"{base}/export.csv is not one table")
        elif table and len(lines) - 1 != len(self.db.rows(table)):
            self.wrong(f"{base}/export.csv has {len(lines) - 1} rows of {len(self.db.rows(table))}")
        self.done.append("export")

    def columns(self, base, names):
        """Every column works as order and as filter, or is refused with a 400."""
        self.get(f"{base}?q=a")
        for column in names:
            name = quote(column)
            for query in (f"sort={name}", f"sort=-{name}&size=1", f"f.{name}=null", f"f.{name}=notnull",
                          f"f.{name}=contains:a", f"f.{name}=eq:1"):
                self.get(f"{base}?{query}", 200, 400, accept=JSON)

    # -- one complete edit ---------------------------------------------------
    def edit(self, table, key, **changes):
        """Changes a row through its form and reads it from the database; then sends the outdated form again."""
        path = f"/admin/data/{table}/row/{key}/edit"
        shown = self.browser.get(self.panel.at(path)).expect(200)
        form = shown.page().form("csrf_token", "row_digest", *changes)
        before = self.db.rows(table)
        self.browser.submit(shown, form, form.changed(**changes)).expect(303)
        after = self.db.rows(table)
        changed = {c for _, c in difference(before, after)}
        if changed != set(changes) or len(difference(before, after)) != len(changes):
            raise Failed(f"{path} changed {sorted(changed)}, expected {sorted(changes)}")
        row = next(r for r in after if str(r[self.db.key(table)[0]]) == str(key))
        if any(row[c] != v for c, v in changes.items()):
            raise Failed(f"{path}: the database has {[row[c] for c in changes]}, expected {list(changes.values())}")
        late = self.browser.submit(shown, form, form.changed(**{c: f"{v}, too late" for c, v in changes.items()}))
        late.expect(409)
        if difference(after, self.db.rows(table)):
            raise Failed(f"{path}: a form that was out of date was saved all the same")
        past = self.browser.get(self.panel.at(f"/admin/data/{table}/row/{key}/history")).expect(200)
        if not all(str(v) in past.page().text for v in changes.values()):
            raise Failed(f"{past.path} does not show the change")
        print(f"edit of {table} {key}: {', '.join(changes)} changed and nothing else; the same form again: 409")
