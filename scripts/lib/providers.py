"""Identity providers that this project did not write, each with the same four people in the same groups."""
import contextlib
import json
import os
import shutil
import sys
import urllib.parse
import urllib.request

import services
from proc import SCRIPTS, Child, Failed, cache_dir, free_port, run

CLIENT_ID, CLIENT_SECRET = "bailiwick", "a-secret-for-these-scripts-only"


class Provider:
    """A running provider, and how a person gets through its pages."""

    def __init__(self, issuer, other_port):
        # this port of 127.0.0.1 is also allowed as a redirect address
        self.issuer, self.other_port = issuer, other_port

    def set_groups(self, person, *groups):
        """Puts a person into exactly these groups."""
        body = urllib.parse.urlencode({"groups": ",".join(groups)}).encode()
        with urllib.request.urlopen(f"{self.issuer}/people/{person}", body, timeout=20) as answer:
            return json.load(answer)


class OidcProvider(Provider):
    """npm `oidc-provider`."""

    name = "oidc-provider"
    # the claim that carries a person's region
    region = "region"
    # whether it tells the panel when somebody signs out there
    tells_of_sign_out = True

    @staticmethod
    def command():
        return ["node", "server.mjs"], node_modules()

    def sign_in(self, browser, shown, person):
        form = shown.page().form("person")
        return browser.follow(browser.submit(shown, form, button=("person", person)))

    # a person who is signed in is asked the same again
    confirm = sign_in

    def sign_out(self, browser, shown):
        """Agrees, if the provider asks."""
        return browser.follow(browser.submit(shown, shown.page().form("logout"), button=("logout", "yes")))

    def sign_out_there(self, browser):
        """Signs out at the provider itself, without the panel."""
        return self.sign_out(browser, browser.open(f"{self.issuer}/session/end"))

    def asks_who(self, shown):
        return shown.url.startswith(f"{self.issuer}/interaction/")


class Canaille(Provider):
    """PyPI `canaille`."""

    name = "canaille"
    region = "locale"
    tells_of_sign_out = False
    password = "correct horse battery staple"

    @staticmethod
    def command():
        return [python_of("canaille"), "-B", "server.py"], SCRIPTS / "canaille"

    def sign_in(self, browser, shown, person):
        form = shown.page().form("login")
        shown = browser.follow(browser.submit(shown, form, form.changed(login=person)))
        return self.confirm(browser, shown, person)

    def confirm(self, browser, shown, _person):
        form = shown.expect(200).page().form("password")
        return browser.follow(browser.submit(shown, form, form.changed(password=self.password)))

    def sign_out(self, browser, shown):
        form = shown.page().form("answer")
        return browser.follow(browser.submit(shown, form, button=("answer", "logout")))

    def asks_who(self, shown):
        return shown.path == "/login" and shown.url.startswith(self.issuer)


ALL = {kind.name: kind for kind in (OidcProvider, Canaille)}


@contextlib.contextmanager
def started(kind, panel_url, folder, backchannel=None, **extra):
    """A provider of this kind with one client, the panel at `panel_url`; `backchannel` is the path there that is
    told of sign-outs."""
    command, home = kind.command()
    other_port = free_port()
    if backchannel:
        extra["BACKCHANNEL_LOGOUT_URI"] = panel_url + backchannel
    ends = ["", "/", "/admin", "/admin/", "/auth/signed-out", "/auth/logged-out"]
    env = dict(os.environ, PORT="0", CLIENT_ID=CLIENT_ID, CLIENT_SECRET=CLIENT_SECRET,
               REDIRECT_URIS=f"{panel_url}/auth/callback,http://127.0.0.1:{other_port}/auth/callback",
               POST_LOGOUT_REDIRECT_URIS=",".join(panel_url + end for end in ends), **extra)
    with Child(kind.name, command, folder / "provider.log", cwd=home, env=env) as child:
        yield kind(child.wait_for_line(r"^listening (\S+)").group(1), other_port)


def node_modules():
    """Installs the packages of the npm provider as locked, once."""
    home = SCRIPTS / "oidc-provider"
    if shutil.which("npm") is None:
        raise Failed("npm is needed for the identity provider: install Node 20 or newer")
    done = home / "node_modules" / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < (home / "package-lock.json").stat().st_mtime:
        run("npm", "ci", "--omit=dev", "--no-audit", "--no-fund", cwd=home)
        done.touch()
    return home


def python_of(name):
    """A Python with the packages that scripts/NAME pins, in an environment made once."""
    wanted = (SCRIPTS / name / "requirements.txt").read_text()
    home = cache_dir(f"{name}-py{sys.version_info.major}.{sys.version_info.minor}")
    stamp = home / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        services.install_venv()
        run(sys.executable, "-m", "venv", home)
        run(home / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
            "-r", SCRIPTS / name / "requirements.txt")
        stamp.write_text(wanted)
    return home / "bin" / "python"
