"""Starts the panel and a foreign identity provider beside it, and signs people in."""
import contextlib
import json
import os
import shutil
import sys
from urllib.parse import urljoin

from proc import ROOT, SCRIPTS, Child, Failed, free_port, run
from web import Browser

CLIENT_ID, CLIENT_SECRET = "bailiwick", "a-secret-for-these-scripts-only"
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


def node_modules():
    """Installs the provider's packages as locked, once."""
    home = SCRIPTS / "oidc-provider"
    if shutil.which("npm") is None:
        raise Failed("npm is needed for the identity provider: install Node 20 or newer")
    done = home / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < (home / "package-lock.json").stat().st_mtime:
        run("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", cwd=home)
        done.touch()
    return home


@contextlib.contextmanager
def provider(panel_url, folder, **extra):
    """The npm provider with one client, the panel at `panel_url`; gives its issuer."""
    home = node_modules()
    ends = ["", "/", "/admin", "/admin/", "/auth/signed-out", "/auth/logged-out"]
    env = dict(os.environ, PORT="0", CLIENT_ID=CLIENT_ID, CLIENT_SECRET=CLIENT_SECRET,
               REDIRECT_URIS=f"{panel_url}/auth/callback",
               POST_LOGOUT_REDIRECT_URIS=",".join(panel_url + end for end in ends), **extra)
    with Child("oidc-provider", ["node", "server.mjs"], folder / "provider.log", cwd=home, env=env) as child:
        yield child.wait_for_line(r"^listening (\S+)").group(1)


def toml(value):
    """A string or a list of strings as TOML writes it; JSON's form is the same."""
    return json.dumps(value, ensure_ascii=False)


def configuration(*, port, issuer, database, roles):
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
    return "\n".join(lines)


@contextlib.contextmanager
def served(database, roles, folder, **provider_options):
    """The provider, and `bailiwick serve` with a file that names it; gives a `Panel`."""
    program = binary()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with provider(url, folder, **provider_options) as issuer:
        file = folder / "bailiwick.toml"
        file.write_text(configuration(port=port, issuer=issuer, database=database, roles=roles))
        run(program, "migrate", "--config", file)
        with Child("bailiwick serve", [program, "serve", "--config", file], folder / "panel.log") as child:
            child.wait_for_url(f"{url}/readyz")
            try:
                yield Panel(url, issuer, file)
            except Failed:
                print(f"--- the end of the panel's log\n{child.output()[-4000:]}\n---", file=sys.stderr)
                raise
            if child.proc.poll() is not None:
                child.fail(f"died with {child.proc.returncode}")


class Panel:
    def __init__(self, url, issuer, config):
        self.url, self.issuer, self.config = url, issuer, config

    def at(self, path):
        return urljoin(self.url, path)

    def signed_in(self, person, path="/admin/"):
        """A browser in which `person` has signed in, and the page that was shown in the end."""
        browser = Browser()
        return browser, self.sign_in(browser, person, path)

    def sign_in(self, browser, person, path="/admin/"):
        shown = browser.open(self.at(path))
        if not shown.url.startswith(self.issuer):
            raise Failed(f"{path} led to {shown}, not to the provider at {self.issuer}")
        form = shown.expect(200).page().form("person")
        shown = browser.follow(browser.submit(shown, form, button=("person", person)))
        if not shown.url.startswith(self.url):
            raise Failed(f"sign-in of {person} ended at {shown}: {shown.page().text[:400]}")
        return shown
