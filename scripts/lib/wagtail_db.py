"""Makes the database of a Wagtail site: some sixty tables that another project designed."""
import os
import shutil
import sqlite3
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import services
from proc import SCRIPTS, Failed, cache_dir, run, scratch

PARTS = SCRIPTS / "lib" / "wagtail_site"
PROJECT = "harbour"

LOCAL_SETTINGS = """
from .base import INSTALLED_APPS
INSTALLED_APPS = ["news", *INSTALLED_APPS]
DATABASES = {{"default": {database!r}}}
MEDIA_ROOT = {media!r}
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES = [("en", "English"), ("de", "German")]
"""


def environment():
    """A virtual environment with the pinned packages, made once and kept."""
    wanted = (PARTS / "requirements.txt").read_text()
    home = cache_dir(f"wagtail-py{sys.version_info.major}.{sys.version_info.minor}")
    stamp = home / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        services.install_venv()
        run(sys.executable, "-m", "venv", home)
        run(home / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
            "-r", PARTS / "requirements.txt")
        stamp.write_text(wanted)
    return home / "bin"


def django_database(kind, target):
    """Django's settings for the target; a SQLite file that exists is replaced."""
    if kind == "sqlite":
        path = Path(target).resolve()
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}
    if kind == "postgres":
        url = urlsplit(target)
        if not url.scheme.startswith("postgres") or not url.path.strip("/"):
            raise Failed(f"not the URL of a PostgreSQL database: {target}")
        return {"ENGINE": "django.db.backends.postgresql", "NAME": unquote(url.path.strip("/")),
                "HOST": url.hostname or "", "PORT": url.port or "",
                "USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
    raise Failed(f"sqlite or postgres, not {kind}")


def make(kind, target):
    """Starts a project, migrates, and fills it by its own code."""
    programs = environment()
    database = django_database(kind, target)
    with scratch("bailiwick-wagtail-") as home:
        run(programs / "wagtail", "start", PROJECT, cwd=home)
        site = home / PROJECT
        shutil.copytree(PARTS / "news", site / "news", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(PARTS / "content.py", site)
        settings = LOCAL_SETTINGS.format(database=database, media=str(home / "media"))
        (site / PROJECT / "settings" / "local.py").write_text(settings)
        env = dict(os.environ, DJANGO_SETTINGS_MODULE=f"{PROJECT}.settings.dev", PYTHONDONTWRITEBYTECODE="1")
        manage = [programs / "python", "manage.py"]
        run(*manage, "makemigrations", "news", cwd=site, env=env)
        run(*manage, "migrate", "--no-input", cwd=site, env=env)
        run(*manage, "shell", "-c", "import content", cwd=site, env=env)
    if kind == "sqlite":
        with sqlite3.connect(database["NAME"]) as db:
            db.execute("ANALYZE")
