"""Rows of hand-written files, each value with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from lossclaims.problems import Place, Problems
from lossclaims.schema import Field, Value


@dataclass
class Row:
    """Values by column; what is empty is absent.

    Parameters
    ----------
    file : str
        File as messages name it.
    line : int
        First line of the row.
    values : dict
        Values by column.
    lines : dict
        Line of each column where it differs from `line`.
    """

    file: str
    line: int
    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def place(self, column: str = "") -> Place:
        return Place(self.file, self.lines.get(column, self.line))

    def text(self, column: str) -> str:
        """Value as text; empty where there is none."""
        value = self.values.get(column)
        return "" if value is None else str(value)


def cast_into(row: Row, f: Field, text: str, problems: Problems) -> None:
    """Put the value of a text into a row, or name what is wrong with it."""
    try:
        row.values[f.name] = f.cast(text)
    except ValueError as error:
        rule = "value_is_a_term" if f.enum else f"value_is_a_valid_{f.type}"
        problems.add(row.place(f.name), f.name, text, rule, str(error))
