"""fpw-relay's borders: what visitors and slots may say to it, and what it answers (PROTOCOL.md §3, §4)."""

import json
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from harness.program import eventually, free_port
from harness.programs import HOST, TOKEN, FpwRelay
from harness.visitor import Answer, Visitor
from parts.upstream import Gate


@dataclass
class Slot:
    """A slot spoken by hand, with a connection for each POST."""

    relay: FpwRelay
    host: str = HOST
    token: str = TOKEN
    slot: str = "0123456789abcdef0123456789abcdef"

    def post(self, body: bytes = b"", within: float = 10, path: str = "/", **fields: str) -> Answer:
        said = {"fpw-host": self.host, "fpw-token": self.token, "fpw-slot": self.slot}
        said |= {name.replace("_", "-"): value for name, value in fields.items()}
        return self.relay.visitor().visit("POST", path, said.items(), body, within)

    def park(self, crowd: ThreadPoolExecutor, **more: str) -> Future[Answer]:
        """The answer to come to a POST that the relay holds by now: its only one."""
        post = crowd.submit(self.post, **more)
        eventually(lambda: self.relay.metric("fpw_relay_slots", state="parked") == 1)
        return post


@pytest.fixture
def relay(fpw_relay):
    return fpw_relay()


@pytest.fixture
def slot(relay) -> Slot:
    return Slot(relay)


@pytest.fixture
def crowd():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_hello_is_answered_at_once_with_the_features_and_the_public_url(relay, slot):
    answer = slot.post(fpw_hello="1")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.get("fpw-features") == "hello, drain, stream, resend"
    assert answer.get("fpw-public-url") == relay.public_url


@pytest.mark.parametrize("path", ["/", "/server-client", "/any/thing?x"])
def test_a_visit_carries_both_spellings_and_a_reply_may_use_either(relay, slot, crowd, path):
    for spelling in ("fpw_id", "fpw_rid"):
        poll = slot.park(crowd, path=path)
        visit = crowd.submit(relay.visitor().visit, "POST", "/a?b", [("X-Own", "1"), ("X-Own", "2")], b"body")
        handed = poll.result()
        assert (handed.status, handed.body) == (200, b"body")
        assert handed.get("fpw-id") == handed.get("fpw-rid")
        assert len(handed.get("fpw-id")) >= 22, "128 bits"
        assert (handed.get("fpw-method"), handed.get("fpw-url")) == ("POST", "/a?b")
        assert handed.get("fpw-ip") == handed.get("fpw-uip") == "127.0.0.1"
        fields = {name.lower(): value for name, value in json.loads(handed.get("fpw-header")).items()}
        assert fields["x-own"] == ["1", "2"]
        assert fields["x-forwarded-proto"] == relay.public_url.partition(":")[0]
        reply = crowd.submit(
            slot.post,
            b"answer",
            fpw_status="203",
            fpw_header='{"X-Got": ["1", "2"]}',
            **{spelling: handed.get("fpw-id")},
        )
        answer = visit.result()
        assert (answer.status, answer.all("x-got"), answer.body) == (203, ["1", "2"], b"answer")
        assert slot.post(fpw_drain=slot.slot).get("fpw-drained") == "parked"
        assert reply.result().status == 204
        slot.slot = slot.slot[::-1]


def test_a_wrong_token_and_an_unknown_host_are_refused_alike(relay, slot):
    wrong, unknown = Slot(relay, token="x" * 20).post(), Slot(relay, host="unknown.test").post()
    assert (wrong.status, wrong.body) == (403, unknown.body)
    assert unknown.status == 403
    assert TOKEN not in relay.text


def test_a_post_with_half_of_the_credentials_is_a_visitors(relay):
    for half in ([("fpw-host", HOST)], [("fpw-token", TOKEN)]):
        assert relay.visitor().visit("POST", "/", half, b"").status == 502


def test_guesses_of_a_wrong_token_are_limited_per_address(relay, slot):
    def guess(number: int) -> int:
        return Slot(relay, token=f"guess-number-{number:08}").post().status

    statuses = [guess(number) for number in range(60)]
    assert set(statuses) <= {403, 429}
    assert slot.post(fpw_hello="1").status in (204, 403, 429)


def test_a_reply_with_a_guessed_id_or_anothers_slot_is_refused(relay, slot, crowd):
    poll = slot.park(crowd)
    visit = crowd.submit(relay.visitor().visit)
    handed = poll.result()
    thief = Slot(relay, slot="f" * 32)
    reply = {"fpw_status": "200", "fpw_header": "{}"}
    guessed = thief.post(b"guessed", fpw_id="0" * len(handed.get("fpw-id")), **reply)
    stolen = thief.post(b"stolen", fpw_id=handed.get("fpw-id"), **reply)
    assert guessed.status >= 400 and stolen.status >= 400
    crowd.submit(slot.post, b"own", fpw_id=handed.get("fpw-id"), **reply)
    assert visit.result().body == b"own"
    slot.post(fpw_drain=slot.slot)


def test_what_a_visitor_says_in_the_protocols_words_does_not_reach_the_service(tunnel, upstream):
    visitor = tunnel(upstream, workers=1).visitor
    visitor.visit(fields=[("Fpw-Status", "500"), ("fpw_id", "x"), ("FPW-Ip", "6.6.6.6"), ("Fpw-Drain", "x")])
    assert not re.search(rb"(?i)\r\nfpw[-_](status|id|ip|drain)", upstream.requests[0].head.raw)


@pytest.mark.parametrize("host", [HOST.upper(), HOST + ".", HOST + ":1234"])
def test_a_host_is_found_whatever_its_case_port_and_trailing_dot(tunnel, upstream, host):
    visitor = tunnel(upstream, workers=1).visitor
    assert visitor.visit(fields=[("Host", host)]).status == 200


def test_nobody_online_is_502_at_once_and_says_what_to_do(relay):
    page = relay.visitor().visit(fields=[("Accept", "text/html")], within=2)
    machine = relay.visitor().visit(fields=[("Accept", "application/json")], within=2)
    assert (page.status, page.get("content-type").split(";")[0]) == (502, "text/html")
    assert (machine.status, machine.get("content-type").split(";")[0]) == (502, "application/json")
    assert json.loads(machine.body)


def test_a_visitor_who_gets_no_slot_in_time_is_told_to_come_again(tunnel, upstream, crowd):
    gate = Gate()
    upstream.on("/gate")(gate)
    path = tunnel(upstream, workers=1, max_workers=1, relay={"queue_timeout": "1s"})
    assert path.relay.metric("fpw_relay_unserved_visitors_total", reason="queue-timeout", host=HOST) == 0
    held = crowd.submit(path.visitor.visit, target="/gate")
    assert gate.holds(1)
    refused = path.visitor.visit(within=5)
    assert (refused.status, refused.get("retry-after").isdigit()) == (503, True)
    assert path.relay.metric("fpw_relay_unserved_visitors_total") == 1
    assert path.relay.metric("fpw_relay_unserved_visitors_total", reason="queue-timeout", host=HOST) == 1
    gate.open()
    assert held.result().status == 200


def test_a_queue_that_is_full_refuses_at_once(tunnel, upstream, crowd):
    gate = Gate()
    upstream.on("/gate")(gate)
    visitor = tunnel(upstream, workers=1, max_workers=1, relay={"queue_limit": 1}).visitor
    held = crowd.submit(visitor.visit, target="/gate")
    assert gate.holds(1)
    both = [crowd.submit(visitor.visit) for _ in range(2)]
    eventually(lambda: any(visit.done() for visit in both))
    assert [visit.result().status for visit in both if visit.done()] == [503]
    gate.open()
    assert sorted(visit.result().status for visit in both) == [200, 503]
    assert held.result().status == 200


def test_a_visit_that_no_reply_comes_for_is_504(fpw_relay, crowd):
    slot = Slot(fpw_relay(visit_timeout="1s"))
    poll = slot.park(crowd)
    visit = crowd.submit(slot.relay.visitor().visit)
    rid = poll.result().get("fpw-id")
    assert visit.result().status == 504
    assert slot.post(b"late", fpw_id=rid, fpw_status="200", fpw_header="{}").status == 409


def test_a_body_beyond_the_limit_is_413(tunnel, upstream):
    visitor = tunnel(upstream, workers=1, relay={"max_body": "1MiB"}).visitor
    assert visitor.visit("POST", "/echo", body=bytes(1 << 20)).status == 200
    upstream.requests.clear()
    assert (
        visitor.say(b"POST / HTTP/1.1\r\nHost: %b\r\nContent-Length: 1048577\r\n\r\n" % HOST.encode())[9:12] == b"413"
    )
    assert upstream.requests == []


def test_headers_beyond_the_limit_are_431_and_take_no_slot(tunnel, upstream):
    visitor = tunnel(upstream, workers=1).visitor
    large = [(f"X-{number}", "v" * 7000) for number in range(10)]
    many = [(f"X-{number}", "v") for number in range(300)]
    assert [visitor.visit(fields=fields).status for fields in (large, many)] == [431, 431]
    assert upstream.requests == []
    assert visitor.visit().status == 200


def test_an_upload_is_welcomed_once_a_slot_has_taken_the_visit(tunnel, upstream):
    visitor = tunnel(upstream, workers=1).visitor
    with visitor.raw() as sock:
        said = f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
        sock.sendall(said.encode() + b"Connection: close\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 100")
        sock.sendall(b"body")
        received = b""
        while data := sock.recv(1 << 16):
            received += data
    assert received.startswith(b"HTTP/1.1 200") and received.endswith(b"body")
    assert upstream.requests[0].head.get("expect") is None


def test_an_http_1_0_visitor_is_served(tunnel, nginx_files):
    visitor = tunnel(nginx_files[0], workers=1).visitor
    answer = visitor.say(b"GET /page HTTP/1.0\r\nHost: %b\r\n\r\n" % HOST.encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == b"200" and b"chunked" not in head
    assert body == b"0123456789abcdef" * 64


def test_pipelined_requests_are_answered_in_order(tunnel, upstream):
    visitor = tunnel(upstream, workers=4).visitor
    requests = [f"GET /echo?{number} HTTP/1.1\r\nHost: {HOST}\r\n" for number in range(5)]
    answers = visitor.say(("\r\n".join(requests) + "Connection: close\r\n\r\n").encode())
    assert re.findall(rb"GET /echo\?(\d)", answers) == [b"0", b"1", b"2", b"3", b"4"]


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A : b\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: b\r\n c\r\n\r\n",
        f"GET / HTTP/1.1\nHost: {HOST}\n\n",
        f"G@T / HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
        f"GET /\x01 HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
        "nonsense\r\n\r\n",
    ],
    ids=repr,
)
def test_a_malformed_request_is_refused_and_takes_no_slot(tunnel, upstream, request_text):
    visitor = tunnel(upstream, workers=1).visitor
    assert visitor.say(request_text.encode()).split(b" ")[1] == b"400"
    assert upstream.requests == []


def test_hosts_do_not_see_each_others_visitors(fpw_relay, fpwd, upstream):
    hosts = {name: {"token": f"a-token-of-{name}-alone"} for name in ("one.test", "two.test")}
    relay = fpw_relay(hosts=hosts)
    tunnels = {
        name.split(".")[0]: {"host": name, **table, "upstream": upstream.url, "relay": relay.url, "workers": 2}
        for name, table in hosts.items()
    }
    fpwd(tunnels=tunnels).wait_until_ready()
    for name in hosts:
        assert relay.visitor(name).visit(target=f"/echo?{name}").status == 200
        assert upstream.requests[-1].head.get("host") == name
    assert Slot(relay, host="one.test", token="a-token-of-two.test-alone").post().status == 403


def test_a_wildcard_host_serves_any_name_below_it(fpw_relay, fpwd, upstream):
    relay = fpw_relay(hosts={"*.wild.test": {"tokens": ["the-new-wild-token", "the-old-wild-token"]}})
    fpwd(relay, upstream, host="a.wild.test", token="the-old-wild-token").wait_until_ready()
    assert relay.visitor("a.wild.test").visit().status == 200
    assert relay.visitor("b.wild.test").visit().status == 502


def test_slots_may_have_a_listener_of_their_own(fpw_relay, fpwd, upstream):
    slots = free_port()
    relay = fpw_relay(slot_listen=f"127.0.0.1:{slots}")
    fpwd(f"http://127.0.0.1:{slots}/", upstream).wait_until_ready()
    assert relay.visitor().visit().status == 200
    assert Visitor(slots, HOST).visit().status == 404


def test_drain_says_what_a_slot_was_doing(relay, slot, crowd):
    assert slot.post(fpw_drain=slot.slot).get("fpw-drained") == "unknown"
    slot.slot = "a" * 32
    parked = slot.park(crowd)
    answer = slot.post(fpw_drain=slot.slot)
    assert (answer.status, answer.get("fpw-drained"), parked.result().status) == (204, "parked", 204)
    assert slot.post(within=3).status == 204, "a poll of a drained slot is not parked"

    slot.slot = "b" * 32
    poll, visit = slot.park(crowd), crowd.submit(relay.visitor().visit)
    rid = poll.result().get("fpw-id")
    assert slot.post(fpw_drain=slot.slot).get("fpw-drained") == "busy"
    last = slot.post(b"last", fpw_id=rid, fpw_status="200", fpw_header="{}", fpw_drain="self")
    assert (last.status, visit.result().body) == (204, b"last")
