"""Past one machine: several fpw-relay behind HAProxy or nginx, each host at one of them, as packaging/ has it."""

import ssl

import pytest

from harness.fronts import shipped_haproxy, shipped_nginx_for_relays
from harness.load import Load
from harness.program import eventually, free_port
from harness.programs import QUIET, TOKEN, HAProxy, Nginx
from harness.visitor import Visitor

HOSTS = [f"host{number}.example.test" for number in range(16)]


class Relays:
    """Two relays behind a front, and one fpwd that serves all hosts through it."""

    def __init__(self, lab, park_time: str):
        self._lab, self._settings = (
            lab,
            {"trusted_proxies": ["127.0.0.1"], "public_scheme": "https", "park_time": park_time},
        )
        self.relays = [self._relay(), self._relay()]

    def _relay(self, **settings: object):
        return self._lab.relay(hosts={host: {"token": TOKEN} for host in HOSTS}, **QUIET, **self._settings, **settings)

    def restart(self, index: int) -> None:
        self.relays[index] = self._relay(port=self.relays[index].port)

    def serve(self, front_port: int, authority, upstream) -> None:
        tls = ssl.create_default_context(cafile=str(authority.file))
        self.visitors = {host: Visitor(front_port, host, tls) for host in HOSTS}
        path = {"relay": f"https://localhost:{front_port}/", "ca_file": str(authority.file), "workers": 2}
        tunnels = {
            host.partition(".")[0]: path
            | {"host": host, "upstream": f"http://127.0.0.1:{upstream.port}", "max_workers": 2}
            for host in HOSTS
        }
        self.daemon = self._lab.fpwd(tunnels=tunnels, daemon=QUIET)
        self.daemon.wait_until_ready(20)

    def are_served(self, hosts=HOSTS) -> bool:
        try:
            return {self.visitors[host].visit().status for host in hosts} == {200}
        except ConnectionError:
            # The moment in which HAProxy marks a relay down ends the requests that it is just about to refuse.
            return False

    def homes(self, metric: str = "fpw_relay_visits_total", **labels: str) -> dict[str, list[int]]:
        """By host, the relays whose metric is not zero."""
        counts = [{host: relay.metric(metric, host=host, **labels) for host in HOSTS} for relay in self.relays]
        return {host: [index for index, of in enumerate(counts) if of[host]] for host in HOSTS}

    def hosts_at(self, index: int) -> list[str]:
        return [host for host, relays in self.homes("fpw_relay_slots", state="parked").items() if relays == [index]]


@pytest.fixture
def behind_haproxy(lab, start, authority, upstream, tmp_path):
    relays = Relays(lab, park_time="90s")
    port = free_port()
    both = tmp_path / "certificate-and-key.pem"
    both.write_text("".join(file.read_text() for file in authority.certificate("localhost")))
    start(HAProxy(tmp_path, port, shipped_haproxy(port, [relay.port for relay in relays.relays], both)))
    relays.serve(port, authority, upstream)
    return relays


@pytest.fixture
def behind_nginx(lab, start, authority, upstream, tmp_path):
    relays = Relays(lab, park_time="2s")
    port = free_port()
    certificate = authority.certificate("localhost")
    names = "localhost *.example.test"
    site = shipped_nginx_for_relays(port, [relay.port for relay in relays.relays], certificate, names)
    start(Nginx(tmp_path, port, f"access_log off; {site}", workers="2"))
    relays.serve(port, authority, upstream)
    return relays


@pytest.fixture(params=["behind_haproxy", "behind_nginx"])
def relays(request):
    return request.getfixturevalue(request.param)


def test_slots_and_visitors_of_a_host_meet_at_one_relay_and_hosts_are_spread(relays):
    for host, visitor in relays.visitors.items():
        for written in (host, f"{host.upper()}:443", f"{host}."):
            assert visitor.visit(fields=[("Host", written)]).body == b"hello\n"
    homes = relays.homes()
    assert [len(of_host) for of_host in homes.values()] == [1] * len(HOSTS)
    assert {of_host[0] for of_host in homes.values()} == {0, 1}
    # A slot that has just replied is parked again a moment later.
    eventually(lambda: relays.homes("fpw_relay_slots", state="parked") == homes)


def test_what_a_visitor_says_of_where_it_came_from_is_not_believed(relays, upstream):
    names = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id"]
    relays.visitors[HOSTS[0]].visit(fields=[(name, "said-by-the-visitor.test") for name in names])
    *told, request_id = (upstream.requests[-1].head.get(name) for name in names)
    assert told == ["127.0.0.1", "https", HOSTS[0]]
    assert request_id and request_id != "said-by-the-visitor.test"


def test_headers_of_every_allowed_size_pass(relays, upstream):
    asked = [(f"X-Field-{number}", f"{number:03}" * 80) for number in range(220)]
    answered = [(f"X-Field-{number}", f"{number:02}" * 300) for number in range(90)]
    upstream.on("/fields")(lambda request: request.respond(200, answered))
    answer = relays.visitors[HOSTS[0]].visit(target="/fields", fields=asked)
    seen = upstream.seen("/fields")[0].head
    assert [answer.get(name.lower()) for name, _ in answered] == [value for _, value in answered]
    assert [seen.get(name.lower()) for name, _ in asked] == [value for _, value in asked]


def test_a_relay_that_dies_takes_only_its_hosts_and_only_until_that_is_noticed(relays, upstream):
    theirs, others = relays.hosts_at(0), relays.hosts_at(1)
    with Load(relays.visitors[others[0]], upstream, visitors=4, pause=0.01) as load:
        relays.relays[0].kill()
        eventually(lambda: relays.are_served(theirs), within=20, every=0.2)
        assert relays.are_served(others)
        load.some_more()
    assert (load.count("answered"), load.duplicated) == (len(load.visits), 0), load.summary()


def test_a_relay_that_comes_back_costs_no_visit_behind_haproxy(behind_haproxy, upstream):
    relays = behind_haproxy
    moved = relays.hosts_at(0)
    relays.relays[0].kill()
    eventually(lambda: relays.are_served(moved), within=20, every=0.2)
    with Load(relays.visitors[moved[0]], upstream, visitors=4, pause=0.01) as load:
        relays.restart(0)
        load.run(4)  # HAProxy's check needs two seconds to find it up
    assert (load.count("answered"), load.duplicated) == (len(load.visits), 0), load.summary()
    assert relays.are_served()


def test_a_relay_that_comes_back_has_its_hosts_back_behind_nginx(behind_nginx):
    relays = behind_nginx
    moved = relays.hosts_at(0)
    relays.relays[0].kill()
    eventually(lambda: relays.are_served(moved), within=20, every=0.2)
    relays.restart(0)
    eventually(lambda: set(relays.hosts_at(0)) == set(moved), within=40, every=0.5)
    assert relays.are_served()


def test_a_relay_that_is_stopped_loses_no_visit_that_was_handed_over(relays, upstream):
    theirs = relays.hosts_at(0)
    with Load(relays.visitors[theirs[0]], upstream, visitors=2, takes=0.3, pause=0.01) as load:
        load.some_more(4)
        relays.relays[0].stop()
        eventually(lambda: relays.are_served(theirs), within=20, every=0.2)
        load.some_more(4)
    assert (load.lost_of_those_handed_over, load.duplicated) == (0, 0), load.summary()


def test_two_fpwd_share_the_visitors_of_a_host_and_one_goes_on_alone(fpw_relay, fpwd, upstream):
    relay = fpw_relay()
    daemons = [fpwd(relay, upstream, workers=4) for _ in range(2)]
    for daemon in daemons:
        daemon.wait_until_ready()
    with Load(relay.visitor(), upstream, visitors=8, takes=0.01) as load:
        eventually(lambda: all(daemon.metric("fpwd_visits_total") >= 20 for daemon in daemons))
        daemons[0].stop()
        load.some_more(100)
    assert (load.count("answered"), load.duplicated) == (len(load.visits), 0), load.summary()
