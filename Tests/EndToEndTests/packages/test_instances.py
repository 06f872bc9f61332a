"""Several daemons on one machine: fpwd@NAME with /etc/fpw/NAME.conf."""

import pytest

from harness.program import eventually
from harness.programs import HOST, TOKEN, toml
from harness.site import RELAY
from harness.visitor import Visitor

SHOP = "shop.example.test"


@pytest.fixture
def instance(site, upstream, debian):
    """Configures an instance: `instance("shop", SHOP, 9890)`, its name, its host and its admin port."""
    started = []

    def configure(name: str, host: str, admin: int) -> str:
        tunnel = {"host": host, "token": TOKEN, "relay": RELAY, "upstream": f"http://127.0.0.1:{upstream.port}"}
        tables = {"daemon": {"admin_listen": f"127.0.0.1:{admin}"}, "tunnel.demo": tunnel}
        debian.write(f"/etc/fpw/{name}.conf", toml(tables), 0o640, "_fpwd")
        started.append(f"fpwd@{name}")
        return started[-1]

    yield configure
    debian.run("systemctl", "stop", *started)
    debian.run("systemctl", "reset-failed")


def test_instances_serve_side_by_side(served, debian, instance):
    site = served()
    site.configure_relay(HOST, SHOP)
    debian.run("systemctl", "reload", "fpw-relay")
    shop = instance("shop", SHOP, 9890)
    debian.run("systemctl", "enable", "--now", shop)
    eventually(lambda: Visitor(28820, SHOP).visit().status == 200)
    assert site.visitor.visit().status == 200
    # Each ends, is reloaded and starts on its own.
    debian.run("systemctl", "reload", shop)
    debian.run("systemctl", "stop", "fpwd")
    assert Visitor(28820, SHOP).visit().status == 200
    debian.run("systemctl", "start", "fpwd")
    debian.run("systemctl", "disable", "--now", shop)
    site.wait_until_ready()
    assert [site.visitor.visit().status, Visitor(28820, SHOP).visit().status] == [200, 502]


def test_a_taken_admin_port_is_named(served, debian, instance):
    served()
    blog = instance("blog", "blog.example.test", 9882)
    debian.attempt("systemctl", "start", blog)
    assert "127.0.0.1:9882" in debian.wait_for_journal(blog, "admin_listen")
    assert [debian.unit(blog, what) for what in ("ActiveState", "ExecMainStatus", "NRestarts")] == ["failed", "78", "0"]
