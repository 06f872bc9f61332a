"""What `make deb` has made, from the outside. Installed and run they are by `make deb-test`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PROGRAMS = {"fpwd": "fpw", "fpw-relay": "fpw-relay"}
UNITS = {"fpwd": ["fpwd.service", "fpwd@.service"], "fpw-relay": ["fpw-relay.service"]}

# They look at files that scripts/test.sh makes before: slow, for whoever runs the other tests alone.
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("name", PROGRAMS)]


def output(*command: str | Path, **options) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


@dataclass(frozen=True)
class Package:
    file: Path
    # What it installs.
    root: Path

    def field(self, name: str) -> str:
        return output("dpkg-deb", "--field", self.file, name).strip()

    def unit(self, name: str) -> Path:
        return self.root / "usr/lib/systemd/system" / name


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Package]:
    folder = Path(os.environ.get("FPW_DEB_DIR") or TOP / ".build/deb")
    made = {}
    for name in PROGRAMS:
        files = list(folder.glob(f"{name}_*.deb"))
        assert len(files) == 1, f"one package of {name} is expected in {folder}: run `make deb`"
        root = tmp_path_factory.mktemp(name)
        subprocess.run(["dpkg-deb", "--extract", files[0], root], check=True)
        made[name] = Package(files[0], root)
    return made


@pytest.fixture
def package(packages: dict[str, Package], name: str) -> Package:
    return packages[name]


def test_the_version_is_the_same_everywhere(package, name):
    version = re.search(r'version = "(.*)"', (TOP / "Sources/FPWService/Version.swift").read_text())[1]
    assert re.search(r"^## \[(.*?)]", (TOP / "CHANGELOG.md").read_text(), re.MULTILINE)[1] == version
    assert package.field("Version").partition("-")[0] == version
    assert output(package.root / "usr/bin" / name, "--version").split()[:2] == [name, version]


def test_nobody_has_pulled_in_a_large_library(package, name):
    assert (package.root / "usr/bin" / name).stat().st_size <= 20_000_000
    assert package.file.stat().st_size <= 6_000_000


def test_a_program_needs_what_every_debian_has_and_fpwd_libcurl(package, name):
    needed = {re.match(r"[^ |]+", part.strip())[0] for part in package.field("Depends").split(",")}
    # systemd makes the account. libcrypt compares the passwords of visitors.
    both = {"systemd", "libc6", "libgcc-s1", "libstdc++6"}
    assert needed == both | ({"libcrypt1", "libcurl4"} if name == "fpwd" else set())


def test_a_package_installs_these_files(package, name):
    conf = PROGRAMS[name]
    documents = Path("usr/share/doc") / name
    listed = {}
    for line in output("dpkg-deb", "--contents", package.file).splitlines():
        mode, owner, *_, path = line.split()
        assert owner == "root/root"
        if not mode.startswith("d"):
            listed[path.removeprefix("./")] = mode
    files = {path: mode for path, mode in listed.items() if not path.startswith(f"{documents}/")}
    assert files == {
        f"etc/{conf}.conf": "-rw-r-----",
        f"etc/logrotate.d/{name}": "-rw-r--r--",
        f"usr/bin/{name}": "-rwxr-xr-x",
        f"usr/lib/sysusers.d/{name}.conf": "-rw-r--r--",
        f"usr/share/bash-completion/completions/{name}": "-rw-r--r--",
        f"usr/share/fish/vendor_completions.d/{name}.fish": "-rw-r--r--",
        f"usr/share/lintian/overrides/{name}": "-rw-r--r--",
        f"usr/share/man/man1/{name}.1.gz": "-rw-r--r--",
        f"usr/share/man/man5/{conf}.conf.5.gz": "-rw-r--r--",
        f"usr/share/zsh/vendor-completions/_{name}": "-rw-r--r--",
    } | {f"usr/lib/systemd/system/{unit}": "-rw-r--r--" for unit in UNITS[name]}
    examples = {"prometheus/fpw.rules.yml", "grafana/fpwd-and-fpw-relay.json"}
    examples |= {"nginx/fpw-relay.conf", "haproxy/haproxy.cfg"} if name == "fpw-relay" else set()
    assert {f"{documents}/examples/{example}" for example in examples} <= listed.keys()
    assert (package.root / f"etc/{conf}").stat().st_mode & 0o7777 == 0o750


def test_the_configuration_is_kept_by_upgrades_and_is_the_sample(package, name):
    conf = f"{PROGRAMS[name]}.conf"
    conffiles = output("dpkg-deb", "--info", package.file, "conffiles").split()
    assert sorted(conffiles) == [f"/etc/{conf}", f"/etc/logrotate.d/{name}"]
    assert (package.root / "etc" / conf).read_text() == (TOP / "config" / conf).read_text()


def test_all_files_are_as_old_as_the_release(package, name):
    """So that the same tree makes the same package."""
    listed = output("dpkg-deb", "--contents", package.file, env=os.environ | {"TZ": "UTC"}).splitlines()
    released = output("dpkg-parsechangelog", "--file", TOP / "packaging/debian/changelog", "--show-field", "Timestamp")
    assert {" ".join(line.split()[3:5]) for line in listed} == {f"{datetime.fromtimestamp(int(released), UTC):%F %R}"}


def test_a_service_is_confined(package, name):
    for unit in UNITS[name]:
        report = output("systemd-analyze", "security", "--offline=true", "--no-pager", package.unit(unit))
        assert float(re.search(r"Overall exposure level for .*: ([0-9.]+)", report)[1]) <= 1.5, report


def test_systemd_understands_a_unit(package, name, tmp_path):
    """In a root where what the unit names is there."""
    shutil.copytree("/lib/systemd/system", tmp_path / "lib/systemd/system", symlinks=True)
    for program in (f"usr/bin/{name}", "bin/sh"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / program).touch(mode=0o755)
    for unit in UNITS[name]:
        file = Path(shutil.copy(package.unit(unit), tmp_path / "lib/systemd/system"))
        done = subprocess.run(
            ["systemd-analyze", "verify", f"--root={tmp_path}", "--man=no", f"/lib/systemd/system/{file.name}"],
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_an_instance_differs_by_its_file(package, name):
    for unit in UNITS[name][1:]:
        service = package.unit(UNITS[name][0]).read_text().splitlines()
        instance = package.unit(unit).read_text().splitlines()
        assert len(service) == len(instance)
        differing = [(a, b) for a, b in zip(service, instance, strict=True) if a != b]
        assert differing[0][1] == f"{differing[0][0]} (%i)"
        assert differing[1:]
        assert all(a.replace("/etc/fpw.conf", "/etc/fpw/%i.conf") == b for a, b in differing[1:])


def manual(package: Package, page: str) -> Path:
    file = package.root / f"usr/share/man/man{page[-1]}/{page}"
    file.write_bytes(subprocess.run(["gzip", "-cd", f"{file}.gz"], check=True, capture_output=True).stdout)
    return file


def test_manual_pages_are_sound(package, name):
    for page in (f"{name}.1", f"{PROGRAMS[name]}.conf.5"):
        file = manual(package, page)
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", file], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "")
        shown = subprocess.run(
            ["man", "--warnings", "--local-file", file], capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"}
        )
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "insert docs" not in shown.stdout


def test_the_manual_names_every_argument(package, name):
    program = package.root / "usr/bin" / name
    helps = [output(program, *command, "--help") for command in ([], ["status"], ["ready"], ["check"])]
    arguments = set(re.findall(r"^  (?:(-\w), )?(-\S+)", "\n".join(helps), re.MULTILINE))
    arguments = {argument for pair in arguments for argument in pair if argument}
    assert {"-c", "--config", "-t", "--url", "--admin"} <= arguments
    page = manual(package, f"{name}.1").read_text().replace("\\-", "-")
    named = {f"-{word}" for line in page.splitlines() if "Fl" in line for word in re.findall(r"-?[\w-]+", line)}
    assert arguments <= named


def test_the_manual_names_every_key(package, name):
    conf = f"{PROGRAMS[name]}.conf"
    keys = set(re.findall(r"^#?([a-z0-9_]+) = ", (TOP / "config" / conf).read_text(), re.MULTILINE))
    assert len(keys) > 15
    tags = re.findall(r"^\.It \\fB([a-z0-9_]+)\\fR$", manual(package, f"{conf}.5").read_text(), re.MULTILINE)
    assert keys <= set(tags)


def test_completions_name_the_commands(package, name):
    share = package.root / "usr/share"
    bash = share / "bash-completion/completions" / name
    known = f"source {bash}; complete -p {name}; declare -F"
    functions = output("bash", "--norc", "-c", known)
    assert all(f"_{name}_{command}" in functions for command in ("status", "ready", "check"))
    assert (share / f"zsh/vendor-completions/_{name}").read_text().startswith(f"#compdef {name}\n")
    assert f"complete -c '{name}'" in (share / f"fish/vendor_completions.d/{name}.fish").read_text()


def test_the_licences_of_what_is_linked_in_are_told(package, name):
    copyright = (package.root / f"usr/share/doc/{name}/copyright").read_text()
    pins = json.loads((TOP / "Package.resolved").read_text())["pins"]
    assert len(pins) >= 8
    assert [pin["identity"] for pin in pins if pin["identity"] not in copyright] == []
