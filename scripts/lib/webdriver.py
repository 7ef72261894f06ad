"""Drives headless Chromium through chromedriver's plain HTTP interface (W3C WebDriver and CDP)."""
import base64
import contextlib
import json
import time
import urllib.error
import urllib.request

import services
from proc import Failed

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-GB"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Tab:
    def __init__(self, driver, session):
        self.at = f"{driver}/session/{session}"

    def call(self, method, path, **body):
        return request(method, self.at + path, body)

    def cdp(self, command, **params):
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=params)

    def open(self, url):
        self.call("POST", "/url", url=url)
        return self

    @property
    def url(self):
        return self.call("GET", "/url")

    def run(self, script, *args):
        return self.call("POST", "/execute/sync", script=script, args=list(args))

    def find(self, css):
        found = self.call("POST", "/element", using="css selector", value=css)
        return found[ELEMENT]

    def click(self, css):
        self.call("POST", f"/element/{self.find(css)}/click")

    def wait_for_url(self, start, seconds=20):
        end = time.monotonic() + seconds
        while not self.url.startswith(start):
            if time.monotonic() > end:
                raise Failed(f"still at {self.url} after {seconds} s, expected {start}")
            time.sleep(0.05)

    def show(self, *, width, height, dark=False, phone=False):
        """Sets the window's inner size and the preferred colour scheme."""
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.cdp("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self, whole=False):
        """A PNG of the window, or of the whole page."""
        # after two frames, fonts, pictures and the last style changes are shown
        self.call("POST", "/execute/async", args=[], script="""
            const done = arguments[0];
            document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done())));""")
        options = {}
        if whole:
            size = self.cdp("Page.getLayoutMetrics")["cssContentSize"]
            options = {"captureBeyondViewport": True, "clip": {
                "x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}}
        return base64.b64decode(self.cdp("Page.captureScreenshot", format="png", **options)["data"])

    def forget(self):
        self.cdp("Network.clearBrowserCookies")

    def sign_in(self, panel_url, person, path="/admin/"):
        """Signs in on the provider's page, which has one button per person."""
        self.forget()
        self.open(panel_url + path)
        self.click(f'button[name="person"][value="{person}"]')
        self.wait_for_url(panel_url)


def request(method, url, body):
    data = json.dumps(body).encode() if method == "POST" else None
    ask = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(ask, timeout=90) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        said = json.load(error)["value"]
        raise Failed(f"browser: {said['error']}: {said['message'].splitlines()[0]}") from error


@contextlib.contextmanager
def browser():
    """A browser with a fresh profile, and one tab of it."""
    with services.chromedriver() as driver:
        started = request("POST", f"{driver}/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": services.CHROMIUM, "args": ARGUMENTS}}}})
        tab = Tab(driver, started["sessionId"])
        try:
            yield tab
        finally:
            with contextlib.suppress(Failed, OSError):
                tab.call("DELETE", "")
