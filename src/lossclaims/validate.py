"""The last gate before publication: constraints, keys, references and rules, each fault at its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from lossclaims.problems import Place, Problems
from lossclaims.rows import Row
from lossclaims.rules import RULES
from lossclaims.schema import Schema, Table, Value

Key = tuple[str, ...]


@dataclass
class Origins:
    """Hand-written row behind each published row."""

    rows: dict[tuple[str, Key], Row] = field(default_factory=dict)
    again: list[tuple[str, Key, Row]] = field(default_factory=list)

    def add(self, name: str, table: Table, values: Mapping[str, Value], row: Row) -> None:
        key = tuple(str(values.get(k, "")) for k in table.primary_key)
        if (name, key) in self.rows:
            self.again.append((name, key, row))
        else:
            self.rows[name, key] = row

    def place(self, name: str, key: Key, column: str, schema: Schema) -> Place:
        """Where a value was written; a derived one is placed where its column is defined."""
        row = self.row(name, key)
        if row is not None:
            return row.place(column)
        return schema.places.get((name, column), Place(f"schemas/tables/{name}.yaml"))

    def row(self, name: str, key: Key) -> Row | None:
        """The row itself, or that of the claim which a derived row is about."""
        return self.rows.get((name, key)) or self.rows.get(("claims", key[-1:]))


def validate(
    tables: Mapping[str, pd.DataFrame],
    schema: Schema,
    origins: Origins,
    problems: Problems,
    *,
    whole: bool = True,
) -> None:
    """Check every table; faults are added to `problems`.

    A fault of a row that already has one is left out: it follows from the first.

    Parameters
    ----------
    tables : Mapping
        All tables, typed.
    schema : Schema
    origins : Origins
    problems : Problems
    whole : bool
        False leaves out the reference lists, and the constraints of single values, which the reading of the files
        has checked.
    """
    known = {(p.file, p.line) for p in problems.errors}

    def fault(name: str, key: Key, column: str, value: Any, rule: str, remedy: str) -> None:
        row = origins.row(name, key)
        if row is not None and any((row.file, line) in known for line in {row.line, *row.lines.values()}):
            return
        shown = None if value is None or value is pd.NA or value is pd.NaT else value
        problems.add(origins.place(name, key, column, schema), column, shown, rule, remedy)

    for name, key, row in origins.again:
        column = schema[name].primary_key[-1]
        problems.add(
            row.place(column), column, " ".join(key), "key_is_unique",
            f"an id not used; {_at(origins.rows[name, key].place(column))} has this one",
        )  # fmt: skip
    judged = [name for name in tables if whole or any(f.coded for f in schema[name].fields)]
    for name in judged:
        table = schema[name]
        for key, column, value, rule, remedy in constraint_faults(tables[name], table) if whole else ():
            fault(name, key, column, value, rule, remedy)
        for f in table.fields:
            if f.references:
                target, _, column = f.references.partition(".")
                there = set(tables[target][column].dropna())
                missing = tables[name][f.name].notna() & ~tables[name][f.name].isin(there)
                for key, value in _keys(tables[name][missing], table, f.name) if missing.any() else ():
                    fault(name, key, f.name, value, "reference_exists", f"an id of {target}")
    for law in (law for law in RULES if law.table in judged):
        holds = law.holds(tables)
        if holds.all():
            continue
        broken = tables[law.table][~holds]
        for key, value in _keys(broken, schema[law.table], law.column):
            fault(law.table, key, law.column, value, law.name, law.remedy)


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _keys(frame: pd.DataFrame, table: Table, column: str) -> list[tuple[Key, Any]]:
    columns = [*table.primary_key, column]
    return [
        (tuple("" if v is pd.NA else str(v) for v in row[:-1]), row[-1])
        for row in frame[columns].astype("object").itertuples(index=False, name=None)
    ]


def constraint_faults(frame: pd.DataFrame, table: Table) -> list[tuple[Key, str, Any, str, str]]:
    """Faults of one frame against its schema, by pandera.

    Parameters
    ----------
    frame : DataFrame
    table : Table

    Returns
    -------
    list of (key, column, value, rule, remedy)
        Key of the row, empty where the frame as a whole is meant.
    """
    import pandera.errors

    try:
        table.pandera().validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
    else:
        return []
    found = []
    for case in cases.astype("object").itertuples(index=False):
        column, check, index = str(case.column), str(case.check), case.index
        column = column if column in table.by_name else table.primary_key[0]
        key: Key = ()
        if isinstance(index, int) and index in frame.index:
            key = tuple(str(frame.at[index, k]) for k in table.primary_key)
        rule, remedy = _explain(check, table, column)
        found.append((key, column, case.failure_case, rule, remedy))
    return found


def _explain(check: str, table: Table, column: str) -> tuple[str, str]:
    f = table.by_name[column]
    limits = f.constraints
    named = {
        "enum": ("value_is_a_term", ", ".join(f.enum)),
        "pattern": ("value_matches_the_pattern", str(limits.get("pattern"))),
        "minimum": ("value_is_in_range", f"at least {limits.get('minimum')}"),
        "maximum": ("value_is_in_range", f"at most {limits.get('maximum')}"),
        "not_nullable": ("required_value_is_there", f"a value such as {f.example}"),
        "field_uniqueness": ("value_is_unique", "another value"),
        "multiple_fields_uniqueness": ("key_is_unique", "another key"),
    }
    return named.get(check, (check, f"a column as in schemas/tables/{table.name}.yaml"))
