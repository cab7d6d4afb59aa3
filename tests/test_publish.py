"""Are CSV, Parquet and the loaded frame the same data, and does the descriptor stand on its own?"""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any, get_args

import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pytest

import lossclaims as lc
from lossclaims._names import TableName
from lossclaims.codebook import codebook
from lossclaims.house import House
from lossclaims.pipeline import Built, build_tables
from lossclaims.publish import csv_bytes, render
from lossclaims.schema import Schema

NAMES = get_args(TableName)


@pytest.fixture(scope="module")
def built(checkout: House) -> Built:
    return build_tables(checkout)


def cells(frame: pd.DataFrame) -> list[list[str]]:
    text = csv_bytes(frame).decode()
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize("name", NAMES)
def test_csv_parquet_and_frame_are_equal(name: TableName, built: Built) -> None:
    frame = lc.load(name)
    pd.testing.assert_frame_equal(frame, built.tables[name])
    assert csv_bytes(frame) == lc.path(name, "csv").read_bytes()
    plain = pd.read_parquet(lc.path(name))
    assert cells(plain) == cells(frame)
    schema = pq.read_schema(lc.path(name))
    fields = {f["name"]: f for f in lc.datapackage()["resources"][2 * NAMES.index(name)]["schema"]["fields"]}
    assert [f.name for f in schema] == list(fields)


@pytest.mark.parametrize("name", NAMES)
def test_plain_read_of_parquet_keeps_types(name: TableName, built: Built) -> None:
    plain = pd.read_parquet(lc.path(name))
    for f in built.schema[name].fields:
        if f.type != "date":
            assert str(plain[f.name].dtype) == f.dtype, f.name


def test_csv_is_rfc_4180_utf_8_lf(checkout: House) -> None:
    for path in checkout.tables.glob("*.csv"):
        data = path.read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data and data.endswith(b"\n")
        rows = list(csv.reader(data.decode("utf-8").splitlines(), strict=True))
        assert {len(row) for row in rows} == {len(rows[0])}


def test_descriptor_hashes_and_bytes(checkout: House) -> None:
    package = json.loads(checkout.descriptor.read_text(encoding="utf-8"))
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    for resource in package["resources"]:
        data = (checkout.descriptor.parent / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert resource.get("bytes", len(data)) == len(data)


def test_frictionless_agrees(checkout: House) -> None:
    report = frictionless.validate(str(checkout.descriptor))
    assert report.valid, report.to_summary()


def test_frictionless_finds_a_broken_key(house: House) -> None:
    path = house.tables / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",gna,", ",nobody,", 1), encoding="utf-8")
    assert not frictionless.validate(str(house.descriptor)).valid


def test_descriptor_obeys_the_published_profile(checkout: House) -> None:
    import importlib.resources

    import jsonschema

    published = importlib.resources.files("dplib") / "profiles" / "2.0" / "datapackage.json"
    profile = json.loads(published.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(checkout.descriptor.read_text(encoding="utf-8")), profile)


def test_references_hold_in_the_csv(built: Built) -> None:
    schema: Schema = built.schema
    frames = {name: pd.read_csv(lc.path(name, "csv"), dtype=str, keep_default_na=False) for name in NAMES}
    for name, table in schema.tables.items():
        for f in table.fields:
            if f.references:
                target, _, column = f.references.partition(".")
                values = set(frames[name][f.name]) - {""}
                assert values <= set(frames[target][column]), (name, f.name)


def test_generated_files_follow_the_schemas(checkout: House, built: Built) -> None:
    files: dict[Path, Any] = render(built, checkout)
    for path in (checkout.codebook, checkout.names, *checkout.record_schemas.glob("*.json")):
        assert path.read_bytes() == files[path], path
    assert codebook(built.schema, built.tables["terms"]) == checkout.codebook.read_text(encoding="utf-8")


def test_codebook_has_every_column(checkout: House, built: Built) -> None:
    text = checkout.codebook.read_text(encoding="utf-8")
    for name, table in built.schema.tables.items():
        section = text.split(f"### {name}\n")[1].split("\n### ")[0]
        assert all(f"| `{f.name}` |" in section for f in table.fields)


def test_every_version_is_the_same(checkout: House) -> None:
    import re
    import tomllib

    version = tomllib.loads((checkout.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert lc.datapackage()["version"] == version == lc.__version__
    changes = (checkout.root / "CHANGELOG.md").read_text(encoding="utf-8")
    found = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)", changes, re.M)
    assert found and found.groups() == (version, lc.datapackage()["created"][:10])
