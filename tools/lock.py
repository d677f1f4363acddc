"""Writes the hashes of every file that may be installed into the locks.

`python -m tools.lock`, after the versions in `requirements.lock` have been renewed. It holds what
the tests need too; `deploy/requirements.lock` is the part of it that a server needs. Run it where
all of it is installed: what needs what is read there.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from urllib.parse import urljoin

from distlib.index import DEFAULT_INDEX
from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

ROOT = Path(__file__).parents[1]
ALL, SERVER = ROOT / "requirements.lock", ROOT / "deploy" / "requirements.lock"
SERVER_EXTRAS = ("ui", "openai", "ollama", "mcp")
_INDEX_FORMAT = "application/vnd.pypi.simple.v1+json"
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_SYSTEMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64"))
# What is not needed, and cannot be installed, everywhere.
_MARKERS = {"audioop-lts": 'python_version >= "3.13"'}
# The builds of torch for the CPU, from its own index for Linux (whl/cpu), which PyPI does not list.
# Renew them by hand: the index shows a hash behind each link.
_TORCH_FOR_CPU = {
    "2.13.0": (
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b",  # 3.11, x86_64
        "84453b69508ec79902f899c5ed9495acb9e2bbe9fda5f1d5d6f19e3c3842e1a7",  # 3.11, aarch64
        "4ca4a9394b0c771238a4f73590fdbbc4debad85ed0fa63d026ae1b085da7d6e2",  # 3.12, x86_64
        "6f307c2c32d764ffc6ff6893b801fad6d4752f3e67966cb8abf1843427c02604",  # 3.12, aarch64
        "3fbf9c9d1f3c10c2d59d04aca426dee9ccc6ceb32d255c61e93acc3b4f75fae6",  # 3.13, x86_64
        "0b8f7d0423027ae8b90c7977c627f3379f325363a08224dffad9b4b2d684a83d",  # 3.13, aarch64
        "d20fa53ee744502fa4c69818a720b05ca0d37abd055d4f6e66cae155114bc691",  # 3.14, x86_64
        "ca021f9eb2f8345c83fa03e3a04587308afb8df71bd472670b3ece00df58621c",  # 3.14, aarch64
    )
}
_HEADER = """\
# {what}
# Written by `python -m tools.lock`: with the hashes of the wheels for Linux and macOS.
"""
_ALL_HEADER = "Every package at the version that the tests run with; `make install` installs these."
_SERVER_HEADER = "What a server needs of requirements.lock; `deploy/install.sh` installs these."


def read_pins(lock: Path) -> dict[str, str]:
    """Return the version of each package in a lock, by its name as it is written there."""
    lines = lock.read_text("utf-8").splitlines()
    found = (re.match(r"([\w.-]+)==([^\s;]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def list_hashes(name: str, version: str) -> list[str]:
    """Return the sha256 of each wheel of a release that suits a supported system.

    Raises `ValueError` when there is none.
    """
    url = urljoin(DEFAULT_INDEX, f"simple/{canonicalize_name(name)}/")
    request = urllib.request.Request(url, headers={"Accept": _INDEX_FORMAT})
    with urllib.request.urlopen(request, timeout=60) as answer:
        files = json.load(answer)["files"]
    hashes = {file["hashes"]["sha256"] for file in files if _suits(file["filename"], version)}
    if name == "torch":
        hashes |= set(_TORCH_FOR_CPU[version])
    if not hashes:
        raise ValueError(f"{name} {version} has no wheel for Linux or macOS")
    return sorted(hashes)


def _suits(file: str, version: str) -> bool:
    try:
        _, found, _, tags = parse_wheel_filename(file)
    except InvalidWheelFilename:  # to install anything else would run its code
        return False
    if found != Version(version):
        return False
    pythons = {f"cp{python.replace('.', '')}" for python in _PYTHONS}
    for tag in tags:
        python = tag.interpreter in {"py3", *pythons} or tag.abi == "abi3"
        abi = tag.abi in {"none", "abi3", *pythons}
        system = re.match(r"any$|macosx_|(manylinux|linux).*(x86_64|aarch64)$", tag.platform)
        if python and abi and system:
            return True
    return False


def find_needed(project: str, extras: Iterable[str]) -> set[str]:
    """Return the canonical names of all that a project needs with some extras, on any system."""
    needed: set[str] = set()
    waiting = [(project, frozenset(extras))]
    done = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        for requirement in _read_needs(name):
            if not any(_applies(requirement, extra) for extra in (*wanted, "")):
                continue
            each = (canonicalize_name(requirement.name), frozenset(requirement.extras))
            needed.add(each[0])
            if each not in done:
                done.add(each)
                waiting.append(each)
    return needed


def _read_needs(name: str) -> list[Requirement]:
    try:
        return [Requirement(text) for text in requires(name) or ()]
    except PackageNotFoundError:  # it is for other systems only
        return []


def _applies(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra} | e) for e in _environments())


def _environments() -> Iterator[dict[str, str]]:
    for python in _PYTHONS:
        for system, machine in _SYSTEMS:
            yield {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": system,
                "platform_system": "Linux" if system == "linux" else "Darwin",
                "platform_machine": machine,
            }


def write(lock: Path, what: str, hashes: dict[str, list[str]]) -> None:
    """Write a lock; `hashes` are those of each pin."""
    entries = (
        " \\\n    ".join([pin, *(f"--hash=sha256:{value}" for value in values)])
        for pin, values in hashes.items()
    )
    lock.write_text(_HEADER.format(what=what) + "\n".join(entries) + "\n", "utf-8")


def _mark(name: str) -> str:
    return f" ; {_MARKERS[name]}" if name in _MARKERS else ""


def main() -> int:
    """Write both locks."""
    pins = dict(sorted(read_pins(ALL).items(), key=lambda pin: canonicalize_name(pin[0])))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(list_hashes, pins, pins.values()))
    hashes = dict(zip(pins, found, strict=True))
    needed = (
        find_needed("footnote-rag", SERVER_EXTRAS) | find_needed("hatchling", ()) | {"hatchling"}
    )
    entries = {name: f"{name}=={version}{_mark(name)}" for name, version in pins.items()}
    write(ALL, _ALL_HEADER, {entries[name]: hashes[name] for name in pins})
    server = [name for name in pins if canonicalize_name(name) in needed]
    write(SERVER, _SERVER_HEADER, {entries[name]: hashes[name] for name in server})
    missing = needed - set(map(canonicalize_name, pins))
    print("needed on some system and not in the lock:", ", ".join(sorted(missing)) or "nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
