"""A small HTTP client that handles cookies, redirects and forms like a browser. Standard library only."""
import html
import http.client
import json
import re
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from proc import Failed

SKIPPED_INPUTS = {"submit", "button", "image", "file", "reset"}


class Form:
    """One form of a page: where it is sent, and what a browser would send if nothing is changed."""

    def __init__(self, attrs):
        self.id = attrs.get("id")
        self.action = attrs.get("action") or ""
        self.method = (attrs.get("method") or "get").lower()
        self.fields = []   # (name, value), in document order
        self.kinds = {}    # name -> input type, "textarea" or "select"
        self.buttons = []  # (name, value)
        self.files = False

    def values(self):
        return dict(self.fields)

    def changed(self, **changes):
        """The fields with some values replaced; a missing field is an error."""
        missing = [k for k in changes if k not in self.values()]
        if missing:
            raise Failed(f"the form has no field {', '.join(missing)}; it has {', '.join(self.values())}")
        return [(k, changes.get(k, v)) for k, v in self.fields]


# A page that redirects by itself, as the panel's does after a form that ends at another host.
REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)"')


class Page(HTMLParser):
    """Forms, links and text of a document."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.forms, self.links, self.words = [], [], []
        self._open, self._parts, self._late = [], {}, []
        self._select = self._textarea = self._option = None
        self._silent = 0
        self.feed(html)
        self.close()
        for form_id, part in self._late:
            for form in self.forms:
                if form.id == form_id:
                    part(form)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def form(self, *names, method="post"):
        """The form that has all these fields."""
        for form in self.forms:
            there = {n for n, _ in form.fields + form.buttons}
            if form.method == method and there.issuperset(names):
                return form
        raise Failed(f"no {method} form with {', '.join(names) or 'anything'} in: {self.text[:400]}")

    def form_to(self, path):
        """The form that is sent to this path."""
        for form in self.forms:
            if urlsplit(form.action).path == path:
                return form
        raise Failed(f"no form that goes to {path} in: {self.text[:400]}")

    def _into_form(self, attrs, part):
        if attrs.get("form"):
            self._late.append((attrs["form"], part))
        elif self._open:
            part(self._open[-1])

    def handle_starttag(self, tag, attrs):
        a = {k: (v if v is not None else "") for k, v in attrs}
        if tag in ("script", "style", "template"):
            self._silent += 1
        elif tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag == "form":
            self._open.append(Form(a))
            self.forms.append(self._open[-1])
        elif tag in ("input", "button"):
            self._control(tag, a)
        elif tag == "textarea":
            self._textarea = (a, [])
        elif tag == "select":
            self._select = (a, [])
        elif tag == "option" and self._select:
            self._option = [a, []]
            self._select[1].append(self._option)

    handle_startendtag = handle_starttag

    def _control(self, tag, a):
        kind = (a.get("type") or ("submit" if tag == "button" else "text")).lower()
        name, value = a.get("name"), a.get("value", "on" if kind in ("checkbox", "radio") else "")
        if not name or "disabled" in a:
            return
        if kind in ("submit", "image"):
            self._into_form(a, lambda f: f.buttons.append((name, value)))
        elif kind == "file":
            self._into_form(a, lambda f: setattr(f, "files", True))
        elif kind not in SKIPPED_INPUTS and (kind not in ("checkbox", "radio") or "checked" in a):
            self._into_form(a, lambda f: (f.fields.append((name, value)), f.kinds.setdefault(name, kind)))

    def handle_endtag(self, tag):
        if tag in ("script", "style", "template"):
            self._silent = max(0, self._silent - 1)
        elif tag == "form" and self._open:
            self._open.pop()
        elif tag == "option":
            self._option = None
        elif tag == "textarea" and self._textarea:
            a, text = self._textarea
            self._textarea = None
            value = "".join(text).removeprefix("\n")
            self._add(a, "textarea", [value])
        elif tag == "select" and self._select:
            a, options = self._select
            self._select = self._option = None
            chosen = [o for o in options if "selected" in o[0]]
            if not chosen and "multiple" not in a:
                chosen = options[:1]
            self._add(a, "select", [o[0].get("value", "".join(o[1]).strip()) for o in chosen])

    def _add(self, a, kind, values):
        name = a.get("name")
        if name and "disabled" not in a:
            self._into_form(a, lambda f: (f.fields.extend((name, v) for v in values),
                                          f.kinds.setdefault(name, kind)))

    def handle_data(self, data):
        if self._textarea:
            self._textarea[1].append(data)
        elif self._option:
            self._option[1].append(data)
        elif not self._silent:
            self.words.append(data)


class Answer:
    def __init__(self, method, url, response, body):
        self.method, self.url, self.status, self.headers = method, url, response.status, response.headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def location(self):
        return urljoin(self.url, self.headers.get("Location", ""))

    @property
    def path(self):
        return urlsplit(self.url).path

    def page(self):
        return Page(self.text)

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Failed(f"{self} is not JSON ({error}): {self.text[:300]}") from error

    def expect(self, *statuses):
        if self.status not in statuses:
            raise Failed(f"{self}, expected {' or '.join(map(str, statuses))}: {self.page().text[:600]}")
        return self

    def __str__(self):
        return f"{self.method} {self.url} -> {self.status}"


class Browser:
    """Cookies are kept by host and path, as a browser does: ports of one host share them."""

    def __init__(self):
        self.cookies = {}  # (host, path, name) -> value

    def _cookie_header(self, host, path):
        def reaches(prefix):
            return path == prefix or path.startswith(prefix if prefix.endswith("/") else prefix + "/")
        return "; ".join(f"{name}={value}" for (h, p, name), value in self.cookies.items()
                         if h == host and reaches(p))

    def _keep_cookies(self, host, path, response):
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                key = (host, morsel["path"] or path.rsplit("/", 1)[0] or "/", name)
                gone = morsel["max-age"] == "0" or "1970" in morsel["expires"] or not morsel.value
                self.cookies.pop(key, None)
                if not gone:
                    self.cookies[key] = morsel.value

    def request(self, method, url, *, fields=None, accept="text/html", headers=None, timeout=60):
        """One request, no redirects followed. A fragment is never sent."""
        at = urlsplit(url)
        path = at.path or "/"
        send = {"Accept": accept, "User-Agent": "bailiwick-scripts", "Connection": "close", **(headers or {})}
        cookies = self._cookie_header(at.hostname, path)
        if cookies:
            send["Cookie"] = cookies
        body = None
        if fields is not None:
            body = urlencode(fields)
            send["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=timeout)
        try:
            connection.request(method, path + (f"?{at.query}" if at.query else ""), body, send)
            response = connection.getresponse()
            answer = Answer(method, url, response, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"{method} {url}: {error!r}") from error
        finally:
            connection.close()
        self._keep_cookies(at.hostname, path, response)
        return answer

    def get(self, url, **kw):
        return self.request("GET", url, **kw)

    def post(self, url, fields, **kw):
        return self.request("POST", url, fields=list(fields.items()) if isinstance(fields, dict) else fields, **kw)

    def follow(self, answer, most=15):
        """Follows redirects to the first page that is not one."""
        for _ in range(most):
            if answer.status in (301, 302, 303, 307, 308):
                answer = self.get(answer.location)
                continue
            onward = REFRESH.search(answer.text) if answer.status == 200 else None
            if onward is None:
                return answer
            answer = self.get(urljoin(answer.url, html.unescape(onward[1])))
        raise Failed(f"more than {most} redirects, the last to {answer.url}")

    def open(self, url, **kw):
        return self.follow(self.get(url, **kw))

    def submit(self, answer, form, fields=None, button=None):
        """Sends a form of the given page."""
        send = list(form.fields if fields is None else fields) + ([button] if button else [])
        # as a browser does: every line end leaves it as CR LF
        send = [(k, v.replace("\r\n", "\n").replace("\n", "\r\n")) for k, v in send]
        url = urljoin(answer.url, form.action) if form.action else answer.url
        if form.method == "get":
            return self.get(f"{url.split('?')[0]}?{urlencode(send)}")
        page = urlsplit(answer.url)
        origin = f"{page.scheme}://{page.netloc}"
        site = "same-origin" if url.startswith(origin + "/") else "same-site"
        return self.post(url, send, headers={"Origin": origin, "Sec-Fetch-Site": site, "Referer": answer.url})
