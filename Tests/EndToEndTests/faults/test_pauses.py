"""Receivers that pause for longer than a dead peer may go unnoticed (PROTOCOL.md §4, "Slots that die silently")."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.program import eventually
from harness.programs import HOST
from parts.wire import reset_at_close

SIZE = 64 << 20  # more than all buffers on the way
END = 8 << 20  # more than fpw-relay takes of it, and no more than fpwd's system takes
PAUSE = 40
BY_BOTH = pytest.mark.parametrize(
    "lab", [pytest.param(False, id="clear"), pytest.param(True, id="tls", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture
def reader(upstream) -> threading.Event:
    """Lets the upstream read what is sent to `/unread`."""
    reads = threading.Event()
    upstream.on("/large")(lambda request: request.respond(body=bytes(SIZE)))
    upstream.on("/end")(lambda request: request.respond(body=bytes(END)))

    @upstream.on("/unread")
    def _(request):
        reads.wait(120)
        request.respond(body=b"%d" % sum(map(len, request.connection.body_parts(request.head))))

    yield reads
    reads.set()


@pytest.mark.timeout(150)
@BY_BOTH
def test_visitors_and_a_service_that_pause_get_everything_afterwards(tunnel, upstream, reader):
    """As far as fpwd can tell the shorter download is all sent: unread, it is no poll that goes unanswered."""
    path = tunnel(upstream, workers=3, poll_timeout="5s")
    with (
        ThreadPoolExecutor() as pool,
        path.visitor.open(target="/large", within=60) as download,
        path.visitor.open(target="/end", within=60) as shorter,
    ):
        upload = pool.submit(path.visitor.visit, "POST", "/unread", body=bytes(SIZE), within=120)
        time.sleep(PAUSE)
        assert not upload.done()
        reader.set()
        assert (len(download.read()), len(shorter.read())) == (SIZE, END)
        assert upload.result().body == b"%d" % SIZE
    assert path.relay.metric("fpw_relay_repeats_total") == 0
    assert path.daemon.metric("fpwd_replies_resent_total") == 0


def test_a_visitor_who_pauses_for_longer_than_idle_timeout_holds_no_slot(tunnel, upstream, reader):
    path = tunnel(upstream, workers=1, relay={"idle_timeout": "1s"})
    with path.visitor.open(target="/large"):
        assert path.visitor.visit(within=10).body == b"hello\n"


def test_a_service_that_pauses_for_longer_than_idle_timeout_holds_no_visitor(tunnel, upstream, reader):
    path = tunnel(upstream, workers=1, upstream_timeout="2s", relay={"idle_timeout": "1s"})
    assert path.visitor.visit("POST", "/unread", body=bytes(SIZE), within=10).status == 504
    assert path.visitor.visit(within=10).body == b"hello\n"


@BY_BOTH
def test_a_visitor_who_leaves_an_upload_that_the_service_does_not_read_holds_no_slot(tunnel, upstream, reader):
    path = tunnel(upstream, workers=1)
    with path.visitor.raw(within=1) as visitor:
        visitor.sendall(b"POST /unread HTTP/1.1\r\nHost: %b\r\nContent-Length: %d\r\n\r\n" % (HOST.encode(), SIZE))
        with pytest.raises(TimeoutError):
            visitor.sendall(bytes(SIZE))
        reset_at_close(visitor)
    assert path.visitor.visit(within=4).body == b"hello\n"
    path.daemon.wait_for_line("/unread", "visitor-gone")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_peer_that_pauses_and_then_vanishes_is_noticed(network, apart, reader):
    """fpw-relay reads nothing of a download, fpwd nothing of an upload. Before they vanish they answer in vain."""
    path = apart(workers=2, upstream_timeout="200s")

    def connections() -> int:
        wanted = f"( sport = :{path.slots} or dport = :{path.slots} )"
        said = subprocess.run(
            ["ss", "-Htn", "state", "established", wanted], capture_output=True, text=True, check=True
        )
        return len(said.stdout.splitlines())

    with ThreadPoolExecutor() as pool, path.visitor.open(target="/large", within=60):
        upload = pool.submit(path.visitor.visit, "POST", "/unread", body=bytes(SIZE), within=120)
        time.sleep(PAUSE)
        assert connections() >= 4
        with network.drop(path.slots):
            began = time.monotonic()
            eventually(lambda: connections() == 0, within=60)
            print(f"noticed after {time.monotonic() - began:.1f} s")
        assert upload.result().status == 502
        reader.set()
        eventually(lambda: path.relay.metric("fpw_relay_slots", state="parked") == 2)
