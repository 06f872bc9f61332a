"""What holds for the status page as a whole: on any screen, for anybody, all day, whatever comes in."""

from __future__ import annotations

import re

import pytest

from harness.status_page import OpenPage
from parts.page_data import populate, step
from parts.page_mock import PageMock
from parts.page_mock import page as the_page

WIDTHS = (360, 1440)


@pytest.fixture
def mock(lab) -> PageMock:
    mock = lab.care(PageMock())
    mock.tunnel("demo")
    return mock


@pytest.fixture
def busy(lab, request) -> PageMock:
    """A mock with all kinds of visits, states and troubles in it."""
    program = getattr(request, "param", "fpwd")
    mock = lab.care(PageMock(program, inspector=program == "fpwd"))
    populate(mock, 4)
    for moment in range(60):
        step(mock, moment)
    return mock


def get(target: str, fields=()) -> dict:
    return {"method": "GET", "target": target, "headers": [list(field) for field in fields]}


# For eyes and hands.

CONTRASTS = """(() => {
    const parsed = colour => {
        const numbers = colour.match(/[\\d.]+/g).map(Number), scale = colour.startsWith("color(") ? 255 : 1;
        return [...numbers.slice(0, 3).map(part => part * scale), numbers[3] ?? 1];
    };
    const over = (above, below) => [0, 1, 2].map(part => above[part] * above[3] + below[part] * (1 - above[3]));
    const behind = element => {
        const colour = element ? parsed(getComputedStyle(element).backgroundColor) : [255, 255, 255, 1];
        return colour[3] === 1 ? colour : over(colour, behind(element.parentElement));
    };
    const light = colour => colour.slice(0, 3).map(part => part / 255)
        .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
    const poor = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        const text = texts.currentNode.data.trim().slice(0, 30);
        if (!text || !element.checkVisibility() || element.closest(".unseen, svg, script")) continue;
        const back = behind(element), front = over(parsed(getComputedStyle(element).color), back);
        const [high, low] = [light(back), light(front)].sort((a, b) => b - a), contrast = (high + .05) / (low + .05);
        if (contrast < 4.5) poor.push(`${text} (${element.className}): ${contrast.toFixed(2)}`);
    }
    return [...new Set(poor)];
})()"""


def with_a_difference(page: OpenPage, path: str = "/hook") -> None:
    page.inspect(path)
    page.choose("sendAgain")
    page.tab.until("inspector.first")
    page.choose("tab-difference")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(busy, open_page, dark, width):
    busy.visit(get("/hook"), tunnel="shop")
    busy.problem = "/etc/fpw.conf:1:1: unknown key"
    page = open_page(busy.url, width=width)
    page.tab.prefer(dark=dark, still=True)
    page.tab.until("page.visits.length > 20 && !$('problem').hidden")
    assert page.tab.evaluate(CONTRASTS) == []
    with_a_difference(page)
    assert page.tab.evaluate(CONTRASTS) == []
    page.choose("edit")
    assert page.tab.evaluate(CONTRASTS) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("busy", ["fpwd", "fpw-relay"], indirect=True)
def test_nothing_is_wider_than_the_screen(busy, open_page, language, width):
    place = next(iter(busy.places.values()))
    place |= {"url": f"https://{'a' * 63}.{'b' * 63}.example.org/", "trouble": "x" * 300}
    busy.visit(get("/" + "long" * 200, [["X-Long", "y" * 500], ["X-" + "n" * 200, "1"]]), tunnel=place["name"])
    page = open_page(busy.url, width=width, language=language)
    page.tab.until("page.visits.length > 20")
    assert page.overflow() == 0
    if busy.inspector:
        with_a_difference(page, "/" + "long" * 200)
        page.choose("tab-request")
        assert page.overflow() == 0
        page.choose("edit")
        assert page.overflow() == 0


def test_whoever_cannot_see_hears_names_and_places(busy, open_page):
    busy.visit(get("/hook"), tunnel="shop")
    page = open_page(busy.url)
    with_a_difference(page)
    page.choose("edit")
    page.tab.call("Accessibility.enable")
    nodes = page.tab.call("Accessibility.getFullAXTree")["nodes"]
    found = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    roles = {role for role, _ in found}
    assert {"banner", "main", "region", "complementary", "contentinfo", "table", "status", "article"} <= roles
    speaking = {"button", "link", "textbox", "searchbox", "combobox", "tab", "article", "complementary", "image"}
    assert [role for role, text in found if role in speaking and not text] == []
    assert len([role for role, _ in found if role in speaking]) > 50


def test_nothing_moves_for_those_who_asked_for_rest(busy, open_page):
    page = open_page(busy.url)
    page.tab.prefer(still=True)
    for moment in range(8):
        step(busy, moment)
    page.tab.until(f"page.newest === {busy.state(0)['newest']}")
    assert page.tab.evaluate("document.getAnimations().length") == 0


def test_the_browser_chooses_the_language_and_a_switch_stays(mock, open_page):
    page = open_page(mock.url, language="zh-CN")
    page.tab.until_text("#places", "在线")
    assert page.tab.evaluate("document.documentElement.lang") == "zh-CN"
    page.tab.click("[data-language=en]")
    page.tab.until_text("#places", "Up")
    page.tab.call("Page.reload")
    page.tab.until_text("#places", "Up")
    assert page.tab.evaluate("document.documentElement.lang") == "en"


# Whatever comes in.

EVIL = '"><img src=x onerror="complain()"><script>complain()</script>\u202e'


def test_what_visitors_send_stays_text(mock, open_page):
    mock.tunnel(EVIL, url=f"javascript:complain()//{EVIL}", trouble=EVIL, link="down", upstream=EVIL, relay=EVIL)
    mock.problem = EVIL
    body = b'{"a": "<img src=x onerror=complain()>"}'
    fields = [["Content-Type", "text/html"], [EVIL, EVIL]]
    mock.answer = lambda _: {"status": 200, "headers": fields, "body": body}
    mock.visit(get(f"/{EVIL}", fields), tunnel=EVIL, address=EVIL, request_id=EVIL, error=EVIL)
    page = open_page(mock.url)
    page.tab.evaluate("void (window.complain = () => console.error('it ran'))")
    elements = "document.querySelectorAll('img, iframe, object, script:not(:last-of-type), a[href^=javascript]').length"
    page.tab.click("#rows .status")
    page.tab.until("inspector.detail")
    for view in ("json", "text", "hex"):
        page.choose(f"view-{view}")
    assert page.tab.evaluate(elements) == 0
    page.choose("tab-request")
    page.choose("edit")
    assert page.tab.evaluate(elements) == 0
    assert EVIL in page.tab.evaluate("document.querySelector('form .first-line label:last-child input').value")


# All day.


def used_memory(page: OpenPage) -> int:
    page.tab.call("HeapProfiler.collectGarbage")
    return page.tab.call("Runtime.getHeapUsage")["usedSize"]


def test_a_day_long_tab_stays_small(mock, open_page):
    page = open_page(mock.url)

    def a_while() -> int:
        """400 states with 40 visits each, taken in as fast as they come: more than the page keeps."""
        page.tab.evaluate("""(() => {
            const now = performance.now.bind(performance), at = (window.later ??= now());
            const place = page.state.tunnels[0];
            for (let second = 0; second < 400; second++) {
                performance.now = () => window.later += 1000;
                const newest = page.newest, visits = Array.from({ length: 40 }, (_, index) => ({
                    id: newest + index + 1, at: Date.now(), method: "GET", target: `/${newest + index}`, status: 200,
                    tunnel: "demo", upstream_ms: 1, total_ms: 2, received: 0, sent: 10, address: "203.0.113.7" }));
                const counts = place.latency.counts.map(count => count + 40 * (second + 1));
                receive({ ...page.state, visits, newest: newest + 40, tunnels: [
                    { ...place, visits: place.visits + 40 * (second + 1), latency: { ...place.latency, counts } }] });
            }
            performance.now = now;
        })()""")
        return used_memory(page)

    page.tab.evaluate("clearTimeout(poll.timer), void (poll.now = () => Promise.resolve())")
    a_while()
    before, after = a_while(), a_while()
    assert abs(after - before) < 1 << 20
    kept = "[page.visits.length, $('rows').children.length, page.histories.get('demo').samples.length]"
    visits, rows, samples = page.tab.evaluate(kept)
    assert (visits, rows) == (1000, 200) and samples < 320
    assert page.tab.evaluate("document.querySelectorAll('*').length") < 8000


def test_the_page_is_small_and_alone():
    text = the_page()
    assert len(text.encode()) <= 92 << 10
    assert re.findall(r"""(?:src|href)=["'](?!data:|#)[^"']*["']|@import|url\(['"/]""", text) == []
    texts = re.search(r"const texts = \{\n(.*?)\n\};", text, re.DOTALL)[1].splitlines()
    assert len(texts) > 100
    assert [line for line in texts if not re.fullmatch(r'  \w+: \["[^"]+", "[^"]+"\],', line)] == []
