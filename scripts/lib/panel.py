"""Starts the panel and an identity provider of somebody else's, and signs people in."""
import contextlib
import json
import os
import sys
from urllib.parse import urljoin

import providers
from proc import ROOT, Child, Failed, free_port, run
from providers import CLIENT_ID, CLIENT_SECRET
from web import Browser

PEOPLE = ("alice", "bob", "carol", "dave")
EVERY_VERB = ["view", "create", "edit", "delete", "export", "history"]


def binary():
    """The panel: $BAILIWICK_BIN, else the release build, else the debug build."""
    named = os.environ.get("BAILIWICK_BIN")
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    tried = [named] if named else [f"{target}/{kind}/bailiwick" for kind in ("release", "debug")]
    for path in tried:
        if os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise Failed(f"no {' or '.join(tried)}: run `cargo build --release` first, or set BAILIWICK_BIN")


def toml(value):
    """A value in TOML; texts and lists of texts look the same in JSON."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def configuration(*, port, issuer, database, roles, more=""):
    """A bailiwick.toml. `roles` maps a role to its groups and its grants (dictionaries)."""
    lines = ["[server]", f'listen = "127.0.0.1:{port}"', f'public_url = "http://127.0.0.1:{port}"', "",
             "[database]", f"url = {toml(database)}", "",
             "[oidc]", f"issuer = {toml(issuer)}", f"client_id = {toml(CLIENT_ID)}",
             f"client_secret = {toml(CLIENT_SECRET)}",
             f"scopes = {toml(['openid', 'profile', 'email', 'groups'])}", ""]
    for name, (groups, grants) in roles.items():
        lines += [f"[roles.{name}]", f"groups = {toml(groups)}", ""]
        for grant in grants:
            lines += [f"[[roles.{name}.grants]]", *(f"{k} = {toml(v)}" for k, v in grant.items()), ""]
    return "\n".join(lines) + more


@contextlib.contextmanager
def served(database, roles, folder, kind=providers.OidcProvider, more="", **provider_options):
    """Starts a provider, and `bailiwick serve` with a file that names it and ends with `more`; yields a `Panel`."""
    program = binary()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with providers.started(kind, url, folder, **provider_options) as provider:
        file = folder / "bailiwick.toml"
        file.write_text(configuration(port=port, issuer=provider.issuer, database=database, roles=roles, more=more))
        file.chmod(0o600)
        run(program, "migrate", "--config", file)
        with Child("bailiwick serve", [program, "serve", "--config", file], folder / "panel.log") as child:
            child.wait_for_url(f"{url}/readyz")
            try:
                yield Panel(url, provider, file, child.proc.pid)
            except Failed:
                print(f"--- the end of the panel's log\n{child.output()[-4000:]}\n---", file=sys.stderr)
                raise
            if child.proc.poll() is not None:
                child.fail(f"died with {child.proc.returncode}")


class Panel:
    def __init__(self, url, provider, config, pid=None):
        self.url, self.provider, self.config, self.pid = url, provider, config, pid

    @property
    def issuer(self):
        return self.provider.issuer

    def at(self, path):
        return urljoin(self.url, path)

    def signed_in(self, person, path="/admin/"):
        """A browser in which `person` has signed in, and the page shown at the end."""
        browser = Browser()
        return browser, self.sign_in(browser, person, path)

    def sign_in(self, browser, person, path="/admin/"):
        shown = browser.open(self.at(path))
        if not shown.url.startswith(self.issuer):
            raise Failed(f"{path} led to {shown}, not to the provider at {self.issuer}")
        shown = self.provider.sign_in(browser, shown.expect(200), person)
        if not shown.url.startswith(self.url):
            raise Failed(f"sign-in of {person} ended at {shown}: {shown.page().text[:400]}")
        return shown
