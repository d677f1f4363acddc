"""Finds the dependencies of a project from the metadata of installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_SYSTEMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("darwin", "x86_64"))


def find_needed(project: str, extras: Iterable[str]) -> set[str]:
    """Return the canonical names of all dependencies of a project with extras, on any system."""
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
    except PackageNotFoundError:  # a package for other systems
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
