"""The documents: every command in one is run, on a machine of its own and with the files of the document."""

from __future__ import annotations

import re

import pytest

from harness.commands import FORMS, IN_SENTENCES, INSTEAD, NOT_RUN, SERVING, TYPED
from harness.documents import DOCUMENTS, FENCED, FILES, KINDS, ROOT, Story, blocks, inline_commands, stories
from harness.machine import Machine
from harness.reader import Reader

pytestmark = [pytest.mark.fpwd, pytest.mark.fpw_relay]

SHELL = [block for document in FENCED for block in blocks(document) if block.kind == "sh"]
COMMANDS = [command for block in SHELL for command in block.commands]
STORIES = [story for story in stories() if story.has_files or not {*story.commands} <= {*NOT_RUN}]


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
    assert {*INSTEAD} <= {*SERVING}
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


def services(story: Story) -> set[str]:
    """Where the documents expect a service, less the ports that the story takes itself."""
    plain, secure = {"80", "2342", "3000", "8000", "8080"}, {"10.0.0.5:443", "192.168.1.10:443"}
    has_front = re.search(r"reload (nginx|caddy)|tls_listen", story.text)
    taken = {"80", *secure} if has_front else {"3000"} if "http.server" in story.text else set()
    return (plain | secure) - taken


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_commands_of(story, tmp_path, authority):
    makes_relay = "restart fpw-relay" in story.text
    with Machine(tmp_path, authority, services(story), makes_relay) as machine:
        reader = Reader(machine)
        for block in story.blocks:
            reader.read(block)
        reader.leave()


def test_the_commands_in_sentences(tmp_path, authority):
    with Machine(tmp_path, authority, []) as machine:
        for command in sorted(IN_SENTENCES):
            Reader(machine).succeed(command)
