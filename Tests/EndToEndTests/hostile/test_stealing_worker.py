"""What belongs to another slot, host or token no worker gets from fpw-relay (PROTOCOL.md §3 to §5)."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import select

import pytest

from harness.program import PATIENCE, eventually
from harness.programs import HOST, TOKEN
from harness.slots import OTHER, OTHERS_TOKEN, RawSlot, visited

SIDE = "worker"
BY_EITHER = pytest.mark.parametrize("lab", [False, True], ids=["clear", "tls"], indirect=True)


def test_the_holder_of_another_host_cannot_reply_to_a_visit(relay):
    with visited(relay) as under_way, RawSlot(relay, OTHER, OTHERS_TOKEN) as thief:
        for slot in (thief.fields["fpw-slot"], under_way.slot.fields["fpw-slot"]):
            thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen", fpw_slot=slot))
            assert thief.answer().status == 409
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_a_host_beside_anothers_token_is_refused(relay):
    with visited(relay) as under_way, RawSlot(relay, HOST, OTHERS_TOKEN) as thief:
        thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen"))
        assert thief.answer().status == 403
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_no_guess_of_an_id_is_taken(relay, tally, depth):
    with visited(relay) as under_way, RawSlot(relay, slot="e" * 32) as thief:
        true = under_way.visit.get("fpw-id")
        near = [
            *(
                true[:-1],
                true + "0",
                true.swapcase(),
                true + ",",
                f"{true}, {true}",
                "0",
                "*",
                f"\x80{true}",
                true[::-1],
            ),
        ]
        guesses = near + [secrets.token_hex(16) for _ in range(100 * depth)]
        for guess in guesses:
            thief.sock.sendall(thief.reply_bytes(under_way.visit, b"stolen", fpw_id=guess))
            try:
                answer = thief.answer()
            except (OSError, http.client.HTTPException):
                answer = None
            if answer and answer.status < 400:
                tally.accept_wrongly(f"{guess!r} for {true!r}: {answer}")
            tally.refuse()
            if not answer or answer.get("connection") == "close":
                thief.sock.close()
                thief = RawSlot(relay, slot="e" * 32)
        thief.sock.close()
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"own"))
        assert under_way.received().messages[0][2] == b"own"


def test_the_second_reply_to_a_visit_is_409(relay):
    with visited(relay) as under_way, RawSlot(relay, slot=str(under_way.slot.fields["fpw-slot"])) as again:
        under_way.say(under_way.slot.reply_bytes(under_way.visit, b"first"))
        assert under_way.received().messages[0][2] == b"first"
        for lies in ({}, {"fpw_resend": "1"}, {"fpw_drain": "self"}):
            again.sock.sendall(again.reply_bytes(under_way.visit, b"second", **lies))
            assert again.answer().status == 409


@pytest.mark.parametrize(
    "lie", [{"status": 201}, {"body": b"x" * 5000}, {"body": b"x" * 100_001}, {"fields": {"Location": "/evil"}}]
)
def test_a_reply_that_is_sent_again_and_is_another_breaks_the_answer_off(relay, lie):
    """Other fields with the same body are no danger: their head has been sent."""
    with visited(relay) as under_way:
        body = b"x" * 100_000
        data = under_way.slot.reply_bytes(under_way.visit, body)
        under_way.say(data[: len(data) - 40_000])
        assert under_way.visitor.recv(1000).startswith(b"HTTP/1.1 200")
        under_way.slot.sock.close()
        with RawSlot(relay, slot=str(under_way.slot.fields["fpw-slot"])) as again:
            again.sock.sendall(again.reply_bytes(under_way.visit, **({"body": body} | lie), fpw_resend="1"))
            received = under_way.bytes_received()
        assert b"evil" not in received
        assert len(received) < len(body) or "fields" in lie


def test_another_hosts_slot_cannot_be_drained(relay, crowd):
    with RawSlot(relay, slot="d" * 32) as victim, RawSlot(relay, OTHER, OTHERS_TOKEN) as thief:
        victim.park()
        answer = thief.post(fpw_drain="d" * 32)
        assert (answer.status, answer.get("fpw-drained")) == (204, "unknown")
        assert thief.post(fpw_drain="d" * 32, fpw_token=TOKEN).status == 403
        visit = crowd.submit(relay.visitor().visit)
        victim.sock.sendall(victim.reply_bytes(victim.answer(), b"still here"))
        assert visit.result().body == b"still here"


def test_another_token_of_a_wildcard_gets_nothing_of_a_name_that_is_held(lab, tally, crowd):
    """It comes from the holder's address: its polls are let wait, for as long as fpwd needs to replace a token."""
    name = "blog.wild.test"
    relay = lab.relay(hosts={"*.wild.test": {"tokens": [TOKEN, OTHERS_TOKEN]}}, queue_timeout="2s")
    with RawSlot(relay, name, slot="d" * 32) as victim, contextlib.ExitStack() as ending:
        victim.sock.sendall(victim.bytes_of())
        eventually(lambda: relay.metric("fpw_relay_slots", state="parked") == 1)
        thieves = [
            ending.enter_context(RawSlot(relay, name, OTHERS_TOKEN, slot=f"{number:032x}")) for number in range(20)
        ]
        for thief in thieves:
            thief.sock.settimeout(30 * PATIENCE)
            thief.sock.sendall(thief.bytes_of())
        drainer = ending.enter_context(RawSlot(relay, name, OTHERS_TOKEN))
        for _ in range(10):
            visit = crowd.submit(relay.visitor(name).visit)
            under_way = victim.answer()
            assert drainer.post(fpw_drain=secrets.token_hex(16)).get("fpw-drained") == "unknown"
            lie = drainer.reply_bytes(under_way, b"stolen")
            drainer.sock.sendall(lie)
            assert drainer.answer().status == 409
            victim.sock.sendall(victim.reply_bytes(under_way, b"own"))
            assert visit.result().body == b"own"
            tally.refuse(2)
        answered, _, _ = select.select([thief.sock for thief in thieves], [], [], 0)
        assert answered == [], "none has been handed a visit"
        refusals = [thief.answer() for thief in thieves]
        assert {(answer.status, b"another token of *.wild.test" in answer.body) for answer in refusals} == {(403, True)}
        tally.refuse(len(thieves))
        tally.is_alive(relay)


@BY_EITHER
def test_slots_beyond_a_hosts_share_are_told_to_wait(lab, tally):
    relay = lab.relay(hosts={HOST: {"token": TOKEN, "max_slots": 5}, OTHER: {"token": OTHERS_TOKEN}})
    with contextlib.ExitStack() as ending:
        for number in range(50):
            slot = ending.enter_context(RawSlot(relay, slot=f"{number:032x}"))
            if number < 5:
                slot.park(beside=number)
                tally.take()
                continue
            answer = slot.post()
            assert (answer.status, answer.get("retry-after")) == (429, "30")
            tally.refuse()
        assert relay.metric("fpw_relay_slots", host=HOST, state="parked") == 5
        with RawSlot(relay, OTHER, OTHERS_TOKEN) as other:
            other.park()
        tally.is_alive(relay)


CREDENTIALS = [
    *({"fpw_token": TOKEN.upper()}, {"fpw_token": TOKEN[:-1]}, {"fpw_token": TOKEN + "x"}),
    *({"fpw_token": TOKEN + "\xa0"}, {"fpw_token": f"{TOKEN},{TOKEN}"}, {"fpw_token": OTHERS_TOKEN}),
    *({"fpw_token": "x"}, {"fpw_token": "a" * 5000}, {"fpw_token": "*"}, {"fpw_host": HOST + ".evil"}),
    *({"fpw_host": "x." + HOST}, {"fpw_host": "*"}, {"fpw_host": f"{HOST},{OTHER}"}, {"fpw_host": "*.test"}),
    *({"fpw_host": HOST + "/"}, {"fpw_host": "a@" + HOST}, {"fpw_host": HOST.replace(".", "..")}),
    *({"fpw_host": "a" * 5000}, {"fpw_token": f"{OTHERS_TOKEN}\r\nfpw-token: {TOKEN}"}),
    {"fpw_host": f"{OTHER}\r\nfpw-host: {HOST}"},
]


@BY_EITHER
def test_credentials_that_are_nearly_right_open_no_slot(lab, tally):
    """Nor does one of two that differ; and in time none at all are looked at."""
    relay = lab.relay(hosts={HOST: {"token": TOKEN}, OTHER: {"token": OTHERS_TOKEN}})
    for lies in CREDENTIALS:
        with RawSlot(relay) as slot:
            status = slot.post(**lies, fpw_hello="1").status
            if status in (400, 403, 429, 431, 502):
                tally.refuse()
            else:
                tally.accept_wrongly(f"{lies}: {status}")
    assert relay.metric("fpw_relay_slots", state="parked") == 0
    tally.is_alive(relay)
