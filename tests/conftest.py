"""A copy of the house in which a test may plant faults."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lossclaims.house import House

ROOT = Path(__file__).resolve().parents[1]
KEPT = ("schemas", "datasets", "docs", "pyproject.toml", "CITATION.cff")


@pytest.fixture(scope="session")
def checkout() -> House:
    """The real checkout; tests only read it."""
    return House(ROOT)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A copy of everything that the build reads and writes."""
    root = tmp_path / "house"
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        else:
            shutil.copy(source, root / name)
    (root / "src" / "lossclaims").mkdir(parents=True)
    shutil.copy(ROOT / "src" / "lossclaims" / "_names.py", root / "src" / "lossclaims" / "_names.py")
    return House(root)
