"""The status page: what it shows of tunnels, numbers and visits, as it happens."""

from __future__ import annotations

import subprocess

import pytest

from harness.lab import Lab
from harness.programs import HOST
from harness.status_page import SITES, OpenPage
from parts.page_mock import PageMock


def greeting(request: dict) -> dict:
    return {"status": 404 if "missing" in request["target"] else 200, "headers": [], "body": b"hello\n"}


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, lab: Lab):
    return request.param(lab, greeting)


@pytest.fixture
def mock(lab: Lab) -> PageMock:
    mock = lab.care(PageMock())
    mock.tunnel("demo")
    return mock


def get(target: str) -> dict:
    return {"method": "GET", "target": target, "headers": []}


def test_a_tunnel_is_shown_with_its_url_link_and_slots(site, open_page):
    page = open_page(site.url)
    page.tab.until_text("#places", "demo", site.public_url, "Up", "slots")
    assert page.tab.text("#overall") == "Ready"


def test_a_visit_appears_by_itself(site, open_page):
    page = open_page(site.url)
    site.visit("GET", "/missing?a=b")
    page.tab.until("page.visits.length === 1")
    site.visit("POST", "/orders", body=b"{}")
    page.tab.until("page.visits.length === 2")
    assert page.rows() == [["POST", "/orders", "200"], ["GET", "/missing?a=b", "404"]]


def test_visits_before_the_page_was_opened_are_there(mock, open_page):
    for number in range(450):
        mock.visit(get(f"/{number}"))
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 450")
    assert page.rows()[:2] == [["GET", "/449", "200"], ["GET", "/448", "200"]]
    assert len(page.rows()) == 200
    page.tab.click("#more button")
    assert len(page.rows()) == 400


def test_the_waiting_page_says_where_to_go(mock, open_page):
    page = open_page(mock.url)
    page.tab.until_text("#empty", "Waiting for the first visit", "https://demo.example.test/")


def test_slots_and_link_follow_the_state(mock, open_page):
    page = open_page(mock.url)
    page.tab.until_text("#places", "4 of 10 slots")
    tunnel = mock.places["demo"]
    tunnel["slots"] |= {"confirmed": 1, "busy": 2, "backoff": 3}
    tunnel |= {"link": "down", "trouble": "the relay refuses host demo", "upstream_up": False}
    mock.ready = False
    text = page.tab.until_text("#places", "6 of 10 slots", "1 confirmed", "2 busy", "3 backing off", "Down")
    assert "the relay refuses host demo" in text and "does not answer" in text
    assert page.tab.text("#overall") == "Not ready"
    assert page.tab.evaluate("document.title") == "fpwd · Not ready"
    assert page.tab.text("#live") == "demo: Down the relay refuses host demo"


def test_a_failed_reload_is_shown(mock, open_page):
    page = open_page(mock.url)
    mock.problem = "/etc/fpw.conf:12:3: unknown key 'remot'"
    page.tab.until_text("#problem", "unknown key 'remot'")
    mock.problem = None
    page.tab.until("document.querySelector('#problem').hidden")


def test_rates_and_latencies_come_from_the_counters(mock, open_page):
    page = open_page(mock.url)
    for _ in range(2):
        for seconds in [0.004] * 60 + [0.2] * 39 + [4]:
            mock.visit(get("/"), seconds)
        visits = mock.places["demo"]["visits"]
        page.tab.until(f"page.state.tunnels[0].visits === {visits}")
    page.tab.until("document.querySelector('.curve.line-1').getAttribute('d').includes('L')")
    rates, latencies = page.tab.texts(".chart figcaption")
    assert float(rates.split("\n")[1]) > 0
    # The buckets are 2.5…5 ms, 100…250 ms and 2.5…5 s.
    assert latencies.split("\n")[1:] == ["p50", "4.6 ms", "p95", "235 ms", "p99", "250 ms"]


@pytest.mark.parametrize(
    ("share", "counts", "expected"),
    [
        (0.5, [0, 0, 0], None),
        (0.5, [10, 10, 10], 0.5),
        (0.5, [0, 10, 10], 1.5),
        (0.99, [0, 100, 100], 1.99),
        (0.5, [0, 0, 10], 2),
        (0.75, [50, 100, 100], 1.5),
    ],
)
def test_a_quantile_is_linear_within_its_bucket(mock, open_page, share, counts, expected):
    assert open_page(mock.url).tab.evaluate(f"quantile({share}, [1, 2], {counts})") == expected


def test_tunnels_can_be_looked_at_one_by_one(mock, open_page):
    mock.tunnel("other", "https://other.example.test/")
    mock.visit(get("/first"))
    mock.visit(get("/second"), tunnel="other")
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 2")
    page.tab.evaluate("$('scope').value = 'other', $('scope').dispatchEvent(new Event('change'))")
    assert page.rows() == [["GET", "/second", "200"]]
    assert page.tab.texts(".place.chosen h2") == ["other"]


# The QR code, as a reader sees it.


def decoded(png: bytes) -> str:
    reader = subprocess.run(["zbarimg", "-q", "--raw", "-"], input=png, capture_output=True, check=True)
    return reader.stdout.decode().strip()


def test_the_qr_code_is_the_public_url(site, open_page):
    page = open_page(site.url)
    page.tab.click(".address button:last-child")
    assert decoded(page.tab.screenshot("#code")) == site.public_url
    page.tab.press("Escape")
    page.tab.until("!document.querySelector('#dialog').open")


@pytest.mark.parametrize("length", [14, 15, 42, 62, 84, 106, 122, 152, 180, 213, 214, 251, 287, 331])
def test_a_qr_code_of_any_version_can_be_read(mock, open_page, length):
    text = ("https://demo.example.test/?" + "0123456789abcdefghijklmnopqrstuvwxyz" * 9)[:length]
    page = open_page(mock.url, width=900)
    page.tab.evaluate(f"showCode('{text}')")
    assert decoded(page.tab.screenshot("#code")) == text


def test_what_no_qr_code_holds_has_none(mock, open_page):
    assert open_page(mock.url).tab.evaluate("qrPicture('x'.repeat(332))") is None


# Filters.


@pytest.fixture
def three_visits(mock, open_page) -> OpenPage:
    mock.visit(get("/apples"))
    mock.answer = lambda request: {"status": 503, "headers": [], "body": b""}
    mock.visit({"method": "POST", "target": "/pears", "headers": []}, address="198.51.100.9")
    mock.visit(get("/plums?apples=1"))
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 3")
    return page


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("apples", ["/plums?apples=1", "/apples"]),
        ("APPLES 200", ["/apples"]),
        ("198.51", ["/pears"]),
        ("nothing", []),
    ],
)
def test_text_filters_visits(three_visits, text, paths):
    three_visits.tab.press("/")
    three_visits.tab.write("#filter", text)
    assert [path for _, path, _ in three_visits.rows()] == paths
    assert ("No visit matches" in three_visits.tab.text("#empty")) == (not paths)


def test_status_and_method_filter_visits(three_visits):
    three_visits.tab.click("#classes button:last-child")
    assert [path for _, path, _ in three_visits.rows()] == ["/plums?apples=1", "/pears"]
    three_visits.tab.evaluate("$('method').value = 'POST', $('method').dispatchEvent(new Event('change'))")
    assert [path for _, path, _ in three_visits.rows()] == ["/pears"]


def test_a_pause_holds_the_table_and_nothing_is_missed(mock, three_visits):
    three_visits.tab.press("p")
    mock.visit(get("/later"))
    three_visits.tab.until_text("#pause", "Resume · 1 new")
    assert len(three_visits.rows()) == 3
    three_visits.tab.click("#pause")
    assert three_visits.rows()[0] == ["GET", "/later", "503"]


# When fpwd is away.


def test_a_lost_connection_is_said_and_found_again(lab, open_page):
    mock = PageMock()
    mock.tunnel("demo")
    with mock:
        page = open_page(mock.url)
        page.tab.until("page.state !== null")
    page.tab.until_text("#lost", "The connection to fpwd is lost.")
    assert page.tab.text("#overall") == "Connection lost"
    assert "lost" in page.tab.text("#live")
    page.tab.complaints.clear()
    lab.care(again := PageMock(port=mock.port))
    again.tunnel("demo")
    again.visit(get("/after"))
    page.tab.evaluate("$('retry').click()")
    page.tab.until("page.visits.length === 1")
    assert page.rows() == [["GET", "/after", "200"]]
    page.tab.until_text("#overall", "Ready")
    assert page.tab.evaluate("$('lost').hidden")
    page.tab.complaints[:] = [text for text in page.tab.complaints if "ERR_CONNECTION" not in text]


def test_a_restart_begins_anew(mock, open_page):
    for target in ("/a", "/b", "/c"):
        mock.visit(get(target))
    page = open_page(mock.url)
    page.tab.until("page.visits.length === 3")
    mock.restart()
    mock.visit(get("/first-again"))
    page.tab.until("page.visits.length === 1")
    assert page.rows() == [["GET", "/first-again", "200"]]


def test_without_the_key_the_page_says_how_to_get_it(mock, open_page):
    page = open_page(mock.url)
    mock.refusal = 401
    page.tab.until_text("#lost", "fpwd status --url")
    assert page.tab.text("#overall") == "Key needed"
    page.tab.complaints.clear()
    mock.refusal = 0
    page.tab.click("#retry")
    page.tab.until_text("#overall", "Ready")
    page.tab.complaints[:] = [text for text in page.tab.complaints if "401" not in text]


def test_the_relays_page_shows_hosts(lab, open_page):
    mock = lab.care(PageMock("fpw-relay", inspector=False))
    mock.host("demo.example.test", waiting=3)
    mock.visit(get("/"))
    page = open_page(mock.url)
    page.tab.until_text("#program", "fpw-relay")
    assert "4 slots\n4 parked" in page.tab.until_text("#places", "Waiting\n3")
    page.tab.click("#rows tr .status")
    text = page.tab.until_text("#inspector", "203.0.113.7")
    assert "Send again" not in text and "Loading" not in text


def test_the_real_relay_tells_its_page_the_same(tunnel, upstream, open_page):
    running = tunnel(upstream)
    page = open_page(running.relay.command("status", "--url").stdout.strip())
    running.visitor.visit("GET", "/a")
    page.tab.until("page.visits.length === 1")
    assert page.rows() == [["GET", "/a", "200"]]
    facts = page.tab.until_text("#places", HOST, "Visits\n1", "Hand-overs\n1", "Waiting\n0")
    assert "parked" in facts
