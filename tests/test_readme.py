"""Does the README show what its reader gets?"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest

import lossclaims as lc
from lossclaims.cli import main
from tests.conftest import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize(("code", "shown"), EXAMPLES)
def test_examples_print_what_is_shown(code: str, shown: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    printed, expected = ([line.rstrip() for line in text.rstrip().split("\n")] for text in (done.stdout, shown))
    assert printed == expected


def test_sizes_are_those_of_the_data() -> None:
    said = re.search(
        r"(\d+) sources in (\d+) languages from (\d+) outlets; (\d+) mentions that make (\d+) claims about (\d+) incidents",
        TEXT,
    )
    sources = lc.load("sources")
    assert said and [int(n) for n in said.groups()] == [
        len(sources), sources["language"].nunique(), sources["outlet_id"].nunique(), len(lc.load("mentions")),
        len(lc.load("claims")), len(lc.load("incidents")),
    ]  # fmt: skip
    twice = re.search(r"`reviewer` is filled \(([\d,]+) of ([\d,]+)\)", TEXT)
    assert twice and [int(n.replace(",", "")) for n in twice.groups()] == [
        sources["reviewer"].notna().sum(), (sources["read_as"] != "not_read").sum(),
    ]  # fmt: skip
    row = next(line for line in TEXT.split("\n") if line.startswith("| sources by day of publication |"))
    assert sum(map(int, re.findall(r"\d+", row))) == len(sources)


def test_other_examples_run() -> None:
    code = "import lossclaims as lc\nclaims = lc.load('equipment_claims')\n" + next(
        block for block in re.findall(r"```python\n(.*?)```", TEXT, re.S) if block.startswith("lc.")
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd="/")


@pytest.mark.parametrize("line", re.findall(r"(?m)^lossclaims (.+)$", TEXT))
def test_commands_run(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(line)) == 0
    assert capsys.readouterr().out


def test_there_are_two_commands_of_one_line_each() -> None:
    assert len(re.findall(r"(?m)^python3 -m venv .+$", TEXT)) == 2


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/method.md", "docs/audit.md", "benchmarks/README.md"]
)
def test_links_between_pages_hold(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
