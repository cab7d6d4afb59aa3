"""Rows that differ between two states of a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """One row added, removed or changed.

    Parameters
    ----------
    table : str
    kind : str
        ``added``, ``removed`` or ``changed``.
    key : tuple of str
        Primary key of the row.
    cells : dict
        Column to (before, after); of a new or removed row, its filled cells.
    """

    table: str
    kind: str
    key: tuple[str, ...]
    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        head = f"{sign} {self.table} {' '.join(self.key)}"
        if self.kind == "changed":
            return (
                head + ": " + "; ".join(f"{c} {a or '(empty)'} -> {b or '(empty)'}" for c, (a, b) in self.cells.items())
            )
        shown = [f"{c}={a or b}" for c, (a, b) in self.cells.items()]
        return head + ": " + ", ".join(shown)


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
