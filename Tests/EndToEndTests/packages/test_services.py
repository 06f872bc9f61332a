"""Both services on one machine, as systemd runs them."""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from harness.fronts import shipped_nginx_site
from harness.load import Load
from harness.program import eventually
from harness.programs import HOST
from harness.site import FILES, SERVICES
from harness.tls import Authority
from harness.visitor import Visitor
from parts.upstream import Gate

NGINX = "http://127.0.0.1:80"
SHOP = "shop.example.test"

services = pytest.mark.parametrize("service", SERVICES)


# Visitors.


def test_a_visitor_reaches_nginx_through_relay_and_daemon(served):
    answer = served({"upstream": NGINX}).visitor.visit()
    assert (answer.status, "Welcome to nginx!" in answer.text) == (200, True)


def test_after_a_boot_visitors_are_served_and_nothing_was_an_error(served, debian):
    site = served({"upstream": NGINX})
    debian.reboot()
    site.wait_until_ready()
    assert site.visitor.visit().status == 200
    assert debian.run("systemctl", "is-system-running", "--wait") == "running\n"
    assert debian.journal("--priority=warning", *(f"--unit={service}" for service in SERVICES)) == ""


def test_an_operator_asks_how_the_services_are(served, debian):
    served()
    assert "demo" in debian.run("fpwd", "status")
    assert HOST in debian.run("fpw-relay", "status")
    for service in SERVICES:
        debian.run(service, "ready")
        page = urlsplit(debian.run(service, "status", "--url").strip())
        assert Visitor(page.port, page.netloc).visit(target=f"{page.path}?{page.query}").status == 303


def test_every_header_field_arrives_as_its_own(served, upstream):
    site = served()
    fields = [(f"X-Field-{number}", f"value, {number}") for number in range(40)]
    repeated = [("X-Repeated", "one"), ("X-Repeated", "two")]
    cookies = [("Set-Cookie", f"c{number}=v; Path=/") for number in range(20)]
    upstream.on("/fields")(lambda request: request.respond(200, [*cookies, *fields]))
    answer = site.visitor.visit(target="/fields", fields=fields + repeated)
    [request] = upstream.seen("/fields")
    arrived = [(name.lower(), value) for name, value in request.head.fields if name.lower().startswith("x-field")]
    assert sorted(arrived) == sorted((name.lower(), value) for name, value in fields)
    assert request.head.all("x-repeated") in (["one", "two"], ["one, two"])
    assert answer.all("set-cookie") == [value for _, value in cookies]
    assert [answer.get(name.lower()) for name, _ in fields] == [value for _, value in fields]


def test_large_bodies_pass_both_ways(served, upstream):
    site = served()
    body = bytes(range(256)) * (40 << 10)
    answer = site.visitor.visit("POST", "/echo", body=body)
    assert (answer.status, answer.body.endswith(b"\r\n\r\n" + body)) == (200, True)


def test_the_daemon_reaches_a_relay_by_https_with_the_systems_authorities(served, debian, tmp_path):
    authority = Authority(tmp_path, "authority")
    debian.write("/usr/local/share/ca-certificates/tests.crt", authority.file.read_bytes())
    debian.run("update-ca-certificates")
    names = ("relay.example.test", HOST)
    for kind, file in zip(("pem", "key"), authority.certificate(*names), strict=True):
        debian.write(f"/etc/ssl/relay.{kind}", file.read_bytes(), 0o600)
    debian.write("/etc/hosts", f"127.0.0.1 localhost {' '.join(names)}\n")
    site_file = shipped_nginx_site(8443, 28820, ("/etc/ssl/relay.pem", "/etc/ssl/relay.key"), " ".join(names))
    debian.write("/etc/nginx/conf.d/relay.conf", site_file)
    debian.run("systemctl", "reload", "nginx")
    site = served({"relay": "https://relay.example.test:8443/"}, {"trusted_proxies": ["127.0.0.1"]})
    assert site.visitor.visit().text == "hello\n"


def test_a_service_behind_a_unix_socket_is_reached(served, debian):
    debian.write("/etc/nginx/conf.d/socket.conf", "server { listen unix:/run/site.sock; return 200 'by socket'; }")
    debian.run("systemctl", "reload", "nginx")
    site = served({"upstream": "unix:/run/site.sock"})
    assert site.visitor.visit().text == "by socket"


@pytest.mark.parametrize(
    ("socket", "setting"),
    [("/run/group.sock", ""), ("/tmp/group.sock", "PrivateTmp=no"), ("/home/group.sock", "ProtectHome=read-only")],
)
def test_a_drop_in_opens_the_way_to_the_socket_of_a_group(served, debian, socket, setting):
    """As docs/operations.md has it."""
    debian.write("/etc/nginx/conf.d/group.conf", f"server {{ listen unix:{socket}; return 200 'for the group'; }}")
    debian.run("systemctl", "reload", "nginx")
    eventually(lambda: debian.path(socket).exists())
    debian.run("chgrp", "www-data", socket)
    debian.run("chmod", "660", socket)
    with debian.drop_in("fpwd", "SupplementaryGroups=www-data", setting):
        assert served({"upstream": f"unix:{socket}"}).visitor.visit().text == "for the group"


def test_the_group_of_the_daemon_may_use_its_admin_socket(served, debian):
    served(daemon={"admin_listen": "unix:/run/fpwd/admin.sock"})
    ask = ["fpwd", "ready", "--admin", "unix:/run/fpwd/admin.sock"]
    assert debian.attempt("setpriv", "--reuid=nobody", "--regid=nogroup", "--groups=_fpwd", *ask).returncode == 0
    assert debian.attempt("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *ask).returncode == 69


def test_the_relay_listens_on_ports_of_root(served):
    served({"relay": "http://127.0.0.1:88/"}, {"listen": "*:88"})
    assert Visitor(88, HOST).visit().status == 200


# Reloading.


def test_a_changed_file_takes_effect_under_load_and_no_visitor_notices(served, upstream, debian):
    site = served()
    shop = Visitor(28820, SHOP)
    with Load(site.visitor, upstream, visitors=8) as load:
        load.some_more()
        site.configure_relay(HOST, SHOP)
        debian.run("systemctl", "reload", "fpw-relay")
        demo = {"upstream": f"http://127.0.0.1:{upstream.port}"}
        site.configure_daemon({"demo": demo, "shop": {"host": SHOP, "upstream": NGINX}})
        debian.run("systemctl", "reload", "fpwd")
        eventually(lambda: shop.visit().status == 200)
        load.some_more()
    assert (load.lost, load.duplicated, load.count("error page", "turned away")) == (0, 0, 0), load.summary()
    assert debian.unit("fpwd", "NRestarts") == debian.unit("fpw-relay", "NRestarts") == "0"


@services
def test_reloading_a_broken_file_fails_visibly_and_changes_nothing(served, upstream, debian, service):
    site = served()
    process = debian.unit(service, "MainPID")
    with Load(site.visitor, upstream, visitors=8) as load:
        load.some_more()
        site.write(service, debian.path(FILES[service]).read_text() + "\nremot = 1\n")
        assert debian.attempt("systemctl", "reload", service).returncode == 1
        assert "unknown key 'remot'" in debian.wait_for_journal(service, f"{FILES[service]}:")
        load.some_more()
    assert (load.lost, load.duplicated, load.count("error page", "turned away")) == (0, 0, 0), load.summary()
    assert (debian.unit(service, "ActiveState"), debian.unit(service, "MainPID")) == ("active", process)


# Ending, and starting again.


@services
def test_a_stop_lets_visits_under_way_finish(served, upstream, debian, service):
    site = served()
    gate = Gate()
    upstream.on("/slow")(gate)
    with ThreadPoolExecutor(9) as crowd:
        visits = [crowd.submit(site.visitor.visit, target="/slow") for _ in range(8)]
        assert gate.holds(8)
        stop = crowd.submit(debian.run, "systemctl", "stop", service)
        eventually(lambda: debian.unit(service, "ActiveState") == "deactivating")
        gate.open()
        assert [visit.result().text for visit in visits] == ["through\n"] * 8
        stop.result()
    assert debian.unit(service, "Result") == "success"


@services
def test_a_killed_service_is_back_within_two_seconds(served, debian, service):
    site = served()
    before = debian.unit(service, "MainPID")
    debian.run("systemctl", "kill", "--signal=KILL", service)
    killed = time.monotonic()
    debian.wait_for_another(service, before)
    assert time.monotonic() - killed <= 2
    eventually(lambda: site.visitor.visit().status == 200, within=5)
    assert debian.unit(service, "NRestarts") == "1"


@services
def test_the_watchdog_ends_a_service_that_stands_still(served, debian, service):
    with debian.drop_in(service, "WatchdogSec=1"):
        site = served()
        before = debian.unit(service, "MainPID")
        debian.run("systemctl", "kill", "--signal=STOP", service)
        debian.wait_for_journal(service, "Watchdog timeout")
        debian.wait_for_another(service, before)
        eventually(lambda: site.visitor.visit().status == 200, within=5)


@services
def test_a_service_with_a_broken_file_is_not_started_again_and_again(served, debian, service):
    site = served()
    site.write(service, "remot = 1\n")
    assert debian.attempt("systemctl", "restart", service).returncode == 1
    assert f"{FILES[service]}:1:1: " in debian.journal(f"--unit={service}")
    # Where it were to be started again, it would be "activating".
    state = [debian.unit(service, what) for what in ("ActiveState", "ExecMainStatus", "NRestarts")]
    assert state == ["failed", "78", "0"]


# Logs.


def test_logrotate_renames_access_logs_and_no_line_is_lost(served, upstream, debian):
    site = served({}, *({"access_log": f"/var/log/{service}/access.log"} for service in SERVICES))
    for target in ("/before", "/after"):
        assert site.visitor.visit(target=target).status == 200
        if target == "/before":
            for service in SERVICES:
                debian.run("logrotate", "--force", f"/etc/logrotate.d/{service}")
    for service in SERVICES:
        log = f"/var/log/{service}/access.log"
        eventually(lambda log=log: debian.path(log).exists() and "/after" in debian.path(log).read_text())
        assert "/before" in debian.path(f"{log}.1").read_text()
        assert "/after" not in debian.path(f"{log}.1").read_text()
