"""A copy of the house in which a test may plant faults."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from lossclaims.builder import main
from lossclaims.house import House
from lossclaims.records import record_files, stated_languages

ROOT = Path(__file__).resolve().parents[1]
KEPT = ("schemas", "datasets", "docs", "pyproject.toml", "CITATION.cff")


@pytest.fixture(scope="session")
def checkout() -> House:
    """The real checkout; tests only read it."""
    return House(ROOT)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything that the build reads and writes: the first reports, and the phrases of their languages."""
    root = tmp_path_factory.mktemp("small") / "house"
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        else:
            shutil.copy(source, root / name)
    (root / "src" / "lossclaims").mkdir(parents=True)
    shutil.copy(ROOT / "src" / "lossclaims" / "_names.py", root / "src" / "lossclaims" / "_names.py")
    house = House(root)
    for path, kind, _ in record_files(house):
        # ids below 1000: the two articles and the worked examples, with their links among themselves
        if kind.name in ("report", "incident") and int(re.sub("[^0-9]", "", path.stem)) >= 1000:
            path.unlink()
        elif kind.name == "report":
            text = path.read_text(encoding="utf-8")
            path.write_text(
                re.sub(r"(?m)^  (incident_id|item_id|restates|responds_to): LYI?[1-9][0-9]{3}.*\n", "", text), "utf-8"
            )
    for extra in house.records.glob("*/second"):
        shutil.rmtree(extra)
    for name in ("reliability.csv", "withdrawn.csv"):
        for extra in house.records.glob(f"*/{name}"):
            extra.unlink()
    used = {found for path, _, _ in record_files(house) for found in stated_languages(path)} | {
        "mul",
        "und",
        "language",
    }
    aliases = house.vocabulary / "aliases.csv"
    lines = aliases.read_text(encoding="utf-8").splitlines(keepends=True)
    named = ("actor,", "equipment,", "place,")
    aliases.write_text(
        "".join(x for x in lines if x.startswith(named) or x.rstrip().rpartition(",")[2] in used), encoding="utf-8"
    )
    assert main(["--root", str(root)]) == 0
    return root


@pytest.fixture
def house(small: Path, tmp_path: Path) -> House:
    """A house in which a test may plant faults."""
    shutil.copytree(small, tmp_path / "house")
    return House(tmp_path / "house")
