"""Debian's Chromium without a window, driven by way of the Chrome DevTools Protocol over a pipe.

https://chromedevtools.github.io/devtools-protocol/ names the methods and events.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from harness.program import eventually

CHROMIUM = "/usr/bin/chromium"
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39}


class Browser:
    """A browser of the test's own, with an empty profile in `folder`. It asks nobody for names or updates."""

    def __init__(self, folder: Path):
        from_us, to_us = os.pipe(), os.pipe()
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        options += ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
        # evil.test is a name that somebody has let point to this machine.
        names = "MAP evil.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
        options += [f"--host-resolver-rules={names}"]
        # Chromium reads commands from descriptor 3 and writes to 4.
        script = f'exec "$@" 3<&{from_us[0]} 4>&{to_us[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "-", CHROMIUM, *options, "--remote-debugging-pipe", f"--user-data-dir={folder}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(from_us[0], to_us[1]),
        )
        os.close(from_us[0])
        os.close(to_us[1])
        self._commands, self._messages = os.fdopen(from_us[1], "wb"), os.fdopen(to_us[0], "rb")
        self._numbers = itertools.count(1)
        self._answers: dict[int, dict] = {}
        self._listeners: dict[str, Callable[[str, dict], None]] = {}
        self._changed = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_) -> None:
        self._commands.close()  # Chromium ends with its pipe.
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._messages.close()

    def _read(self) -> None:
        waiting = b""
        while data := self._messages.read1(1 << 16):
            *messages, waiting = (waiting + data).split(b"\0")
            for message in map(json.loads, messages):
                self._take(message)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _take(self, message: dict) -> None:
        if "id" in message:
            with self._changed:
                self._answers[message["id"]] = message
                self._changed.notify_all()
        elif listener := self._listeners.get(message.get("sessionId", "")):
            listener(message["method"], message["params"])

    def call(self, method: str, session: str | None = None, **parameters: object) -> dict:
        """The result of a command. Raises AssertionError with the browser's words where it refuses."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        with self._changed:
            self._commands.write(json.dumps(command).encode() + b"\0")
            self._commands.flush()
            self._changed.wait_for(lambda: self._ended or number in self._answers, 30)
            assert number in self._answers, f"chromium did not answer {method}"
            answer = self._answers.pop(number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def tab(self, width: int = 1440, height: int = 900, language: str = "en-US", dark: bool = False) -> Tab:
        """A tab that shares nothing with others: cookies, storage."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session, context)
        self._listeners[session] = tab.heard
        for domain in ("Page", "Runtime", "Network", "Log"):
            tab.call(f"{domain}.enable")
        agent = self.call("Browser.getVersion")["userAgent"]
        tab.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        tab.resize(width, height)
        tab.prefer(dark=dark)
        return tab


class Tab:
    """`requests` are the URLs it asked for, `complaints` its console's errors, exceptions and breaches of policy."""

    def __init__(self, browser: Browser, session: str, context: str):
        self._browser, self._session, self._context = browser, session, context
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def call(self, method: str, **parameters: object) -> dict:
        return self._browser.call(method, self._session, **parameters)

    def close(self) -> None:
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def heard(self, event: str, of: dict) -> None:
        match event:
            case "Network.requestWillBeSent":
                self.requests.append(of["request"]["url"])
            case "Runtime.exceptionThrown":
                details = of["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if of["type"] in ("error", "warning", "assert"):
                self.complaints.append(" ".join(str(item.get("value")) for item in of["args"]))
            case "Log.entryAdded" if of["entry"]["level"] in ("error", "warning"):
                self.complaints.append(f"{of['entry']['text']} {of['entry'].get('url', '')}")

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def resize(self, width: int, height: int) -> None:
        scale = 2 if width < 600 else 1
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def prefer(self, dark: bool = False, still: bool = False) -> None:
        features = {"prefers-color-scheme": "dark" if dark else "light"}
        features["prefers-reduced-motion"] = "reduce" if still else "no-preference"
        wanted = [{"name": name, "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", features=wanted)

    def evaluate(self, script: str):
        """The value of a script, awaited where it is a promise."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, script: str, within: float = 10):
        return eventually(lambda: self.evaluate(script), within)

    def text(self, selector: str) -> str:
        """What a reader sees of the first element that matches; empty where there is none."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def texts(self, selector: str) -> list[str]:
        return self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].map(found => found.innerText)")

    def until_text(self, selector: str, *fragments: str, within: float = 10) -> str:
        """Waits until the element's text holds every fragment."""
        text = ""

        def holds() -> bool:
            nonlocal text
            text = self.text(selector)
            return all(fragment in text for fragment in fragments)

        try:
            eventually(holds, within)
        except AssertionError:
            raise AssertionError(f"{selector} does not show {fragments}, but: {text!r}") from None
        return text

    def box(self, selector: str) -> dict:
        """Where an element is, once it is there and stands still; it is scrolled into view."""
        script = f"""(async () => {{
            const found = document.querySelector({json.dumps(selector)});
            if (!found) return null;
            found.scrollIntoView({{ block: "nearest", behavior: "instant" }});
            const frame = () => new Promise(requestAnimationFrame);
            const rect = () => {{
                const {{ x, y, width, height }} = found.getBoundingClientRect();
                return {{ x, y, width, height }};
            }};
            const before = rect();
            await frame(), await frame();
            const now = rect();
            return JSON.stringify(before) === JSON.stringify(now) && now.width ? now : null;
        }})()"""
        return self.until(script)

    def click(self, selector: str) -> None:
        box = self.box(selector)
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def write(self, selector: str, text: str) -> None:
        """Replaces what stands in a field."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).select()")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        code = KEYS.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def screenshot(self, selector: str | None = None, whole: bool = False) -> bytes:
        """A PNG: of what is seen, of one element, or of the page to its end."""
        clip = {"clip": self.box(selector) | {"scale": 2}} if selector else {}
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **clip)
        return base64.b64decode(answer["data"])
