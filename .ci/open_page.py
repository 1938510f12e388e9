"""Opens pages in a headless Chromium by its DevTools protocol, and looks at them.

    open_page.py BROWSER DIRECTORY PAGE..

Each page is opened at 400 and 1,600 pixels, light and dark, without a network. It
is an error if the console has an error or a warning, if the page loads anything, if it
is wider than the window, if a click on a heading does not sort its table, or if
pointing at a figure says nothing. Screenshots go to DIRECTORY.
"""

import base64
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile

WIDTHS = (400, 1600)
THEMES = ("light", "dark")
# Seconds that the browser may take for one answer.
PATIENCE = 60

# Sorts each table by its second column and back; true if the rows are in order then.
SORTS = """
[...document.querySelectorAll("table")].every(table => {
  const button = table.querySelectorAll("th button")[1];
  const cells = () => [...table.tBodies[0].rows].map(row =>
    row.children[1].dataset.value ?? row.children[1].textContent);
  const areInOrder = cells => cells.every((cell, i) =>
    i === 0 || compare(cells[i - 1], cell) <= 0);
  button.click();
  const up = cells();
  button.click();
  const down = cells().reverse();
  return button.parentElement.getAttribute("aria-sort") === "descending"
    && areInOrder(up) && areInOrder(down);
})
"""

# Points at the first shape of each figure that can be seen and says something; the
# figures where no hint appears.
HINTS = """
[...document.querySelectorAll("svg")].filter(svg => svg.checkVisibility()).filter(svg => {
  const shape = [...svg.querySelectorAll("*")].find(shape =>
    shape.dataset.hint || shape.querySelector(":scope > title"));
  if (!shape) return false;
  shape.dispatchEvent(new PointerEvent("pointermove", {bubbles: true, clientX: 9, clientY: 9}));
  const hint = document.getElementById("hint");
  const isSaid = !hint.hidden && hint.textContent.length > 0;
  hint.hidden = true;
  return !isSaid;
}).length
"""


class Browser:
    """A headless Chromium, spoken to through two pipes."""

    def __init__(self, program, directory):
        to_browser, self.to_browser = os.pipe()
        self.from_browser, from_browser = os.pipe()

        def pipes():
            # The browser reads from 3 and writes to 4.
            reads, writes = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--remote-debugging-pipe", f"--user-data-dir={directory}", "about:blank",
        ]
        self.process = subprocess.Popen(
            command, preexec_fn=pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b""
        self.number = 0
        self.events = []

    def receive(self):
        while b"\0" not in self.rest:
            if not select.select([self.from_browser], [], [], PATIENCE)[0]:
                raise SystemExit(f"the browser did not answer for {PATIENCE} s")
            more = os.read(self.from_browser, 1 << 20)
            if not more:
                raise SystemExit("the browser ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.receive())

    def close(self):
        self.process.kill()
        self.process.wait()


def evaluate(browser, session, expression):
    answer = browser.call(
        "Runtime.evaluate", session, expression=expression, returnByValue=True
    )
    if "exceptionDetails" in answer:
        raise SystemExit(f"in the page: {answer['exceptionDetails']}")
    return answer["result"].get("value")


def problems_of(browser, page):
    """What the browser says of a page by itself."""
    for event in browser.events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            yield f"exception: {params['exceptionDetails']}"
        if method == "Runtime.consoleAPICalled":
            yield f"console: {params['args']}"
        if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            yield f"log: {params['entry']['text']}"
        if method == "Network.requestWillBeSent":
            url = params["request"]["url"]
            # The browser asks for an icon by itself.
            if url != page.as_uri() and not url.endswith("/favicon.ico"):
                yield f"loads {url}"


def look(browser, page, width, theme, directory):
    """Opens a page; returns what is wrong with it."""
    browser.events.clear()
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable", session)
    browser.call(
        "Emulation.setDeviceMetricsOverride", session,
        width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
    )
    features = [{"name": "prefers-color-scheme", "value": theme}]
    browser.call("Emulation.setEmulatedMedia", session, features=features)
    browser.call("Page.navigate", session, url=page.as_uri())
    browser.wait("Page.loadEventFired")

    problems = []
    # Folded parts are looked at, too.
    evaluate(browser, session, "document.querySelectorAll('details').forEach(d => d.open = true)")
    if not evaluate(browser, session, SORTS):
        problems.append("a table is not sorted by a click")
    mute = evaluate(browser, session, HINTS)
    if mute:
        problems.append(f"{mute} figures say nothing to who points at them")
    if evaluate(browser, session, "document.injected") is not None:
        problems.append("a name has run as a script")
    if evaluate(browser, session, "document.querySelectorAll('img, iframe, object').length"):
        problems.append("a name has become an element")
    wide = evaluate(browser, session, "document.documentElement.scrollWidth")
    if wide > width:
        problems.append(f"it is {wide} pixels wide")
    colors = evaluate(browser, session, "getComputedStyle(document.body).backgroundColor")
    levels = [int(level) for level in colors[4:-1].split(",")]
    if (max(levels) < 128) != (theme == "dark"):
        problems.append(f"its background is {colors}")
    evaluate(browser, session, "document.querySelectorAll('details').forEach(d => d.open = false)")
    shot = browser.call(
        "Page.captureScreenshot", session, format="png", captureBeyondViewport=True,
    )
    name = f"{page.stem}-{width}-{theme}.png"
    (directory / name).write_bytes(base64.b64decode(shot["data"]))
    problems.extend(problems_of(browser, page))
    browser.call("Target.closeTarget", targetId=target)
    return problems


def main():
    program, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    pages = [pathlib.Path(page).resolve() for page in sys.argv[3:]]
    failed = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            for page in pages:
                for width in WIDTHS:
                    for theme in THEMES:
                        for problem in look(browser, page, width, theme, directory):
                            print(f"{page.name} at {width} pixels, {theme}: {problem}")
                            failed += 1
        finally:
            browser.close()
    opened = len(pages) * len(WIDTHS) * len(THEMES)
    print(f"{len(pages)} report pages were opened {opened} times: {failed} problems")
    sys.exit(failed > 0)


main()
