"""Does every constraint in a schema bite, and is every column described?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from lossclaims.frames import make_frame
from lossclaims.house import House
from lossclaims.problems import Problems
from lossclaims.schema import CONSTRAINTS, Field, Schema, Table, load_schema, natural_key
from lossclaims.validate import constraint_faults
from tests.conftest import ROOT

SCHEMA = load_schema(House(ROOT), Problems())
LIMITS = [(t, f, c) for t in SCHEMA.tables.values() for f in t.fields for c in f.constraints]


def good_row(table: Table) -> dict[str, Any]:
    return {f.name: f.cast(f.example) for f in table.fields}


def bad_value(f: Field, constraint: str) -> Any:
    limit = f.constraints[constraint]
    return {
        "required": None,
        "enum": "no such word",
        "pattern": "\u00a7",
        "minimum": None if constraint != "minimum" else limit - 1,
        "maximum": None if constraint != "maximum" else limit + 1,
    }[constraint]


@pytest.mark.parametrize("table", SCHEMA.tables.values(), ids=lambda t: t.name)
def test_a_row_of_examples_is_valid(table: Table) -> None:
    assert constraint_faults(make_frame(table, [good_row(table)]), table) == []


@pytest.mark.parametrize(("table", "f", "constraint"), LIMITS, ids=[f"{t.name}.{f.name}.{c}" for t, f, c in LIMITS])
def test_constraint_bites(table: Table, f: Field, constraint: str) -> None:
    rows = [good_row(table)]
    if constraint == "unique":
        rows.append(dict(rows[0]))
    else:
        rows[0][f.name] = bad_value(f, constraint)
    found = {column for _, column, *_ in constraint_faults(make_frame(table, rows), table)}
    assert f.name in found


def test_primary_key_bites() -> None:
    for table in SCHEMA.tables.values():
        row = good_row(table)
        assert constraint_faults(make_frame(table, [row, row]), table), table.name


def test_every_constraint_of_the_compiler_is_in_use_or_derived() -> None:
    assert {c for _, _, c in LIMITS} == CONSTRAINTS


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("integer", ["1.5", "", "x", "1e3", "01", "\u0661"]),
        ("number", ["1,5", "x", "nan", "1e3", "."]),
        ("boolean", ["True", "yes", "1"]),
        ("date", ["2022-02-31", "2022-3-1", "20220301", "2022-W01-1", "1 May 2020"]),
        ("string", [" x", "x ", "a\nb", "a\tb"]),
    ],
)
def test_cast_refuses(kind: str, bad: list[str]) -> None:
    f = Field("x", "X", "X. Never empty.", kind, "1")
    for text in bad:
        with pytest.raises(ValueError):
            f.cast(text)


def test_each_type_keeps_its_dtype_through_a_frame() -> None:
    table = SCHEMA["claims"]
    frame = make_frame(table, [good_row(table)])
    assert frame.dtypes.astype(str).to_dict() == {f.name: f.dtype for f in table.fields}


def faults_of(house: House, table: str, old: str, new: str) -> list[str]:
    path = house.table_schemas / f"{table}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = Problems()
    load_schema(house, problems)
    return [str(p) for p in problems.errors]


@pytest.mark.parametrize(
    ("table", "old", "new", "rule"),
    [
        ("places", "minimum: -90", "minimun: -90", "constraint_is_known"),
        ("places", "minimum: -90", "minimum: low", "constraint_is_valid"),
        ("places", "type: number", "type: numbre", "type_is_known"),
        ("places", "title: Latitude", "titel: Latitude", "key_is_known"),
        ("places", "Never empty.", "Always there.", "description_ends_in_what_an_empty_cell_means"),
        ("places", "example: bani_walid", "example: Bani Walid", "example_is_valid"),
        ("places", "terms: [place_kind]", "terms: [place_kinds]", "vocabulary_has_terms"),
        ("places", "references: places.place_id", "references: places.place", "reference_points_to_a_column"),
        ("places", "primaryKey: [place_id]", "primaryKey: [place]", "primary_key_is_a_column"),
        ("places", "name: latitude", "name: longitude", "column_is_defined_once"),
        ("places", "'^[a-z0-9_]+$'", "'^[a-z0-9_+$'", "constraint_is_valid"),
        ("items", "use: incidents.incident_id", "use: incidents.incident", "used_column_is_defined"),
        ("claims", "required: true", "required: yes", "constraint_is_valid"),
    ],
)
def test_fault_in_a_schema_is_named_with_its_line(house: House, table: str, old: str, new: str, rule: str) -> None:
    lines = (house.table_schemas / f"{table}.yaml").read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(lines, 1) if old in text)
    found = faults_of(house, table, old, new)
    hits = [f for f in found if f": {rule}:" in f and f.startswith(f"schemas/tables/{table}.yaml:")]
    assert hits, found
    place = hits[0].split(": ")[0]
    # the line of the key, or of the column that it belongs to
    assert abs(int(place.rpartition(":")[2]) - line) <= 8


def test_descriptions_say_what_empty_means() -> None:
    for table in SCHEMA.tables.values():
        for f in table.fields:
            last = f.description.rpartition(". ")[2] or f.description
            assert (last == "Never empty.") == f.required, (table.name, f.name)


def test_same_column_has_one_type_everywhere() -> None:
    kinds: dict[str, set[str]] = {}
    for table in SCHEMA.tables.values():
        for f in table.fields:
            kinds.setdefault(f.name, set()).add(f.type)
    assert {name for name, found in kinds.items() if len(found) > 1} == set()


def test_natural_key_sorts_by_number() -> None:
    ids = ["LY0003.10", "LY0003.9", "LY0010.1", "LY0003.1"]
    assert sorted(ids, key=natural_key) == ["LY0003.1", "LY0003.9", "LY0003.10", "LY0010.1"]


def test_stray_word_is_named_not_swallowed() -> None:
    table = SCHEMA["claims"]
    row = good_row(table) | {"stance": "assert"}
    faults = constraint_faults(make_frame(table, [row]), table)
    assert [(column, value) for _, column, value, _, _ in faults] == [("stance", "assert")]


def test_arrow_schema_carries_descriptions() -> None:
    for table in SCHEMA.tables.values():
        for f, field in zip(table.fields, table.arrow(), strict=True):
            assert field.metadata[b"description"].decode() == f.description
            assert field.nullable is not f.required


def test_schema_is_whole(checkout: House) -> None:
    problems = Problems()
    schema: Schema = load_schema(checkout, problems)
    assert problems.errors == []
    assert isinstance(make_frame(schema["ledger"], []), pd.DataFrame)
