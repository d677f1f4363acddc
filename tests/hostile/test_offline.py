"""Nothing that Footnote does tries to reach another machine, or asks for its name.

Asked of the kernel, for native code is part of it: in a network namespace without a way out, strace
notes whom every process and thread wants to talk to.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# How one asks for a name: port 53 of whomever, even of this machine, or systemd's own service.
_LOOK_UP = re.compile(r"htons\(53\)|io\.systemd\.Resolve")
_PLACE = re.compile(r"sa_family=AF_INET6?\b")
_HERE = re.compile(r'inet_addr\("127\.|inet_pton\(AF_INET6, "(?:::1|::ffff:127\.[0-9.]+)"')


def find_attempts(trace: str) -> list[str]:
    """Return the lines of strace in which a process wants to talk to another machine."""
    return [
        line
        for line in trace.splitlines()
        if _LOOK_UP.search(line) or (_PLACE.search(line) and not _HERE.search(line))
    ]


def require_namespaces() -> None:
    """Skip the test where the system does not let one watch, unless it must not be skipped."""
    if shutil.which("strace") is None or shutil.which("unshare") is None:
        reason = "there is no strace or no unshare: install the packages strace and util-linux"
    elif subprocess.run(
        ["unshare", "--net", "strace", "-qq", "true"], capture_output=True
    ).returncode:
        reason = "network namespaces or ptrace are not permitted: run as root"
    else:
        return
    if os.environ.get("FOOTNOTE_REQUIRE_NAMESPACES"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_attempts_are_recognised() -> None:
    inside = """\
7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT
7 connect(8, {sa_family=AF_INET, sin_port=htons(7860), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 connect(8, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "::1", &sin6_addr)}) = 0
7 sendto(8, "GET /", 5, 0, NULL, 0) = 5"""
    outside = """\
7 connect(8, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0
7 sendto(8, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("10.0.0.1")}, 16)
7 connect(8, {sa_family=AF_INET6, sin6_port=htons(1), inet_pton(AF_INET6, "2001::1", &sin6_addr)})
7 connect(3, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 42) = 0"""
    assert find_attempts(inside) == []
    assert find_attempts(outside) == outside.splitlines()


def test_no_process_tries_to_reach_another_machine(tmp_path: Path) -> None:
    require_namespaces()
    home, trace = tmp_path / "home", tmp_path / "trace.txt"
    home.mkdir()
    # An empty home: the embedding model is exported anew, and whatever is kept is seen.
    outside = ("PYTHONPATH", "HOME", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_OFFLINE")
    environment = {name: value for name, value in os.environ.items() if name not in outside}
    # What was set before may not turn anything on again.
    environment |= {"ORT_DISABLE_TELEMETRY": "0", "GRADIO_ANALYTICS_ENABLED": "True"}
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "ANONYMIZED_TELEMETRY": "True"}
    strace = ("strace", "-f", "-qq", "--seccomp-bpf", "-o", trace)
    watched = ("-e", "trace=connect,sendto,sendmsg,sendmmsg")
    python = (sys.executable, "-m", "tests.hostile.offline", tmp_path)
    done = subprocess.run(
        ["unshare", "--net", *strace, *watched, *python],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = trace.read_text("utf-8", "replace")
    assert 'inet_addr("127.0.0.1")' in lines  # the window was asked: strace does see
    assert find_attempts(lines) == []
    # ONNX Runtime would keep a number there that names the machine.
    assert not list(home.rglob("*deviceid*"))
    assert [each.name for each in (home / ".cache").iterdir()] == ["footnote"]
