"""What an HTTP client library repeats by itself, silently, is caught: here the servers count requests."""

import pytest

from parts.relay import breaking

BY_TLS_TOO = True


@pytest.fixture
def racing(upstream):
    """Serves `/race` on fresh connections only: a kept one is closed as the request arrives, with no answer."""

    @upstream.on("/race")
    def _(request):
        request.connection.read_body(request.head)
        if len([seen for seen in upstream.requests if seen.connection is request.connection]) > 1:
            request.connection.close()
        else:
            request.respond(body=b"fresh\n")

    return upstream


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_idempotent_request_that_met_a_closing_connection_is_repeated_once(tunnel, racing, method):
    visitor = tunnel(racing, workers=1).visitor
    assert visitor.visit().body == b"hello\n"
    assert visitor.visit(method, "/race", body=b"").body == b"fresh\n"
    assert len(racing.seen("/race")) == 2


@pytest.mark.parametrize("body", [b"", b"body"])
def test_a_post_that_met_a_closing_connection_is_not_repeated(tunnel, racing, body):
    visitor = tunnel(racing, workers=1).visitor
    assert visitor.visit().body == b"hello\n"
    assert visitor.visit("POST", "/race", body=body).status == 502
    assert len(racing.seen("/race")) == 1


def test_a_request_is_repeated_once_and_not_for_ever(tunnel, upstream):
    upstream.on("/closing")(lambda request: request.connection.close())
    visitor = tunnel(upstream, workers=1).visitor
    assert visitor.visit().body == b"hello\n"
    assert visitor.visit(target="/closing").status == 502
    assert len(upstream.seen("/closing")) <= 2


def test_a_reply_that_met_a_closing_connection_is_not_repeated_by_the_library(fpwd, relay_part, upstream):
    fpwd(relay_part, upstream, workers=1)
    assert relay_part.visit().status == 200
    relay_part.script(breaking(), on=lambda post: post.is_reply)
    lost = relay_part.start_visit("POST", "/echo")
    assert relay_part.visit().status == 200
    assert len(relay_part.replies_to(lost)) == 1
    assert len(upstream.seen("/echo")) == 1


def test_a_poll_that_met_a_closing_connection_is_the_workers_to_repeat(fpwd, relay_part, upstream):
    """Each POST of a slot carries the slot's id: a library's silent repetition would come at once, uncounted."""
    relay_part.hold = 1.1
    relay_part.script(breaking(), times=3)
    daemon = fpwd(relay_part, upstream, workers=1)
    assert relay_part.wait_for_parked(within=20)
    first, second = relay_part.posts[:2]
    assert second.arrived - first.arrived > 0.005
    assert daemon.lines_with("relay")
