"""Does the build command write all or nothing, name every fault, and say what would change?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lossclaims.builder import main
from lossclaims.house import House

REPORT = "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"


def digest(house: House) -> dict[str, str]:
    files = [*house.tables.glob("*"), house.descriptor]
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_published_files_are_current(checkout: House, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["--root", str(checkout.root), "--check"])
    assert status == 0, capsys.readouterr().out


def test_same_bytes_twice(house: House) -> None:
    before = digest(house)
    for path in house.tables.glob("*"):
        path.unlink()
    assert main(["--root", str(house.root)]) == 0
    assert digest(house) == before


def test_faults_leave_the_published_files_as_they_were(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    before = digest(house)
    replace(house.root / REPORT, "claimant_id: lna", "claimant_id: lma")
    replace(house.vocabulary / "places.csv", "bani_walid,Bani Walid,city", "bani_walid,Bani Walid,cty")
    assert main(["--root", str(house.root)]) == 1
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert any(line.startswith(f"{REPORT}:") and "'lma'" in line and "nearest" in line for line in lines)
    assert any(line.startswith("datasets/vocabulary/places.csv:") and "'cty'" in line for line in lines)
    assert "Traceback" not in said.err and lines[-1].endswith("nothing was written")
    assert digest(house) == before
    assert not list(house.tables.glob(".new-*"))


def test_check_names_the_rows_that_would_change(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    replace(house.root / REPORT, "count_text: over 100", "count_text: over 120")
    before = digest(house)
    assert main(["--root", str(house.root), "--check"]) == 1
    said = capsys.readouterr().out
    assert "~ claims LY0003.4: count_text over 100 -> over 120; count_low 101 -> 121; count_point 100 -> 120" in said
    assert digest(house) == before


def test_build_writes_the_change_and_is_current_then(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    replace(house.root / REPORT, "count_text: over 100", "count_text: over 120")
    assert main(["--root", str(house.root)]) == 0
    assert "claims.csv" in {p.name for p in house.tables.glob("*")}
    said = capsys.readouterr().out
    assert "mentions" in said and "seconds" in said
    assert main(["--root", str(house.root), "--check"]) == 0


def test_table_that_no_schema_makes_goes(house: House) -> None:
    stray = house.tables / "old_table.csv"
    stray.write_text("x\n", encoding="utf-8")
    assert main(["--root", str(house.root), "--check"]) == 1
    assert main(["--root", str(house.root)]) == 0
    assert not stray.exists()


def test_no_checkout_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # an explicit root outside any checkout still finds the one this package was loaded from, so none is hidden here
    (tmp_path / "schemas" / "tables").mkdir(parents=True)
    (tmp_path / "datasets").mkdir()
    assert main(["--root", str(tmp_path)]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_nothing_is_printed_but_the_summary(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(house.root)]) == 0
    assert capsys.readouterr().err == ""
