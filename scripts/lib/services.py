"""What the tests need beside Rust: throw-away PostgreSQL and MariaDB servers, Chromium and its driver."""
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from proc import Child, Failed, free_port, run, scratch

# the command to look for -> the Debian package that has it
PACKAGES = {
    "postgres": "postgresql",
    "mariadbd": "mariadb-server",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "pgbouncer": "pgbouncer",
}
CHROMIUM = "/usr/bin/chromium"


def postgres_bin():
    """The newest installed server's programs (Debian keeps them out of PATH)."""
    def version(path):
        return int(path.parent.parent.name) if path.parent.parent.name.isdigit() else 0
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).resolve().parent if there else None


def which(command):
    """Where a program is; Debian keeps servers out of the PATH of ordinary users."""
    return shutil.which(command) or shutil.which(command, path="/usr/sbin")


def install_venv():
    """Installs what `python3 -m venv` needs; on Debian it is a separate package."""
    if importlib.util.find_spec("ensurepip") is None:
        apt_get(["python3-venv"])


def install(*wanted):
    """Installs the Debian packages of the commands that are missing."""
    def missing(command):
        return postgres_bin() is None if command == "postgres" else which(command) is None
    apt_get(sorted({PACKAGES[c] for c in wanted if missing(c)}))


def apt_get(packages):
    """Installs Debian packages, if there are any to install."""
    if not packages:
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (sudo and shutil.which("sudo") is None):
        raise Failed(f"please install {' '.join(packages)}: it takes apt-get and root")
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    print(f"installing {' '.join(packages)}", flush=True)
    run(*sudo, "apt-get", "update", "-qq", env=env)
    run(*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env)


def data_folder():
    """Where servers keep their files: in memory, if there is room. Tests make and drop hundreds of databases, of
    some three hundred files each, and file systems are slow at that."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= 2 << 30
    return str(memory) if has_room else "/tmp"


@contextlib.contextmanager
def postgres():
    """A PostgreSQL cluster of its own on a free port; yields the superuser's URL."""
    install("postgres")
    programs = postgres_bin()
    # The server refuses to run as root, and a socket's path must be short, so this is not $TMPDIR.
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with scratch("bailiwick-pg-", base=data_folder()) as home:
        if who:
            shutil.chown(home, "postgres", "postgres")
        data = home / "data"
        run(programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync", cwd=home, **who)
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": home,
            "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
            "max_connections": 300, "jit": "off", "log_min_messages": "warning",
            "max_wal_size": "256MB", "autovacuum": "off",
        }
        options = [a for k, v in settings.items() for a in ("-c", f"{k}={v}")]
        log = home / "log"
        log.touch()
        with Child("postgres", [programs / "postgres", "-D", data, *options], log, cwd=home,
                   stop_signal=signal.SIGINT, **who) as server:
            server.wait_for(lambda: subprocess.run(
                [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"],
                check=False).returncode == 0)
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def mariadb():
    """A MariaDB server of its own on a free port; yields the superuser's URL."""
    install("mariadbd")
    # as for PostgreSQL: not as root, and a socket's path must be short
    as_root = os.geteuid() == 0
    who = {"user": "mysql", "group": "mysql", "extra_groups": []} if as_root else {}
    with scratch("bailiwick-maria-", base=data_folder()) as home:
        if who:
            shutil.chown(home, "mysql", "mysql")
        data, port, log = home / "data", free_port(), home / "log"
        run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal", cwd=home, **who)
        settings = {
            "datadir": data, "bind-address": "127.0.0.1", "port": port, "socket": home / "s",
            "pid-file": home / "pid", "max-connections": 500, "performance-schema": "OFF",
            "innodb-flush-log-at-trx-commit": 0, "innodb-doublewrite": 0, "sync-binlog": 0,
            "innodb-buffer-pool-size": "128M", "innodb-log-file-size": "64M",
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        log.touch()
        if who:
            shutil.chown(log, "mysql", "mysql")
        with Child("mariadb", [which("mariadbd"), "--no-defaults", "--skip-log-bin", *options], log,
                   cwd=home, **who) as server:
            server.wait_for(lambda: subprocess.run(
                ["mariadb-admin", "--no-defaults", "-h", "127.0.0.1", "-P", str(port), "-u", "root", "ping"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0)
            yield f"mysql://root@127.0.0.1:{port}/mysql"


@contextlib.contextmanager
def pgbouncer(server):
    """PgBouncer in transaction mode in front of that server, with few connections to it, so that clients
    have to share them; yields the URL of the same database through it."""
    install("pgbouncer")
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    behind = urlsplit(server)
    with scratch("bailiwick-pool-", base="/tmp") as home:
        port = free_port()
        (home / "users").write_text(f'"{behind.username}" ""\n')
        settings = {
            "listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "",
            "auth_type": "trust", "auth_file": home / "users", "pool_mode": "transaction",
            "default_pool_size": 4, "max_client_conn": 500, "max_db_connections": 4,
            "server_round_robin": 1, "logfile": home / "log", "pidfile": home / "pid",
        }
        lines = [f"{k} = {v}" for k, v in settings.items()]
        (home / "ini").write_text("\n".join(
            ["[databases]", f"* = host={behind.hostname} port={behind.port}", "[pgbouncer]", *lines, ""]))
        (home / "log").touch()
        if who:
            for path in (home, *home.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        url = f"postgres://{behind.username}@127.0.0.1:{port}{behind.path}"
        with Child("pgbouncer", [which("pgbouncer"), home / "ini"], home / "out", cwd=home,
                   stop_signal=signal.SIGINT, **who) as pooler:
            pooler.wait_for(lambda: subprocess.run(
                [postgres_bin() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)],
                check=False).returncode == 0)
            yield url


@contextlib.contextmanager
def chromedriver():
    """Chromium's driver; yields the address of its WebDriver interface."""
    install("chromium", "chromedriver")
    with scratch("bailiwick-driver-") as home:
        # browsers it starts keep their profiles here, so nothing is left behind
        env = dict(os.environ, TMPDIR=str(home))
        with Child("chromedriver", [shutil.which("chromedriver"), "--port=0"], home / "log", env=env) as driver:
            port = driver.wait_for_line(r"started successfully on port (\d+)").group(1)
            yield f"http://127.0.0.1:{port}"


def psql(url, sql, *options):
    """Runs one statement with psql and returns the output, unaligned and without headings."""
    return run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *options, "-d", url, "-c", sql).rstrip("\n")
