"""The documents: every command that stands in one is run here, on a machine of its own and with the files of the document.

A command that nothing is said of below must end with 0.
"""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass

import pytest

from harness.documents import DOCUMENTS, FENCED, FILES, KINDS, ROOT, Block, Story, blocks, inline_commands, stories
from harness.machine import Machine
from harness.program import eventually

pytestmark = [pytest.mark.fpwd, pytest.mark.fpw_relay]

# Commands that are not run, and why.
NOT_RUN = {
    "make": "builds for ten minutes; every run of the tests has done it",
    "make demo": "builds first",
    "make test": "is this",
    "make deb": "every run of the tests has done it",
    "sudo apt-get install ./.build/deb/fpwd_*.deb ./.build/deb/fpw-relay_*.deb": "needs a real systemd",
    "apt-get install certbot": "changes the machine that runs the tests",
    "apt-get install nginx-light": "the same",
    "apt-get install caddy": "the same",
    "apt-get install prometheus": "the same",
    "certbot certonly --manual --preferred-challenges dns --cert-name example.org -d 'example.org' -d '*.example.org'":
        "asks Let's Encrypt; a certificate of the tests' authority lies where it would put its own",
    "editor /etc/prometheus/prometheus.yml": "is a person's work; packaging/prometheus/prometheus.yml is what comes of it",
    "systemctl reload prometheus": "none runs here; test_alerts.py runs one with these files",
}

# Commands that run until Ctrl-C, and what they say when they serve. Those of `STAYING` go on.
SERVING = {
    "fpwd 3000": "Ctrl-C ends it.",
    "fpwd --host blog 3000": "https://blog.28820.com/  →",
    "fpwd --host my-hooks 3000": "https://my-hooks.28820.com/  →",
    "fpwd --once 3000": "Ctrl-C ends it.",
    "fpwd https://10.0.0.5": "Ctrl-C ends it.",
    "fpwd unix:/run/app.sock": "Ctrl-C ends it.",
    "FPW_HOST=blog.28820.com fpwd 80": "https://blog.28820.com/  →",
    "FPW_TOKEN=$(cat /etc/fpw/blog.token) fpwd --host test.example.org 3000": "https://test.example.org/  →",
    "python3 -m http.server --bind 127.0.0.1 3000": "Serving HTTP",
}
STAYING = {"python3 -m http.server --bind 127.0.0.1 3000"}

# What a reader types where a command asks.
PASSWORD = "correct-horse\ncorrect-horse\n"
TYPED = {
    "printf 'anna:%s\\n' \"$(openssl passwd -6)\" | install -m 640 -g _fpwd /dev/stdin /etc/fpw/blog.passwords": PASSWORD,
    "printf 'family:%s\\n' \"$(openssl passwd -6)\" | install -m 640 -g _fpwd /dev/stdin /etc/fpw/family.passwords": PASSWORD,
    "install -m 640 -g _fpwd /dev/stdin /etc/fpw/blog.token": "cat /etc/fpw-relay/token",
}

# Commands that stand in sentences only; they are run, too.
IN_SENTENCES = {"fpw-relay ready", "fpw-relay status --url"}

# In sentences, what only names a part of a command.
FORMS = {
    "fpwd [--host NAME] [--once] UPSTREAM", "htpasswd -B", "htpasswd -B -c FILE NAME", "systemctl status", "systemctl stop",
    "promtool test rules", "ss -ltnp", "journalctl -u fpwd", "chgrp _fpwd FILE", "chmod 640 FILE", "chmod o-rwx FILE",
    "apt-get purge", "apt-get remove", "valgrind --tool=callgrind", "python3 -m parts.page_mock",
}

STORIES = stories()
COMMANDS = [command for document in FENCED for block in blocks(document) if block.kind == "sh" for command in block.commands]


# What holds for the texts.


def test_every_block_says_what_it_holds():
    kinds = {str(block): block.kind for document in FENCED for block in blocks(document)}
    assert len(kinds) > 40
    assert {place: kind for place, kind in kinds.items() if kind not in KINDS} == {}


def test_a_file_begins_with_its_path():
    files = [block for document in FENCED for block in blocks(document) if block.kind in FILES]
    assert len(files) > 10
    assert [str(block) for block in files if not block.path] == []


def test_what_is_said_of_commands_is_said_of_commands_that_are_there():
    said = {*NOT_RUN, *SERVING, *TYPED}
    assert len(COMMANDS) > 60
    assert said - set(COMMANDS) == set()
    assert len(said) == len(NOT_RUN) + len(SERVING) + len(TYPED)


def test_commands_in_sentences_are_commands_that_are_run():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    without_variables = {re.sub(r"^([A-Z_]+=\S+ )+", "", command) for command in COMMANDS}
    known = without_variables | set(TYPED.values()) | IN_SENTENCES | FORMS
    found = {(document.name, command) for document in DOCUMENTS for command in inline_commands(document)}
    assert len(found) > 20
    unknown = {(name, command) for name, command in found if command not in known}
    assert {pair for pair in unknown if pair[1].split()[0] != "make" or pair[1].split()[1] not in targets} == set()


def test_both_readmes_have_the_same_commands_and_files():
    def held(name: str) -> list[object]:
        found = blocks(ROOT / name)
        return [block.commands if block.kind == "sh" else block.text for block in found if block.kind in {"sh", *FILES}]

    assert held("README.md") == held("README.zh-CN.md")
    assert len(held("README.md")) > 5


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def test_every_link_leads_somewhere():
    broken, count = [], 0
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
            if re.match(r"https?:", target):
                continue
            count += 1
            path, _, anchor = target.partition("#")
            file = (document.parent / path).resolve() if path else document
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file.read_text())):
                broken.append((document.name, target))
    assert count > 50
    assert broken == []


# What the commands do.


@dataclass
class Reader:
    """Goes through a story on a machine and does what stands there."""

    machine: Machine
    shown: str = ""

    def read(self, block: Block) -> None:
        if block.kind == "sh":
            for command in block.commands:
                self.follow(command, block)
        elif block.kind in FILES:
            self.write(block)
        elif self.shown:
            assert alike(block.text) == alike(self.shown), f"{block} does not show what was said"
        if block.kind != "sh":
            self.shown = ""

    def write(self, block: Block) -> None:
        if block.kind == "toml":
            group = "_fpw-relay" if "fpw-relay" in block.path else "_fpwd"
            self.machine.write(block.path, block.text, 0o640, f"root:{group}")
            self.succeed(f"{group.removeprefix('_')} -t -c {block.path}")
        else:
            self.machine.write(block.path, block.text)

    def follow(self, command: str, block: Block) -> None:
        print(f"{time.monotonic():.1f} {block}: {command}")
        self.shown = ""
        if command in SERVING:
            self.serve(command)
        elif command not in NOT_RUN:
            typed = TYPED.get(command, "")
            if typed.startswith("cat "):
                typed = self.succeed(typed)
            self.succeed(command, typed)

    def serve(self, command: str) -> None:
        program = self.machine.begin(command)
        program.wait_for_line(SERVING[command])
        if command in STAYING:
            return
        self.shown = program.text
        assert self.machine.end(program) == 0, program.text

    def succeed(self, command: str, typed: str = "") -> str:
        """What asks somebody may have to wait until that one is there."""
        done: list[subprocess.CompletedProcess[str]] = []

        def ends_well() -> bool:
            done.append(self.machine.run(command, typed))
            return done[-1].returncode == 0

        try:
            eventually(ends_well, within=10 if re.match(r"curl|fpwd (ready|status)", command) else 0, every=0.1)
        except AssertionError:
            raise AssertionError(f"{command}: {done[-1].returncode}\n{done[-1].stdout}") from None
        print(done[-1].stdout)
        return done[-1].stdout


def alike(shown: str) -> str:
    """Without what another run draws anew."""
    shown = re.sub(r"\b[a-z]+(-[a-z]+){4}\.28820", "NAME.28820", shown)
    shown = re.sub(r"127\.0\.0\.1:\d+/\?key=\w{32}", "ADDRESS", shown)
    return re.sub(r"\n{2,}", "\n", shown).strip()


def services(story: Story) -> set[str]:
    """Where the documents expect a service, less the ports that the story takes itself."""
    plain, secure = {"80", "2342", "3000", "8000", "8080"}, {"10.0.0.5:443", "192.168.1.10:443"}
    has_front = re.search(r"reload (nginx|caddy)", story.text)
    taken = {"80", *secure} if has_front else {"3000"} if "http.server" in story.text else set()
    return (plain | secure) - taken


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_commands_of(story, tmp_path, authority):
    makes_relay = "restart fpw-relay" in story.text
    with Machine(tmp_path, authority, services(story), makes_relay) as machine:
        reader = Reader(machine)
        for block in story.blocks:
            reader.read(block)


def test_the_commands_in_sentences(tmp_path, authority):
    with Machine(tmp_path, authority, []) as machine:
        for command in sorted(IN_SENTENCES):
            Reader(machine).succeed(command)
