"""On what and with what it was measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from pathlib import Path

from harness.programs import binary

PROGRAMS = {
    "nginx": (["/usr/sbin/nginx", "-v"], r"nginx/(\S+)"),
    "OpenSSH": (["ssh", "-V"], r"OpenSSH_(\S+)"),
    "wrk": (["wrk", "-v"], r"wrk \S*?([\d.]+)"),
    "libcurl": (["curl", "--version"], r"libcurl/(\S+)"),
}


def machine() -> dict[str, str]:
    cpu = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    system = platform.freedesktop_os_release()
    return {
        "processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{int(memory[1]) / (1 << 20):.0f} GiB",
        "system": f"{system['PRETTY_NAME']}, Linux {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def versions() -> dict[str, str]:
    own = {name: ([binary(name), "--version"], rf"{name} (\S+)") for name in ("fpwd", "fpw-relay")}
    asked = {name: _version(*question) for name, question in (own | PROGRAMS).items()}
    return asked | {"Python": platform.python_version()}


def _version(command: list[str], pattern: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else "?"


def facts(named: dict[str, str]) -> str:
    return ", ".join(f"{name}: {fact}" for name, fact in named.items())
