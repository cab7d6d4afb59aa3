"""Does the README show what its reader gets?"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

from lossclaims.cli import main
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_first_example_prints_what_is_shown() -> None:
    code, shown = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.S)[0]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.rstrip() == shown.rstrip()


def test_other_examples_run() -> None:
    code = (
        "import lossclaims as lc\nclaims = lc.load('equipment_claims')\n"
        + re.findall(r"```python\n(.*?)```", TEXT, re.S)[1]
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")


@pytest.mark.parametrize("line", re.findall(r"(?m)^lossclaims (.+)$", TEXT))
def test_commands_run(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(line)) == 0
    assert capsys.readouterr().out


def test_there_are_two_commands_of_one_line_each() -> None:
    assert len(re.findall(r"(?m)^python3 -m venv .+$", TEXT)) == 2


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/method.md", "benchmarks/README.md"])
def test_links_between_pages_hold(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
