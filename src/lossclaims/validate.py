"""The last gate before publication: constraints, keys, references and rules, each fault at its line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lossclaims.problems import Place, Problems
from lossclaims.rows import Row
from lossclaims.rules import RULES, Book
from lossclaims.schema import Schema, Table, Value

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, ...]
# table name to its rows; what is missing is absent
PlainRows = Mapping[str, Sequence[Mapping[str, Value]]]


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
    rows: PlainRows,
    schema: Schema,
    origins: Origins,
    problems: Problems,
    *,
    whole: bool = True,
) -> None:
    """Check keys, references and rules of what coders wrote; faults are added to `problems`.

    A fault of a row that already has one is left out: it follows from the first.

    Parameters
    ----------
    rows : PlainRows
        Every table that coders write, claims with what their mentions come to.
    schema : Schema
    origins : Origins
    problems : Problems
    whole : bool
        False leaves out the rules of the reference lists.
    """
    fault = _reporter(schema, origins, problems)
    for name, key, row in origins.again:
        column = schema[name].primary_key[-1]
        problems.add(
            row.place(column), column, " ".join(key), "key_is_unique",
            f"an id not used; {_at(origins.rows[name, key].place(column))} has this one",
        )  # fmt: skip
    judged = [name for name in rows if whole or any(f.coded for f in schema[name].fields)]
    there: dict[str, set[Value | None]] = {}
    for name in judged:
        table = schema[name]
        for f in (f for f in table.fields if f.references):
            target, _, column = f.references.partition(".")
            if f.references not in there:
                there[f.references] = {row.get(column) for row in rows[target]}
            for line in rows[name]:
                if f.name in line and line[f.name] not in there[f.references]:
                    fault(name, _key(line, table), f.name, line[f.name], "reference_exists", f"an id of {target}")
    book = Book(rows, {name: table.primary_key[0] for name, table in schema.tables.items()})
    for law in (law for law in RULES if law.table in judged):
        for line in law.broken(book):
            fault(law.table, _key(line, schema[law.table]), law.column, line.get(law.column), law.name, law.remedy)


def validate_frames(tables: Mapping[str, pd.DataFrame], schema: Schema, origins: Origins, problems: Problems) -> None:
    """Check every table as it will be published: constraints and keys by pandera, references of derived columns.

    Parameters
    ----------
    tables : Mapping
        All tables, typed.
    schema : Schema
    origins : Origins
    problems : Problems
        Faults are added here.
    """
    fault = _reporter(schema, origins, problems)
    for name, frame in tables.items():
        table = schema[name]
        for key, column, value, rule, remedy in constraint_faults(frame, table):
            fault(name, key, column, value, rule, remedy)
        for f in table.fields:
            if f.references and not f.coded:
                target, _, column = f.references.partition(".")
                missing = frame[f.name].notna() & ~frame[f.name].isin(set(tables[target][column].dropna()))
                for line in frame[missing].astype("object").to_dict("records") if missing.any() else ():
                    fault(name, _key(line, table), f.name, line[f.name], "reference_exists", f"an id of {target}")


def _reporter(schema: Schema, origins: Origins, problems: Problems) -> Callable[[str, Key, str, Any, str, str], None]:
    known = {(p.file, p.line) for p in problems.errors}

    def fault(name: str, key: Key, column: str, value: Any, rule: str, remedy: str) -> None:
        row = origins.row(name, key)
        if row is not None and any((row.file, line) in known for line in {row.line, *row.lines.values()}):
            return
        problems.add(origins.place(name, key, column, schema), column, value, rule, remedy)

    return fault


def _key(line: Mapping[Any, Any], table: Table) -> Key:
    return tuple(str(line.get(k, "")) for k in table.primary_key)


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


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
