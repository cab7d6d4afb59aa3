"""What is wrong with the input, and where.

A fault is never raised on its own: each step of the pipeline adds what it finds to one list, so that a
run names all faults at once. Only a caller that cannot go on stops, with the whole list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Problem:
    """One fault or warning.

    Parameters
    ----------
    file : str
        Path of the file, relative to the project where it lies in it.
    line : int
        Line from 1; 0 where the file as a whole is meant.
    key : str
        Key or column; empty where none is meant.
    value : str
        The value found; empty where something is missing.
    rule : str
        Name of the rule that does not hold; it reads as what must hold.
    remedy : str
        What would be accepted, or what to do.
    warning : bool
        True where the build goes on all the same.
    """

    file: str
    line: int
    key: str
    value: str
    rule: str
    remedy: str
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = f" {self.key}" if self.key else ""
        found = f" = {self.value!r}" if self.value else ""
        kind = "warning" if self.warning else "error"
        return f"{place}: {kind}:{what}{found}: {self.rule}: {self.remedy}"


@dataclass(frozen=True)
class Place:
    """Where a value stands: a file and a line from 1 (0: the file as a whole)."""

    file: str
    line: int = 0


@dataclass
class Problems:
    """The faults of one run, in the order found."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, key: str, value: object, rule: str, remedy: str, *, warning: bool = False) -> None:
        """Add one fault; the same fault is kept once."""
        text = "" if value is None else str(value)
        problem = Problem(place.file, place.line, key, text, rule, remedy, warning)
        if problem not in self._seen:
            self._seen.add(problem)
            self.found.append(problem)

    def __post_init__(self) -> None:
        self._seen = set(self.found)

    @property
    def errors(self) -> list[Problem]:
        """Faults that stop the build, by file and line."""
        return sorted(p for p in self.found if not p.warning)

    @property
    def warnings(self) -> list[Problem]:
        """Doubts that do not stop it, by file and line."""
        return sorted(p for p in self.found if p.warning)

    def __bool__(self) -> bool:
        return any(not p.warning for p in self.found)


class InputError(Exception):
    """Input that cannot be built from; carries every fault found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(p) for p in self.problems))
