"""All tables as one SQLite file with keys that hold, and the metadata by which Datasette names them."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from lossclaims.schema import Field, Schema, Table

KINDS = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}


def database(tables: dict[str, pd.DataFrame], schema: Schema, first: dict[str, str]) -> bytes:
    """Bytes of the SQLite file.

    Parameters
    ----------
    tables : dict of DataFrame
        Every table, typed.
    schema : Schema
    first : dict of str to str
        What the table ``about`` says: licence, citation and what a row is.

    Returns
    -------
    bytes
        Days are text (ISO), booleans 0 and 1; the tables ``about`` and ``data_dictionary`` say what it is and what
        each column means. The same bytes for the same tables and version of SQLite.

    Raises
    ------
    sqlite3.IntegrityError
        If a key does not hold.
    """
    connection = sqlite3.connect(":memory:")
    try:
        for name, table in schema.tables.items():
            connection.execute(_create(table, schema))
            frame = tables[name].astype("object").where(tables[name].notna(), None)
            marks = ", ".join("?" * len(table.fields))
            connection.executemany(
                f'INSERT INTO "{name}" VALUES ({marks})',
                (tuple(map(_value, row)) for row in frame.itertuples(index=False, name=None)),
            )
            for f in table.fields:
                if f.references and (f.name,) != table.primary_key:
                    connection.execute(f'CREATE INDEX "{name}_{f.name}" ON "{name}" ("{f.name}")')
        connection.execute(
            "CREATE TABLE data_dictionary (table_name TEXT, column_name TEXT, type TEXT, unit TEXT, description TEXT, "
            "example TEXT, PRIMARY KEY (table_name, column_name))"
        )
        connection.executemany(
            "INSERT INTO data_dictionary VALUES (?, ?, ?, ?, ?, ?)",
            [
                (name, f.name, f.type, f.unit or None, f.description, f.example)
                for name, table in schema.tables.items()
                for f in table.fields
            ],
        )
        connection.execute("CREATE TABLE about (what TEXT PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO about VALUES (?, ?)", first.items())
        connection.commit()
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise sqlite3.IntegrityError(f"a key of {broken[0]} points to no row of {broken[2]}")
        return connection.serialize()
    finally:
        connection.close()


def _value(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    return int(value) if isinstance(value, bool) else value


def _create(table: Table, schema: Schema) -> str:
    lines = [_column(f) for f in table.fields]
    lines.append("PRIMARY KEY (" + ", ".join(f'"{k}"' for k in table.primary_key) + ")")
    for f in table.fields:
        target, _, column = f.references.partition(".")
        # a key can only point to a column that is one
        if f.references and schema[target].primary_key == (column,):
            lines.append(f'FOREIGN KEY ("{f.name}") REFERENCES "{target}" ("{column}")')
    return f'CREATE TABLE "{table.name}" (\n  ' + ",\n  ".join(lines) + "\n)"


def _column(f: Field) -> str:
    checks = []
    if f.required:
        checks.append("NOT NULL")
    if f.type == "boolean":
        checks.append(f'CHECK ("{f.name}" IN (0, 1))')
    return " ".join([f'"{f.name}"', KINDS[f.type], *checks])


def datasette_metadata(schema: Schema, about: dict[str, Any], database_name: str) -> bytes:
    """Titles and descriptions in the form that ``datasette FILE -m metadata.json`` shows."""
    tables = {
        name: {
            "title": table.title,
            "description": table.description,
            "columns": {f.name: f.description for f in table.fields},
        }
        for name, table in schema.tables.items()
    }
    made = {
        "title": about["title"],
        "description": about["abstract"],
        "license": "CC BY 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "databases": {database_name: {"tables": tables}},
    }
    return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()
