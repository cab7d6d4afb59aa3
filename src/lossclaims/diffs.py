"""What differs between two states of the tables: rows by key and column, columns, and what version that asks for."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lossclaims.releases import Release, parquet_as_csv

COLUMNS = ("table", "id", "change", "column", "before", "after", "reason")
# parts of a version, and what makes each rise; the order is that of their weight
PARTS = ("none", "patch", "minor", "major")


@dataclass(frozen=True)
class Change:
    """One row added, removed or changed, or one column.

    Parameters
    ----------
    table : str
    kind : str
        ``added``, ``removed`` or ``changed``; of the schema, ``schema``.
    key : tuple of str
        Primary key of the row; the column's name where the schema changed.
    cells : dict
        Column to (before, after); of a new or removed row, its filled cells.
    """

    table: str
    kind: str
    key: tuple[str, ...]
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~", "schema": "!"}[self.kind]
        head = f"{sign} {self.table} {' '.join(self.key)}".rstrip()
        if self.kind in ("changed", "schema"):
            return (
                head + ": " + "; ".join(f"{c} {a or '(empty)'} -> {b or '(empty)'}" for c, (a, b) in self.cells.items())
            )
        shown = [f"{c}={a or b}" for c, (a, b) in self.cells.items()]
        return head + ": " + ", ".join(shown)

    @property
    def part(self) -> str:
        """Part of the version that this change makes rise."""
        return {"schema": "major", "added": "minor", "removed": "minor", "changed": "patch"}[self.kind]


def diff_csv(table: str, key: Sequence[str], before: str, after: str) -> Iterator[Change]:
    """Changes between two CSV texts of one table, by key and column.

    Parameters
    ----------
    table : str
    key : sequence of str
        Columns of the primary key.
    before, after : str
        CSV with header; an empty text is a table without rows.

    Yields
    ------
    Change
        In the order of the rows after, then those removed.
    """
    old, new = _rows(before, key), _rows(after, key)
    for k, row in new.items():
        if k not in old:
            yield Change(table, "added", k, {c: ("", v) for c, v in row.items() if v})
            continue
        columns = {**old[k], **row}
        cells = {c: (old[k].get(c, ""), row.get(c, "")) for c in columns if old[k].get(c, "") != row.get(c, "")}
        if cells:
            yield Change(table, "changed", k, cells)
    for k, row in old.items():
        if k not in new:
            yield Change(table, "removed", k, {c: (v, "") for c, v in row.items() if v})


def _rows(text: str, key: Sequence[str]) -> dict[tuple[str, ...], dict[str, str]]:
    return {tuple(row.get(k) or "" for k in key): row for row in csv.DictReader(io.StringIO(text))}


def diff_releases(old: Release, new: Release) -> list[Change]:
    """All changes from one release to another.

    Parameters
    ----------
    old, new : Release
        With their tables as CSV or, where they have none, as Parquet.

    Returns
    -------
    list of Change
        Those of the schema first, then by table in the order of the new release.
    """
    before, after = _schemas(old), _schemas(new)
    changes = [*_schema_changes(before, after)]
    for table in [*after, *(t for t in before if t not in after)]:
        key = list(after.get(table, before.get(table, {})).get("primaryKey", []))
        changes += diff_csv(table, key, _csv_of(old, table), _csv_of(new, table))
    return changes


def _schemas(release: Release) -> dict[str, dict[str, Any]]:
    found = dict(release.resources("csv")) or dict(release.resources("parquet"))
    return {name: resource["schema"] for name, resource in found.items()}


def _csv_of(release: Release, table: str) -> str:
    for form in ("csv", "parquet"):
        for name, resource in release.resources(form):
            if name == table:
                data = release.files[resource["path"]]
                return data.decode() if form == "csv" else parquet_as_csv(data).decode()
    return ""


def _schema_changes(before: Mapping[str, dict[str, Any]], after: Mapping[str, dict[str, Any]]) -> Iterator[Change]:
    for table in [*before, *(t for t in after if t not in before)]:
        if table not in after or table not in before:
            cells = ("there", "") if table not in after else ("", "there")
            yield Change(table, "schema", (), {"table": cells})
            continue
        old = {f["name"]: f for f in before[table]["fields"]}
        new = {f["name"]: f for f in after[table]["fields"]}
        for column in [*old, *(c for c in new if c not in old)]:
            cells_of = {
                what: (a, b)
                for what in ("type", "constraints")
                if (a := _promise(old.get(column), what)) != (b := _promise(new.get(column), what))
            }
            if cells_of:
                yield Change(table, "schema", (column,), cells_of)
        for what in ("primaryKey", "foreignKeys"):
            a, b = (json.dumps(s[table].get(what)) for s in (before, after))
            if a != b:
                yield Change(table, "schema", (), {what: (a, b)})


def _promise(f: Mapping[str, Any] | None, what: str) -> str:
    """What users may rely on of a column; a new word of a vocabulary is a new row of terms, no new schema."""
    if f is None:
        return ""
    if what == "type":
        return str(f["type"])
    kept = {k: v for k, v in f.get("constraints", {}).items() if k != "enum"}
    return json.dumps(kept, sort_keys=True) if kept else ""


def required_part(changes: Iterable[Change]) -> str:
    """Part of the version that must rise: ``major`` schema, ``minor`` rows, ``patch`` corrections, or ``none``."""
    return max((c.part for c in changes), key=PARTS.index, default="none")


def version_fits(old: str, new: str, part: str) -> bool:
    """Whether a version rises enough.

    Parameters
    ----------
    old, new : str
        As ``MAJOR.MINOR.PATCH``.
    part : str
        One of ``PARTS``.

    Raises
    ------
    ValueError
        If one is no such version.
    """
    a, b = _numbers(old), _numbers(new)
    return b > a and b[: 4 - PARTS.index(part)] > a[: 4 - PARTS.index(part)] if part != "none" else b >= a


def next_version(old: str, part: str) -> str:
    """Lowest version that rises enough."""
    major, minor, patch = _numbers(old)
    return {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
        "none": old,
    }[part]


def _numbers(version: str) -> tuple[int, ...]:
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version):
        raise ValueError(f"{version!r} is no version such as 1.2.0")
    return tuple(map(int, version.split(".")))


def lines(changes: Iterable[Change], reasons: Mapping[tuple[str, str, str], str] | None = None) -> list[dict[str, str]]:
    """Changes as flat rows with the columns ``COLUMNS``.

    Parameters
    ----------
    changes : iterable of Change
    reasons : Mapping, optional
        (table, id, column) to the reason; with an empty column, of the whole row.

    Returns
    -------
    list of dict
        One row per new or removed row of a table, and per changed cell.
    """
    known = reasons or {}
    found = []
    for change in changes:
        key = " ".join(change.key)
        cells = change.cells if change.kind in ("changed", "schema") else {"": ("", "")}
        for column, (before, after) in cells.items():
            reason = known.get((change.table, key, column)) or known.get((change.table, key, "")) or ""
            values = (change.table, key, change.kind, column, before, after, reason)
            found.append(dict(zip(COLUMNS, values, strict=True)))
    return found


def as_csv(rows: Iterable[Mapping[str, str]]) -> str:
    """Flat rows as CSV with header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_markdown(rows: Sequence[Mapping[str, str]]) -> str:
    """Flat rows as a table of Markdown."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"

    head = [line(COLUMNS), line("---" for _ in COLUMNS)]
    return "\n".join([*head, *(line(row[c] for c in COLUMNS) for row in rows)]) + "\n"
