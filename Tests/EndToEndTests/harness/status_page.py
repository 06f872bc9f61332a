"""The status page in a browser, in front of its stand-in or of the programs themselves: a test does not know which."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from harness.browser import Tab
from harness.lab import Lab
from parts.page_mock import Message, PageMock
from parts.upstream import Request, Upstream

Answer = Callable[[Message], Message]


class MockedSite:
    """A tunnel that only the page believes in."""

    def __init__(self, lab: Lab, answer: Answer, inspector: bool = False):
        self.mock = lab.care(PageMock(inspector=inspector))
        self.mock.tunnel("demo")
        self.mock.answer = answer
        self.url, self.public_url = self.mock.url, "https://demo.example.test/"

    def visit(self, method: str, target: str, fields=(), body: bytes = b"") -> None:
        headers = [["Host", "demo.example.test"], *map(list, fields)]
        self.mock.visit({"method": method, "target": target, "headers": headers, "body": body})


class RealSite:
    """A visitor, fpw-relay, fpwd, and a web service that answers the same."""

    def __init__(self, lab: Lab, answer: Answer, inspector: bool = False):
        upstream = lab.care(Upstream())
        self._tunnel = lab.tunnel(upstream, daemon={"inspector": True} if inspector else {})
        daemon = self._tunnel.daemon
        self.url = daemon.command("status", "--url").stdout.strip()
        self.public_url = self._tunnel.relay.public_url
        self._answer, self._upstream = answer, upstream
        upstream.otherwise = self._respond

    def visit(self, method: str, target: str, fields=(), body: bytes = b"") -> None:
        self._upstream.on(target.partition("?")[0])(self._respond)
        self._tunnel.visitor.visit(method, target, fields, body or None)

    def _respond(self, request: Request) -> None:
        body = request.connection.read_body(request.head)
        head = request.head
        reply = self._answer({"method": head.method, "target": head.target, "headers": list(head.fields), "body": body})
        request.respond(reply["status"], [tuple(field) for field in reply["headers"]], reply["body"])


SITES = [
    pytest.param(MockedSite, id="mock"),
    pytest.param(RealSite, id="fpwd", marks=[pytest.mark.fpwd, pytest.mark.fpw_relay]),
]


class OpenPage:
    """A tab with the page in it. At its end nothing may have been complained about, or asked of another origin."""

    def __init__(self, tab: Tab, url: str):
        self.tab, self.origin = tab, "{0.scheme}://{0.netloc}/".format(urlsplit(url))
        tab.open(url)
        tab.until("page.state !== null")

    def check(self) -> None:
        foreign = [url for url in self.tab.requests if not url.startswith((self.origin, "data:"))]
        assert (self.tab.complaints, foreign) == ([], [])

    def rows(self) -> list[list[str]]:
        """Method, path and status of each visit that is shown."""
        script = """[...document.querySelectorAll("#rows tr")].map(row =>
            [".method", "td.path a", ".status"].map(cell => row.querySelector(cell).textContent))"""
        return self.tab.evaluate(script)

    def inspect(self, path: str) -> None:
        """Opens the newest visit of a path, once it is there, and waits for its headers and bodies."""
        find = f"page.visits.find(visit => visit.target === {json.dumps(path)})?.id"
        number = self.tab.until(find)
        self.tab.click(f'#rows [data-id="{number}"] .status')
        self.tab.until(f"inspector.id === {number} && inspector.detail !== null")

    def choose(self, key: str) -> None:
        """Presses the inspector's button of that name: a tab, a view, what to do."""
        self.tab.click(f'#inspector [data-key="{key}"]')

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen."""
        return self.tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
