"""Canaille (PyPI `canaille`), an OpenID Connect provider that this project did not write, with Bailiwick's
four sample people. For tests only: it listens on 127.0.0.1, keeps everything in memory, and everybody has
the same password.

    PORT=0 CLIENT_ID=bailiwick CLIENT_SECRET=... REDIRECT_URIS=... POST_LOGOUT_REDIRECT_URIS=... python server.py

Prints `listening http://127.0.0.1:PORT` once it answers. Lists of addresses are comma-separated.
GET /people shows the groups; POST /people/{name} with groups=a,b sets them. The rest is Canaille's own.
"""
import datetime
import json
import os
import signal
import sys

from canaille import create_app
from canaille.app import models
from canaille.app.flask import csrf
from canaille.backends import Backend
from flask import abort, request
from werkzeug.serving import WSGIRequestHandler, make_server

PASSWORD = "correct horse battery staple"
PEOPLE = {
    "alice": ("Alice", "Adler", ["admins"], None),
    "bob": ("Bob", "Baker", ["editors"], "emea"),
    "carol": ("Carol", "Cruz", ["viewers"], None),
    "dave": ("Dave", "Dunn", [], None),
}


def listed(name):
    return [one.strip() for one in os.environ.get(name, "").split(",") if one.strip()]


class Quiet(WSGIRequestHandler):
    """Does not log requests: their addresses hold codes."""

    def log_request(self, *_):
        pass


def configuration(address):
    return {
        "SECRET_KEY": os.urandom(32).hex(),
        "SERVER_NAME": address,
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "HTMX": False, "FORCE_HTTPS": False, "SMTP": None,
                     "LOGGING": {"version": 1, "root": {"level": "ERROR"}}},
        # Canaille has no custom claims: a standard one carries the region.
        "CANAILLE_OIDC": {"USERINFO_MAPPING": {"LOCALE": "{% if user.region %}{{ user.region }}{% endif %}"}},
    }


def set_groups(user, names):
    """Puts a person into exactly these groups. Missing groups are made, empty ones removed."""
    known = {group.display_name: group for group in Backend.instance.query(models.Group)}
    for name in set(known) | set(names):
        group = known.get(name) or models.Group(display_name=name, members=[])
        members = [member for member in group.members if member.id != user.id]
        group.members = members + ([user] if name in names else [])
        if group.members:
            Backend.instance.save(group)
        elif name in known:
            Backend.instance.delete(group)


def populate():
    for name, (given, family, groups, region) in PEOPLE.items():
        user = models.User(user_name=name, given_name=given, family_name=family, formatted_name=f"{given} {family}",
                           display_name=name, emails=[f"{name}@example.com"], region=region, password=PASSWORD)
        Backend.instance.save(user)
        set_groups(user, groups)
    redirect_uris = listed("REDIRECT_URIS")
    client = models.Client(
        client_id=os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"], client_name="Bailiwick",
        # people are not asked for consent to a client of a trusted domain; consent is not tested here
        client_uri=redirect_uris[0], redirect_uris=redirect_uris,
        client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
        post_logout_redirect_uris=listed("POST_LOGOUT_REDIRECT_URIS"),
        grant_types=["authorization_code", "refresh_token"], response_types=["code"],
        scope=["openid", "profile", "email", "groups"], token_endpoint_auth_method="client_secret_basic", id_token_signed_response_alg="RS256")
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


def people(name=None):
    if name is not None:
        user = Backend.instance.get(models.User, user_name=name) or abort(404)
        set_groups(user, [one.strip() for one in request.form.get("groups", "").split(",") if one.strip()])
    told = {}
    for user in Backend.instance.query(models.User):
        Backend.instance.reload(user)
        told[user.user_name] = sorted(group.display_name for group in user.groups or [])
    return json.dumps(told), {"Content-Type": "application/json"}


def main():
    server = make_server("127.0.0.1", int(os.environ.get("PORT", "0")), None, request_handler=Quiet)
    address = f"127.0.0.1:{server.server_port}"
    app = create_app(configuration(address))
    app.add_url_rule("/people", "people", people)
    app.add_url_rule("/people/<name>", "person", csrf.exempt(people), methods=["POST"])
    with app.app_context(), Backend.instance.session():
        populate()
    server.app = app
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening http://{address}", flush=True)
    server.serve_forever()


main()
