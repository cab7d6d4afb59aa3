"""Is a release whole, the same everywhere, readable by others, and hard to tamper with unseen?"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import lossclaims as lc
from lossclaims.builder import main
from lossclaims.checking import check
from lossclaims.cli import main as command
from lossclaims.diffs import PARTS, next_version, version_fits
from lossclaims.house import House
from lossclaims.publish import read_citation
from lossclaims.releases import SUMS, NoRelease, make_zip, open_release, sums_text, zip_members
from lossclaims.verifying import verify
from tests.conftest import ROOT

# the version that a correction of this one asks for
NEXT = next_version(str(read_citation(House(ROOT))["version"]), "patch")


def complete(root: Path) -> House:
    """What the packages hold beside the data."""
    for name in ("README.md", "LICENSE", "LICENSE-DATA", "CHANGELOG.md", "build.py"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "src", root / "src", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return House(root)


def version_of(house: House, version: str) -> None:
    for name in ("pyproject.toml", "CITATION.cff"):
        path = house.root / name
        old = read_citation(House(ROOT))["version"]
        path.write_text(path.read_text(encoding="utf-8").replace(old, version, 1), encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="session")
def made(small: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house with its release in dist; tests only read it."""
    root = tmp_path_factory.mktemp("release") / "house"
    shutil.copytree(small, root)
    house = complete(root)
    report = root / "datasets/records/libya-2019-2020/reports/undated/LY0009.yaml"
    # the first reports have no Greek
    edit(report, "  item_text: Turkish drones\n", "  item_text: τουρκικά μη επανδρωμένα\n")
    assert main(["--root", str(root), "--release"]) == 0
    return house


@pytest.fixture
def stem(made: House) -> str:
    return "lossclaims-" + str(read_citation(made)["version"])


@pytest.fixture
def dist(made: House, tmp_path: Path) -> Path:
    """A copy of the release that a test may spoil."""
    shutil.copytree(made.dist, tmp_path / "dist")
    return tmp_path / "dist"


def test_release_holds_everything(made: House, stem: str) -> None:
    names = {p.name for p in made.dist.iterdir()}
    assert names >= {
        f"{stem}-csv.zip", f"{stem}-parquet.zip", f"{stem}.sqlite", f"{stem}.xlsx", f"{stem}-incidents.geojson",
        "croissant.json", "datasette-metadata.json", "changes.csv", "CHANGES.md", SUMS,
        f"{stem}-py3-none-any.whl", f"{stem}.tar.gz",
    }  # fmt: skip
    subprocess.run(["sha256sum", "-c", "--quiet", SUMS], cwd=made.dist, check=True)
    for form in ("csv", "parquet"):
        inside = set(zipfile.ZipFile(made.dist / f"{stem}-{form}.zip").namelist())
        assert inside >= {"README.md", "codebook.md", "LICENSE-DATA", "CITATION.cff", "datapackage.json", SUMS}


ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONHASHSEED": "77", "SOURCE_DATE_EPOCH": "1"}


def test_two_builds_elsewhere_give_the_same_bytes(made: House, tmp_path: Path) -> None:
    """Another folder, time zone, locale, umask, hash seed and number of cores, in a process of its own."""
    root = tmp_path / "another folder" / "house"
    shutil.copytree(made.root, root)
    shutil.rmtree(root / "dist")
    shutil.rmtree(root / "datasets" / "tables")

    def elsewhere() -> None:
        os.umask(0o077)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    source = "from lossclaims.builder import main; import sys; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", source, "--root", str(root), "--release"],
        env={**os.environ, **ELSEWHERE}, preexec_fn=elsewhere, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (root / "dist" / SUMS).read_bytes() == (made.dist / SUMS).read_bytes()


def test_killed_builds_leave_a_whole_release(made: House, tmp_path: Path) -> None:
    """The command itself, killed at random moments; single steps are killed one by one in test_placing."""
    root = tmp_path / "house"
    shutil.copytree(made.root, root)
    house = House(root)
    report = root / "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"
    report.write_text(report.read_text(encoding="utf-8").replace("over 100", "over 120"), encoding="utf-8")
    before, tables = (house.dist / SUMS).read_bytes(), (house.tables / "claims.csv").read_bytes()
    run = [sys.executable, "-c", "from lossclaims.builder import main; import sys; sys.exit(main(sys.argv[1:]))"]
    rng = random.Random(6)
    for _ in range(6):
        process = subprocess.Popen([*run, "--root", str(root), "--release"], stderr=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL)  # fmt: skip
        time.sleep(rng.uniform(0.5, 7))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not verify(house.dist).faults
        assert len(list(house.tables.iterdir())) == 2 * len(lc.tables())
    assert main(["--root", str(root), "--release"]) == 0
    assert (house.dist / SUMS).read_bytes() != before
    assert (house.tables / "claims.csv").read_bytes() != tables
    assert not verify(house.dist).faults and not list(root.glob(".lossclaims-*"))


@pytest.mark.parametrize("gone", ["docs/download.md", "datasets/records/libya-2019-2020/reports/undated/LY0999.yaml"])
def test_vanished_input_is_one_clear_error(
    made: House, tmp_path: Path, gone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "house"
    shutil.copytree(made.root, root)
    (root / gone).unlink(missing_ok=True)
    if gone.endswith(".yaml"):
        (root / gone).symlink_to("nowhere.yaml")
    before = (root / "dist" / SUMS).read_bytes()
    capsys.readouterr()
    assert main(["--root", str(root), "--release"]) == 1
    said = capsys.readouterr().err
    assert Path(gone).name in said and "Traceback" not in said
    assert (root / "dist" / SUMS).read_bytes() == before


def test_full_disk_is_one_clear_error(made: House, tmp_path: Path) -> None:
    import resource

    root = tmp_path / "house"
    shutil.copytree(made.root, root)
    edit(root / "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml", "over 100", "over 120")
    before = {p: p.read_bytes() for p in [*(root / "dist").iterdir(), *(root / "datasets" / "tables").iterdir()]}

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    source = "from lossclaims.builder import main; import sys; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", source, "--root", str(root), "--release"],
        preexec_fn=full, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "what was published stays" in done.stderr and "Traceback" not in done.stderr
    assert before == {p: p.read_bytes() for p in before} and not list(root.glob(".lossclaims-*"))


# -- verify ----------------------------------------------------------------------------------------------


def test_verify_accepts_the_release_and_each_archive(
    made: House, stem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (made.dist, made.dist / f"{stem}-csv.zip", made.dist / f"{stem}-parquet.zip"):
        assert command(["verify", str(path)]) == 0
        assert capsys.readouterr().out.endswith(" 0 faults\n")


def test_verify_accepts_an_unpacked_archive_and_a_lone_zip(dist: Path, stem: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(dist / f"{stem}-csv.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert not verify(tmp_path / "unpacked").faults
    lone = tmp_path / "lone" / f"{stem}-csv.zip"
    lone.parent.mkdir()
    shutil.copy(dist / lone.name, lone)
    found = verify(lone)
    assert not found.faults and any("compare it with the published" in note for note in found.notes)


@pytest.mark.parametrize("seed", range(24))
def test_one_changed_byte_anywhere_is_found_and_named(dist: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = rng.choice(sorted(dist.iterdir()))
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    faults = verify(dist).faults
    assert any(path.name in fault or path.name == SUMS for fault in faults), (path.name, faults)


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("seed", range(12))
def test_one_changed_byte_in_a_lone_zip_is_found(dist: Path, stem: str, tmp_path: Path, form: str, seed: int) -> None:
    data = bytearray((dist / f"{stem}-{form}.zip").read_bytes())
    rng = random.Random(seed)
    # in turn anywhere, among the headers at the beginning, and in the directory at the end
    at = (rng.randrange(len(data)), rng.randrange(100), len(data) - 1 - rng.randrange(1500))[seed % 3]
    data[at] ^= 1 << rng.randrange(8)
    lone = tmp_path / "one.zip"
    lone.write_bytes(data)
    assert verify(lone).faults, at


def forged(dist: Path, stem: str, table: str, old: str, new: str) -> Path:
    """The CSV archive with one change and every checksum made to agree with it."""
    import hashlib

    path = dist / f"{stem}-csv.zip"
    files = dict(zip_members(path.read_bytes(), path.name))
    name = f"tables/{table}.csv"
    text = files[name].decode()
    assert old in text
    files[name] = text.replace(old, new, 1).encode()
    package = json.loads(files["datapackage.json"])
    for resource in package["resources"]:
        if resource["path"] == name:
            resource |= {"hash": "sha256:" + hashlib.sha256(files[name]).hexdigest(), "bytes": len(files[name])}
    files["datapackage.json"] = (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()
    del files[SUMS]
    path.write_bytes(make_zip({**files, SUMS: sums_text(files)}))
    everything = {p.name: p.read_bytes() for p in dist.iterdir() if p.name != SUMS}
    (dist / SUMS).write_bytes(sums_text(everything))
    return path


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("mentions", ",LY0003,", ",LY0999,", "is not in sources"),
        ("incidents", "LYI0001,", "LYI0002,", "twice"),
        ("claims", ",named,", ",nemed,", "no word of its vocabulary"),
        ("incidents", "2020-05-24", "2020-05-44", "is no day of the calendar"),
        ("terms", "vocabulary,term,", "vocabulary,word,", "header is not"),
    ],
)
def test_a_forger_of_all_checksums_still_meets_schema_keys_and_parquet(
    dist: Path, stem: str, table: str, old: str, new: str, said: str
) -> None:
    path = forged(dist, stem, table, old, new)
    assert any(said in fault and table in fault for fault in verify(path).faults)
    # the twin in Parquet knows better, whatever the schema lets pass
    assert any(f"tables/{table}.parquet" in fault for fault in verify(dist).faults)


@pytest.mark.parametrize("path", ["nothing", "."])
def test_verify_says_what_it_takes(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["verify", str(tmp_path / path)]) == 1
    said = capsys.readouterr().err
    assert "lossclaims verify" in said and "Traceback" not in said


# -- diff and versions -----------------------------------------------------------------------------------


@pytest.fixture
def later(made: House, tmp_path: Path) -> House:
    """A house as it goes on after the release: a corrected figure."""
    root = tmp_path / "later"
    shutil.copytree(made.root, root)
    report = root / "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"
    report.write_text(report.read_text(encoding="utf-8").replace("over 100", "over 120"), encoding="utf-8")
    return House(root)


def test_diff_shows_rows_by_key_and_column_in_every_form(
    made: House, later: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(later.root)]) == 0
    old, new = str(made.dist), str(later.descriptor.parent)
    capsys.readouterr()
    assert command(["diff", old, new]) == 0
    said = capsys.readouterr().out
    assert "~ claims LY0003.4: count_text over 100 -> over 120" in said
    assert f"PATCH must rise, to {NEXT} or higher" in said
    assert command(["diff", old, new, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    row = next(r for r in rows if (r["table"], r["id"], r["column"]) == ("claims", "LY0003.4", "count_low"))
    assert (row["change"], row["before"], row["after"]) == ("changed", "101", "121")
    assert command(["diff", old, new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == rows
    assert command(["diff", old, new, "--format", "markdown"]) == 0
    assert "| claims | LY0003.4 | changed | count_low | 101 | 121 |" in capsys.readouterr().out


def test_diff_reads_folder_zip_parquet_and_version(made: House, stem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    version = stem.removeprefix("lossclaims-")
    monkeypatch.chdir(made.dist)
    ways = [made.dist, made.dist / f"{stem}-csv.zip", made.dist / f"{stem}-parquet.zip", made.descriptor.parent]
    assert {open_release(way).version for way in ways} == {version}
    assert open_release(lc.__version__).version == lc.__version__
    with pytest.raises(NoRelease, match="give a folder"):
        open_release("9.9.9")


def test_release_refuses_a_version_that_does_not_rise(
    made: House, later: House, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (later.dist / SUMS).read_bytes()
    assert main(["--root", str(later.root), "--release", "--previous", str(made.dist)]) == 1
    said = capsys.readouterr().err
    assert "pyproject.toml:" in said and f"{NEXT} or higher" in said and "cells changed" in said
    assert (later.dist / SUMS).read_bytes() == before


def test_release_gives_changes_with_their_reasons(
    made: House, later: House, capsys: pytest.CaptureFixture[str]
) -> None:
    version_of(later, NEXT)
    reasons = later.root / "datasets" / "changes" / f"{NEXT}.csv"
    reasons.parent.mkdir(exist_ok=True)
    reasons.write_text("table,id,column,reason\nmentions,LY0003.4,count_text,Misread figure.\n", encoding="utf-8")
    assert main(["--root", str(later.root), "--release", "--previous", str(made.dist)]) == 0, capsys.readouterr().err
    changes = list(csv.DictReader((later.dist / "changes.csv").open(encoding="utf-8")))
    row = next(r for r in changes if (r["table"], r["id"], r["column"]) == ("mentions", "LY0003.4", "count_text"))
    assert (row["before"], row["after"], row["reason"]) == ("over 100", "over 120", "Misread figure.")
    assert "Misread figure." in (later.dist / "CHANGES.md").read_text(encoding="utf-8")
    reasons.write_text("table,id,column,reason\nmentions,LY0003.5,count_text,Nothing of it.\n", encoding="utf-8")
    assert main(["--root", str(later.root), "--release", "--previous", str(made.dist)]) == 1
    assert "reason_has_a_change" in capsys.readouterr().err


def test_release_refuses_a_vanished_id_and_another_meaning(
    made: House, later: House, capsys: pytest.CaptureFixture[str]
) -> None:
    version_of(later, next_version(NEXT, "major"))
    records = later.root / "datasets/records/libya-2019-2020"
    (incident,) = records.glob("incidents/*/LYI0003.yaml")
    incident.unlink()
    for path in records.glob("reports/*/*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("  incident_id: LYI0003\n", ""), encoding="utf-8")
    outlet = later.vocabulary / "outlets.csv"
    edit(outlet, "a_la_turka,https://www.alaturkaonline.com,,,en", "a_la_turka,https://example.org,,,fr")
    assert main(["--root", str(later.root), "--release", "--previous", str(made.dist)]) == 1
    said = capsys.readouterr().err
    assert "published_id_stays" in said and "LYI0003" in said
    assert "id_keeps_its_meaning" in said and "a_la_turka" in said


def test_versions_rise_as_their_part_says() -> None:
    assert [version_fits("1.2.3", new, "minor") for new in ("1.2.4", "1.3.0", "2.0.0", "1.2.3")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [version_fits("1.2.3", new, "patch") for new in ("1.2.3", "1.2.4", "1.10.0", "1.1.9")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert [version_fits("1.2.3", new, "major") for new in ("1.9.0", "2.0.0")] == [False, True]
    assert version_fits("1.2.3", "1.2.3", "none")
    assert all(version_fits("1.2.3", next_version("1.2.3", part), part) for part in PARTS)


# -- read by others --------------------------------------------------------------------------------------


def texts(made: House) -> dict[str, str]:
    """A text in each of several scripts, by the mention that holds it."""
    mentions = pd.read_parquet(made.tables / "mentions.parquet")
    found = {}
    # Arabic, Cyrillic, Greek, and Latin beyond ASCII
    for pattern in ("[\u0600-\u06ff]", "[\u0400-\u04ff]", "[\u0370-\u03ff]", "[éèà]"):
        row = mentions[mentions["item_text"].str.contains(pattern)].iloc[0]
        found[row["mention_id"]] = row["item_text"]
    return found


def test_pandas_polars_pyarrow_and_duckdb_read_the_archives(made: House, stem: str, tmp_path: Path) -> None:
    import duckdb
    import polars as pl
    import pyarrow.csv
    import pyarrow.parquet as pq

    for form in ("csv", "parquet"):
        with zipfile.ZipFile(made.dist / f"{stem}-{form}.zip") as archive:
            archive.extractall(tmp_path)
    csv_path, parquet = tmp_path / "tables/mentions.csv", tmp_path / "tables/mentions.parquet"
    read = {
        "pandas csv": pd.read_csv(csv_path).set_index("mention_id")["item_text"].to_dict(),
        "pandas parquet": pd.read_parquet(parquet).set_index("mention_id")["item_text"].to_dict(),
        "polars csv": dict(pl.read_csv(csv_path, infer_schema_length=None).select("mention_id", "item_text").iter_rows()),
        "polars parquet": dict(pl.read_parquet(parquet).select("mention_id", "item_text").iter_rows()),
        "pyarrow csv": dict(zip(*(pyarrow.csv.read_csv(csv_path)[c].to_pylist() for c in ("mention_id", "item_text")),
                                strict=True)),
        "pyarrow parquet": dict(zip(*(pq.read_table(parquet)[c].to_pylist() for c in ("mention_id", "item_text")),
                                    strict=True)),
        "duckdb": dict(
            duckdb.connect().execute(f"SELECT mention_id, item_text FROM read_csv('{csv_path}')").fetchall()
        ),
    }  # fmt: skip
    for mention, text in texts(made).items():
        assert {name: found[mention] for name, found in read.items()} == dict.fromkeys(read, text)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_guide_of_an_archive_runs_in_it(made: House, stem: str, tmp_path: Path, form: str) -> None:
    with zipfile.ZipFile(made.dist / f"{stem}-{form}.zip") as archive:
        archive.extractall(tmp_path)
    guide = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert not re.findall(r"(?<![{@])\{[a-z]+\}", guide)
    blocks = [code for code in re.findall(r"```python\n(.*?)```", guide, re.S) if f"read_{form}" in code]
    assert blocks
    for code in blocks:
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stdout, done.stderr


def test_duckdb_needs_no_hints_for_types(made: House) -> None:
    import duckdb

    expected = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"}
    kinds = lc.datapackage()["resources"]
    for name in ("equipment_claims", "casualty_claims", "incidents", "sources", "places", "mentions"):
        path = made.tables / f"{name}.csv"
        found = {c: t for c, t, *_ in duckdb.connect().execute(f"DESCRIBE SELECT * FROM read_csv('{path}')").fetchall()}
        filled = pd.read_csv(path, dtype=str).notna().any()
        fields = next(r for r in kinds if r["name"] == name)["schema"]["fields"]
        wrong = {
            f["name"]: found[f["name"]]
            for f in fields
            # a column without a value has no type that anybody could see
            if filled[f["name"]]
            and found[f["name"]] != expected[f["type"]]
            # whole numbers may stand in a column of numbers
            and not (f["type"] == "number" and found[f["name"]] == "BIGINT")
        }
        assert not wrong, name


def test_sqlite_holds_keys_and_words(made: House, stem: str) -> None:
    with sqlite3.connect(f"file:{made.dist / f'{stem}.sqlite'}?mode=ro", uri=True) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA foreign_key_list(mentions)").fetchall()
        (described,) = connection.execute(
            "SELECT description FROM data_dictionary WHERE table_name = 'claims' AND column_name = 'count_low'"
        ).fetchone()
        assert "bound" in described
        assert lc.cite() in dict(connection.execute("SELECT what, text FROM about"))["cite as"]
        for mention, text in texts(made).items():
            (found,) = connection.execute("SELECT item_text FROM mentions WHERE mention_id = ?", [mention]).fetchone()
            assert found == text
    metadata = json.loads((made.dist / "datasette-metadata.json").read_text(encoding="utf-8"))
    assert metadata["databases"][stem]["tables"]["claims"]["columns"]["count_low"] == described


def test_workbook_has_codebook_first_dates_links_and_no_formulas(made: House, stem: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(made.dist / f"{stem}.xlsx")
    assert book.sheetnames[:2] == ["codebook", "about"] and len(book.sheetnames) == 2 + len(lc.tables())
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref
        assert not [c for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    claims = book["equipment_claims"]
    head = [c.value for c in claims[1]]
    frame = pd.read_csv(made.tables / "equipment_claims.csv")
    assert claims.max_row == len(frame) + 1
    row = claims[2]
    assert row[head.index("date_end")].is_date
    assert row[head.index("url")].hyperlink.target == frame["url"][0]
    words = {c.value for c in book["mentions"]["I"]} | {c.value for c in book["mentions"]["J"]}
    assert set(texts(made).values()) <= {c.value for column in book["mentions"].columns for c in column} and words


def test_a_cell_like_a_formula_is_quoted_in_the_workbook_and_named_in_the_guide(made: House, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    root = tmp_path / "house"
    shutil.copytree(made.root, root)
    report = root / "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"
    text = report.read_text(encoding="utf-8")
    report.write_text(re.sub(r"(?m)^  note: .*$", "  note: =1+1", text, count=1), encoding="utf-8")
    assert not check(House(root), fix=True).errors
    assert main(["--root", str(root), "--release"]) == 0
    (path,) = (root / "dist").glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    (cell,) = [c for column in book["claims"].columns for c in column if c.value == "=1+1"]
    assert cell.data_type == "s" and cell.quotePrefix
    (zipped,) = (root / "dist").glob("*-csv.zip")
    guide = dict(zip_members(zipped.read_bytes(), "zip"))["README.md"].decode()
    assert " LY0003." in guide and " note" in guide


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_opens_the_workbook(made: House, stem: str, tmp_path: Path) -> None:
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1', "--outdir", str(tmp_path),
         str(made.dist / f"{stem}.xlsx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    frame = pd.read_csv(tmp_path / f"{stem}-mentions.csv", dtype=str).set_index("mention_id")
    for mention, text in texts(made).items():
        assert frame.loc[mention, "item_text"] == text
    days = frame["date_end"].dropna()
    assert days.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()


@pytest.mark.skipif(not shutil.which("Rscript"), reason="R is not installed")
def test_r_reads_the_csv(made: House) -> None:
    code = (
        "d <- suppressMessages(readr::read_csv(commandArgs(TRUE)[1], show_col_types = FALSE)); "
        "cat(nrow(d), class(d$date_end), class(d$count_low), d$item_text[d$mention_id == commandArgs(TRUE)[2]], sep = '\\n')"
    )
    for mention, text in texts(made).items():
        done = subprocess.run(
            ["Rscript", "-e", code, str(made.tables / "mentions.csv"), mention],
            capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        n, day, count, found = done.stdout.strip().split("\n")
        assert (int(n), day, count, found) == (len(pd.read_csv(made.tables / "mentions.csv")), "Date", "numeric", text)


def test_frictionless_accepts_the_csv_archive(made: House, stem: str, tmp_path: Path) -> None:
    import frictionless

    with zipfile.ZipFile(made.dist / f"{stem}-csv.zip") as archive:
        archive.extractall(tmp_path)
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    assert report.valid, report.flatten(["fieldName", "message"])[:5]


def test_croissant_loads(made: House) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=str(made.dist / "croissant.json"))
    assert not dataset.metadata.ctx.issues.report()
    first = next(iter(dataset.records("incidents")))
    assert first["incidents/incident_id"] == b"LYI0001"


def test_geojson_is_longitude_first_and_says_how_sure_the_place_is(made: House, stem: str) -> None:
    found = json.loads((made.dist / f"{stem}-incidents.geojson").read_text(encoding="utf-8"))
    places = pd.read_csv(made.tables / "places.csv").set_index("place_id")
    assert [f["id"] for f in found["features"]] == list(pd.read_csv(made.tables / "incidents.csv")["incident_id"])
    for feature in found["features"]:
        about = feature["properties"]
        if feature["geometry"] is not None:
            place = places.loc[about["place_id"]]
            assert feature["geometry"]["coordinates"] == [place["longitude"], place["latitude"]]
            assert about["uncertainty_km"] == place["uncertainty_km"]
        else:
            assert about["place_id"] is None or pd.isna(places.loc[about["place_id"], "longitude"])


# -- metadata --------------------------------------------------------------------------------------------


def test_every_catalogue_says_what_citation_says(checkout: House, made: House) -> None:
    about = read_citation(checkout)
    zenodo = json.loads((checkout.root / ".zenodo.json").read_text(encoding="utf-8"))
    schema_org = json.loads((checkout.descriptor.parent / "dataset.jsonld").read_text(encoding="utf-8"))
    package = json.loads(checkout.descriptor.read_text(encoding="utf-8"))
    croissant = json.loads((made.dist / "croissant.json").read_text(encoding="utf-8"))
    assert {zenodo["version"], schema_org["version"], package["version"], croissant["version"], lc.__version__} == {
        about["version"]
    }
    assert {zenodo["title"], schema_org["name"], package["title"]} == {about["title"]}
    assert {zenodo["description"], schema_org["description"], package["description"], croissant["description"]} == {
        about["abstract"]
    }
    assert {zenodo["publication_date"], schema_org["datePublished"], croissant["datePublished"]} == {
        about["date-released"]
    }
    authors = about["authors"]
    assert [c["name"] for c in zenodo["creators"]] == [c["name"] for c in schema_org["creator"]] == authors
    for style in ("text", "bibtex", "apa"):
        assert about["version"] in lc.cite(style)
    text = (made.dist / f"lossclaims-{about['version']}-csv.zip").read_bytes()
    guide = dict(zip_members(text, "zip"))["README.md"].decode()
    assert lc.cite("text") in guide and lc.cite("bibtex") in guide
    for path, digest in ((d["contentUrl"], d["sha256"]) for d in schema_org["distribution"]):
        import hashlib

        assert hashlib.sha256((checkout.descriptor.parent / path).read_bytes()).hexdigest() == digest


def test_the_recipe_of_the_release_is_sound(checkout: House) -> None:
    folder = checkout.root / ".github" / "workflows"
    assert sorted(p.name for p in folder.glob("*.yml"))
    for tool in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ["zizmor", "--offline", "--quiet"],
    ):
        path = shutil.which(tool[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        assert path, f"{tool[0]} is not installed"
        done = subprocess.run([path, *tool[1:], *map(str, sorted(folder.glob("*.yml")))], capture_output=True, text=True,
                              check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
