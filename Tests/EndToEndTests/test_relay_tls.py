"""fpw-relay's own TLS: `tls_listen`, `tls_certificate`, `tls_key`."""

import contextlib
import datetime
import hashlib
import signal
import socket
import ssl
import subprocess
import time

import pytest

from harness.load import Load
from harness.program import PATIENCE, eventually
from harness.programs import HOST, FpwRelay
from harness.tls import Authority
from parts.wire import LAST_CHUNK, chunk

# What TCP_INFO says of a connection that was reset (netinet/tcp.h, TCP_CLOSE).
TCP_CLOSED = 7
NOT_AFTER = "fpw_relay_certificate_not_after_timestamp_seconds"


@pytest.fixture
def relay(fpw_relay, authority) -> FpwRelay:
    return fpw_relay(authority=authority)


@pytest.fixture
def path(tunnel, upstream, authority):
    """Both programs, and a visitor who comes by TLS as the slots do."""
    return tunnel(upstream, workers=4, relay={"authority": authority})


@pytest.fixture
def renewed(tmp_path, authority):
    """Makes another certificate of the same authority, and its key."""
    return lambda **options: authority.certificate("localhost", HOST, folder=tmp_path, **options)


def shown(relay: FpwRelay) -> dict:
    """What a client sees of the certificate."""
    with relay.visitor().raw() as sock:
        return sock.getpeercert()


def replace(relay: FpwRelay, files) -> None:
    """Puts other files in the place of the relay's, as a renewal does."""
    for old, new in zip(relay.certificate, files, strict=True):
        staged = old.with_suffix(".new")
        staged.write_bytes(new.read_bytes())
        staged.chmod(0o600)
        staged.replace(old)


def in_clear(port: int) -> socket.socket:
    return contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=20 * PATIENCE))


# Who comes.


def test_visitor_and_slots_come_by_tls_and_the_service_learns_of_https(path, upstream):
    answer = path.visitor.visit("POST", "/echo", body=b"body")
    head = upstream.requests[0].head
    assert (answer.status, upstream.requests[0].body) == (200, b"body")
    assert (head.get("x-forwarded-proto"), head.get("x-forwarded-for")) == ("https", "127.0.0.1")


def test_a_visitor_in_clear_text_is_served_beside_it_and_told_apart(path, upstream):
    with in_clear(path.relay.port) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        assert sock.recv(100).startswith(b"HTTP/1.1 200 ")
    assert upstream.requests[0].head.get("x-forwarded-proto") == "http"


def test_fpwd_is_told_the_public_url_with_the_port_of_tls(path):
    assert path.daemon.wait_for_line("tunnel is open", f"https://{HOST}:{path.relay.tls_port}/")


def test_an_authority_that_did_not_sign_is_refused_by_fpwd(relay, fpwd, upstream, tmp_path):
    daemon = fpwd(relay, upstream, ca_file=str(Authority(tmp_path, "another").file))
    assert "localhost" in daemon.wait_for_line("certificate")
    eventually(lambda: relay.metric("fpw_relay_protocol_errors_total", reason="tls") > 0)
    assert relay.is_running


def test_a_client_that_would_speak_http2_is_offered_http1(path, authority):
    command = ["curl", "-sS", "--http2", "--cacert", authority.file, "-w", " %{http_version}"]
    command += ["--resolve", f"{HOST}:{path.relay.tls_port}:127.0.0.1", f"https://{HOST}:{path.relay.tls_port}/"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (told.stdout, told.stderr) == ("hello\n 1.1", "")


@pytest.mark.parametrize(
    ("version", "is_taken"), [("tls1", False), ("tls1_1", False), ("tls1_2", True), ("tls1_3", True)]
)
def test_tls_is_1_2_at_least(relay, authority, version, is_taken):
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{relay.tls_port}", "-CAfile", authority.file]
    command += [f"-{version}", "-cipher", "DEFAULT@SECLEVEL=0", "-alpn", "h2,http/1.1", "-brief"]
    told = subprocess.run(command, input="", capture_output=True, text=True, timeout=20)
    assert ("Verification: OK" in told.stderr, told.returncode == 0) == (is_taken, is_taken), told.stderr


# What is no TLS.


def test_http_in_clear_text_is_told_so_and_closed(relay):
    with in_clear(relay.tls_port) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        answer = b""
        while data := sock.recv(1000):
            answer += data
    assert answer.startswith(b"HTTP/1.1 400 ") and answer.endswith(b"Write https://.\n")
    assert relay.metric("fpw_relay_protocol_errors_total", reason="tls") == 1


@pytest.mark.parametrize(
    "said", [b"\x16\x03\x01\x00\x05hello", b"\x16" * 5000, b"\x15\x03\x01\x00\x02\x02\x28", b"\x00", b""]
)
def test_nonsense_ends_its_own_connection_only(path, said):
    with in_clear(path.relay.tls_port) as sock:
        try:
            sock.sendall(said)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(1000):
                pass
        except TimeoutError:
            raise
        except OSError:
            pass  # The relay was faster.
    assert path.visitor.visit().status == 200
    assert path.relay.lines_with(" error ") == []


def test_who_does_not_finish_the_handshake_is_cut_off_after_ten_seconds(relay):
    """Who sends the beginning of a ClientHello of 512 bytes, and who sends nothing."""
    with in_clear(relay.tls_port) as begins, in_clear(relay.tls_port) as silent:
        began = time.monotonic()
        begins.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
        for sock in (begins, silent):
            with contextlib.suppress(ConnectionResetError):
                assert sock.recv(1) == b""
            assert 9 < time.monotonic() - began < 13 * PATIENCE


def test_an_end_without_a_goodbye_is_nothing_to_speak_of(path):
    """Most clients close the TCP connection and no more."""
    for _ in range(5):
        with path.visitor.raw() as sock:
            sock.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert sock.recv(100).startswith(b"HTTP/1.1 200 ")
            sock.shutdown(socket.SHUT_WR)
    assert path.visitor.visit().status == 200
    assert [line for line in path.relay.lines if "error" in line or "warning" in line] == []


# What passes.


def test_an_upload_that_asks_first_is_told_to_go_on_when_a_slot_has_taken_it(path):
    with path.visitor.raw() as sock:
        sock.sendall(
            f"POST /echo HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n".encode()
        )
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"abc")
        assert sock.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_hundred_mebibytes_pass_each_way(path, upstream):
    body = hashlib.shake_128(b"100 MiB").digest(100 << 20)
    received = []

    @upstream.on("/sink")
    def _(request):
        received.append(hashlib.sha256(request.connection.read_body(request.head)).hexdigest())
        request.respond(200, body=body)

    answer = path.visitor.visit("PUT", "/sink", body=body, within=90)
    assert (received, answer.status) == ([hashlib.sha256(body).hexdigest()], 200)
    assert answer.body == body


def test_an_event_stream_passes_as_it_is_written(path, upstream):
    @upstream.on("/events")
    def _(request):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        request.connection.send(head)
        for number in range(3):
            request.connection.send(chunk(b"data: %d\n\n" % number))
            assert request.connection.readable(within=1) is False
        request.connection.send(LAST_CHUNK)

    began = time.monotonic()
    with path.visitor.open(target="/events", within=10) as response:
        assert response.readline() == b"data: 0\n"
        assert time.monotonic() - began < 0.9
        assert response.read().endswith(b"data: 2\n\n")


def test_an_answer_cut_short_has_no_goodbye(path, upstream):
    """An HTTP/1.0 visitor knows a body's end by the connection's: a goodbye would say that it is whole."""

    @upstream.on("/cut")
    def _(request):
        request.connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(b"x" * 100_000))
        request.connection.readable(within=0.3)
        request.connection.close()

    # Python takes an end without a goodbye for a good one unless told not to.
    tls, address = path.visitor.tls, ("127.0.0.1", path.relay.tls_port)
    tcp = socket.create_connection(address, timeout=20 * PATIENCE)
    with tls.wrap_socket(tcp, server_hostname="localhost", suppress_ragged_eofs=False) as sock:
        sock.sendall(f"GET /cut HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
        with pytest.raises(ssl.SSLEOFError):
            while sock.recv(1 << 16):
                pass
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_CLOSED, "it was no reset"


def test_a_relay_that_is_stopped_finishes_what_it_handed_over(path, upstream):
    with Load(path.visitor, upstream, visitors=8, takes=0.1) as load:
        load.some_more()
        path.relay.signal(signal.SIGTERM)
        assert path.relay.exit_code() == 0
    print(load.summary())
    assert (load.lost_of_those_handed_over, load.duplicated) == (0, 0)


# The certificate changes.


def test_a_renewed_certificate_is_shown_to_new_connections_and_loses_nobody(path, upstream, renewed):
    serials = [shown(path.relay)["serialNumber"]]
    connection = path.visitor.connection()
    with path.visitor.open(connection=connection) as response:
        response.read()
    with Load(path.visitor, upstream, visitors=8) as load:
        for _ in range(5):
            load.some_more()
            replace(path.relay, renewed())
            path.relay.signal(signal.SIGHUP)
            eventually(lambda: shown(path.relay)["serialNumber"] not in serials)
            serials.append(shown(path.relay)["serialNumber"])
        load.some_more()
    print(load.summary())
    assert load.count("answered") == len(load.visits) > 250
    assert len(path.relay.lines_with("shown another certificate")) == 5
    with path.visitor.open(connection=connection) as response:
        assert (response.status, connection.sock.getpeercert()["serialNumber"]) == (200, serials[0])
    assert path.daemon.lines_with("warning") == []


@pytest.mark.parametrize(
    ("which", "text", "complaint"),
    [
        (0, None, 'tls_certificate = "{}" cannot be read: no such file'),
        (0, "no PEM", 'tls_certificate = "{}" holds no certificate that can be read'),
        (1, "no PEM", 'tls_key = "{}" holds no private key that can be read'),
    ],
)
def test_a_broken_file_changes_nothing(path, which, text, complaint):
    serial = shown(path.relay)["serialNumber"]
    file = path.relay.certificate[which]
    file.unlink()
    if text is not None:
        file.write_text(text)
        file.chmod(0o600)
    path.relay.signal(signal.SIGHUP)
    path.relay.wait_for_line("nothing has changed")
    assert path.relay.lines_with(complaint.format(file))
    assert path.relay.metric("fpw_relay_config_last_reload_successful") == 0
    assert path.visitor.visit().status == 200
    assert shown(path.relay)["serialNumber"] == serial


def test_the_metric_tells_until_when_the_certificate_counts(relay, lab):
    until = datetime.datetime.strptime(shown(relay)["notAfter"], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=datetime.UTC)
    assert relay.metric(NOT_AFTER) == until.timestamp()
    assert f"\n{NOT_AFTER} " not in lab.relay(authority=None).admin("/metrics")[1]


# What -t says.


def checked(relay: FpwRelay) -> tuple[int, str]:
    told = relay.command("-t")
    return told.returncode, told.stderr


def test_the_check_looks_into_the_files(relay, renewed):
    assert checked(relay) == (0, f"fpw-relay: configuration {relay.file}: syntax is ok\n")
    certificate, key = relay.certificate
    key.chmod(0o644)
    assert f'tls_key = "{key}" can be read by every user of this machine; run: chmod o-rwx {key}' in checked(relay)[1]
    key.chmod(0o600)
    key.write_bytes(renewed()[1].read_bytes())
    code, said = checked(relay)
    assert code == 78
    assert f'tls_key = "{key}" is not the key of the first certificate in {certificate}' in said


def test_an_expired_certificate_is_warned_about_and_served(relay, renewed):
    replace(relay, renewed(at="2020-01-01 00:00:00"))
    code, said = checked(relay)
    assert code == 0
    assert f'warning: tls_certificate = "{relay.certificate[0]}" has expired on 2020-01-31: nobody trusts it' in said
    relay.signal(signal.SIGHUP)
    relay.wait_for_line("has expired on 2020-01-31")
    relay.wait_for_line("shown another certificate", "until=2020-01-31")
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(relay)
