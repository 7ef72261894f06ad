"""Free ports, temporary folders, and child processes that always end when the script ends."""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"


class Failed(Exception):
    """Something did not go as it should; the message is for the person who reads the log."""


def free_port():
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cache_dir(name):
    """A folder kept between runs, for files that are slow to download."""
    base = os.environ.get("BAILIWICK_CACHE") or Path(tempfile.gettempdir()) / "bailiwick-cache"
    path = Path(base) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def run(*cmd, **kw):
    """Runs a command to its end; its output is shown only if it fails."""
    done = subprocess.run([str(c) for c in cmd], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, errors="replace", **kw)
    if done.returncode:
        raise Failed(f"{' '.join(str(c) for c in cmd)} ended with {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def scratch(prefix="bailiwick-", base=None):
    """A temporary folder, removed at the end."""
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Child:
    """A server in a process group of its own, with its output in a file."""

    def __init__(self, name, cmd, log, *, stop_signal=signal.SIGTERM, **kw):
        self.name, self.log, self.stop_signal = name, Path(log), stop_signal
        self.started = time.monotonic()
        with open(self.log, "ab") as out:
            self.proc = subprocess.Popen([str(c) for c in cmd], stdin=subprocess.DEVNULL, stdout=out,
                                         stderr=subprocess.STDOUT, start_new_session=True, **kw)

    def output(self):
        return self.log.read_text(errors="replace")

    def fail(self, why):
        raise Failed(f"{self.name} {why}; the end of its output:\n{self.output()[-3000:]}")

    def wait_for(self, ready, seconds=30):
        """Calls `ready()` until it returns something true, and returns that."""
        while True:
            answer = ready()
            if answer:
                return answer
            if self.proc.poll() is not None:
                self.fail(f"ended with {self.proc.returncode}")
            if time.monotonic() - self.started > seconds:
                self.fail(f"was not ready after {seconds} s")
            time.sleep(0.02)

    def wait_for_line(self, pattern, seconds=30):
        return self.wait_for(lambda: re.search(pattern, self.output(), re.M), seconds)

    def wait_for_url(self, url, seconds=30):
        return self.wait_for(lambda: answers(url), seconds)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            if self.proc.poll() is None:
                os.killpg(self.proc.pid, self.stop_signal)
            try:
                self.proc.wait(15)
            except subprocess.TimeoutExpired:
                pass
            # what it left behind (a browser's helpers); its own group only
            os.killpg(self.proc.pid, signal.SIGKILL)
        self.proc.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as r:
            return r.status == 200
    except (urllib.error.URLError, OSError):
        return False


def as_error(main):
    """Runs `main`. A `Failed` becomes one message and exit status 1; a signal ends it in order."""
    def ended(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ended)
    try:
        sys.exit(main())
    except Failed as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
