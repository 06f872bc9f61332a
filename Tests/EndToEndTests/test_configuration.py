"""What the programs say about their configuration, and how they end when it is wrong."""

import os

import pytest

from harness.program import Program, free_port
from harness.programs import HOST, TOKEN, binary, toml

pytestmark = [pytest.mark.fpwd, pytest.mark.fpw_relay]

TUNNEL = {"host": HOST, "token": TOKEN, "relay": "http://127.0.0.1:1/", "upstream": "http://127.0.0.1:2"}


@pytest.fixture
def told(start, tmp_path):
    """Runs a program on a text and returns how it ended and what it said."""

    def run(name: str, text: str, *arguments: str, mode: int = 0o600, env=None) -> tuple[int, str]:
        file = tmp_path / f"{name}.conf"
        file.write_text(text)
        file.chmod(mode)
        program = start(Program([binary(name), "-c", file, *arguments], env=env))
        return program.exit_code(), program.text.replace(str(file), "FILE")

    return run


@pytest.mark.parametrize(
    ("name", "tables"), [("fpwd", {"tunnel.a": TUNNEL}), ("fpw-relay", {f'host."{HOST}"': {"token": TOKEN}})]
)
def test_a_good_file_passes_the_check(told, name, tables):
    code, said = told(name, toml(tables), "-t")
    assert (code, "FILE" in said, "syntax is ok" in said) == (0, True, True)


@pytest.mark.parametrize("arguments", [["-t"], []], ids=["checked", "run"])
def test_every_error_is_said_at_once_with_its_place(told, arguments):
    text = toml({"tunnel.a": TUNNEL | {"remot": "x", "workers": 0}})
    code, said = told("fpwd", text, *arguments)
    assert code == 78
    assert "FILE:6:1: unknown key 'remot' in [tunnel.a]; did you mean 'relay'?" in said
    assert "FILE:7:11: workers = 0 is outside 1…1024" in said


@pytest.mark.parametrize("arguments", [["-t"], []], ids=["checked", "run"])
@pytest.mark.parametrize(
    ("name", "tables"),
    [("fpwd", {"daemon": {}, "tunnel.a": TUNNEL}), ("fpw-relay", {"relay": {}, f'host."{HOST}"': {"token": TOKEN}})],
)
def test_an_access_log_in_no_folder_is_an_error(told, tmp_path, name, tables, arguments):
    first = next(iter(tables))
    code, said = told(name, toml(tables | {first: {"access_log": str(tmp_path / "none" / "access.log")}}), *arguments)
    assert (code, f"lies in {tmp_path / 'none'}, and there is no such folder" in said) == (78, True)


def test_the_effective_configuration_says_where_values_come_from_and_no_secret(told):
    code, said = told("fpwd", toml({"tunnel.a": TUNNEL | {"workers": 7}}), "-T")
    assert code == 0
    assert "workers = 7" in said and "FILE:6" in said
    assert "default" in said and "<redacted>" in said
    assert TOKEN not in said


def test_a_missing_file_is_named(start, tmp_path):
    for name in ("fpwd", "fpw-relay"):
        program = start(Program([binary(name), "-c", tmp_path / "none.conf"]))
        assert program.exit_code() == 78
        assert str(tmp_path / "none.conf") in program.text


def test_a_plain_relay_off_loopback_needs_a_word(told):
    code, said = told("fpwd", toml({"tunnel.a": TUNNEL | {"relay": "http://relay.example.org/"}}), "-t")
    assert (code, "allow_plain_relay" in said) == (78, True)


@pytest.mark.parametrize("token", ["21a018194adc44e7", "short"])
def test_a_weak_token_off_loopback_needs_a_word(told, token):
    tables = {"relay": {"listen": "0.0.0.0:28820"}, f'host."{HOST}"': {"token": token}}
    code, said = told("fpw-relay", toml(tables), "-t")
    assert (code, "allow_weak_token" in said, token in said) == (78, True, False)


def test_an_upstream_that_is_the_daemons_own_admin_page_is_refused(told):
    port = free_port()
    tables = {
        "daemon": {"admin_listen": f"127.0.0.1:{port}"},
        "tunnel.a": TUNNEL | {"upstream": f"http://localhost:{port}"},
    }
    code, said = told("fpwd", toml(tables), "-t")
    assert (code, "admin_listen" in said) == (78, True)


def test_a_token_file_that_others_can_read_is_refused(told, tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    tunnel = {key: value for key, value in TUNNEL.items() if key != "token"} | {"token_file": str(token)}
    token.chmod(0o644)
    code, said = told("fpwd", toml({"tunnel.a": tunnel}), "-t")
    assert (code, "chmod" in said, str(token) in said) == (78, True, True)
    token.chmod(0o600)
    assert told("fpwd", toml({"tunnel.a": tunnel}), "-t")[0] == 0


@pytest.mark.parametrize("variable", ["FPW_HOST", "FPW_TOKEN", "FPW_UPSTREAM", "FPW_RELAY"])
def test_quick_modes_variables_beside_a_file_are_an_error_that_names_them(told, variable):
    code, said = told("fpwd", toml({"tunnel.a": TUNNEL}), "-t", env={variable: "x"})
    assert (code != 0, variable in said) == (True, True)


def test_an_address_in_use_is_named_with_its_key(start, fpw_relay, tmp_path):
    relay = fpw_relay()
    file = tmp_path / "second.conf"
    file.write_text(toml({"relay": {"listen": f"127.0.0.1:{relay.port}", "admin_listen": f"127.0.0.1:{free_port()}"}}))
    second = start(Program([binary("fpw-relay"), "-c", file]))
    assert second.exit_code() != 0
    assert f"127.0.0.1:{relay.port}" in second.text and "listen" in second.text


@pytest.mark.parametrize("name", ["fpwd", "fpw-relay"])
def test_wrong_usage_is_64(start, name):
    program = start(Program([binary(name), "--no-such-option"]))
    assert (program.exit_code(), "--no-such-option" in program.text) == (64, True)


@pytest.mark.parametrize("name", ["fpwd", "fpw-relay"])
def test_the_shipped_configuration_passes_the_check(start, name):
    shipped = os.path.join(os.path.dirname(__file__), "..", "..", "config", f"{name.replace('fpwd', 'fpw')}.conf")
    program = start(Program([binary(name), "-t", "-c", shipped]))
    assert (program.exit_code(), "syntax is ok" in program.text) == (0, True)


def test_a_wrong_token_is_said_by_the_daemon_with_the_tokens_source(fpw_relay, fpwd, upstream):
    relay = fpw_relay()
    daemon = fpwd(relay, upstream, token="another-token-altogether")
    line = daemon.wait_for_line("403", HOST)
    assert "token" in line
    assert "another-token-altogether" not in daemon.text
    assert daemon.admin("/readyz")[0] == 503


@pytest.mark.parametrize("name", ["fpwd", "fpw-relay"])
def test_ready_and_status_ask_the_running_program(tunnel, start, upstream, name):
    path = tunnel(upstream, workers=2)
    running = path.daemon if name == "fpwd" else path.relay
    ready = start(Program([binary(name), "ready", "-c", running.file]))
    status = start(Program([binary(name), "status", "-c", running.file]))
    assert (ready.exit_code(), status.exit_code()) == (0, 0)
    assert HOST in status.text or "demo" in status.text
    running.stop()
    assert start(Program([binary(name), "ready", "-c", running.file])).exit_code() != 0
