"""The hand-kept reference lists, and the step from names to ids.

A name is an id, the row's own name or an alias, whatever its case. An unknown name is refused with the
nearest known ones; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lossclaims.house import House
from lossclaims.problems import Place, Problems
from lossclaims.rows import Row, cast_into
from lossclaims.schema import Schema, Table, Value, natural_key
from lossclaims.yamltext import read_text


@dataclass(frozen=True)
class Vocabulary:
    """Rows of every reference list by table, and names by kind.

    Parameters
    ----------
    rows : Mapping
        Table name to its rows.
    names : Mapping
        Table name to folded name to id.
    files : Mapping
        Table name to the file that holds it, as messages name it.
    """

    rows: Mapping[str, list[Row]]
    names: Mapping[str, Mapping[str, str]]
    files: Mapping[str, str]

    def resolve(self, table: str, text: str) -> str | None:
        """Id that a name stands for in a table, or None."""
        return self.names[table].get(fold(text))

    def nearest(self, table: str, text: str, most: int = 3) -> list[str]:
        """Ids whose names are nearest to a text, best first, as ``id (name)``."""
        from rapidfuzz import fuzz, process

        known = self.names[table]
        hits = process.extract(fold(text), list(known), scorer=fuzz.WRatio, limit=most * 3, score_cutoff=55)
        found: dict[str, str] = {}
        for name, _score, _index in hits:
            found.setdefault(known[name], name)
        return [i if fold(i) == name else f"{i} ({name})" for i, name in list(found.items())[:most]]

    def column(self, table: str, key: str, value: str) -> dict[str, str]:
        """One column of a table by another, as text; rows without the value are left out."""
        return {r.text(key): r.text(value) for r in self.rows[table] if r.text(value)}


def fold(text: str) -> str:
    """Form in which names are compared: compatibility form, no case, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def vocabulary_tables(schema: Schema, house: House) -> list[str]:
    """Tables that have a hand-kept CSV of their own name."""
    return [name for name in schema.tables if (house.vocabulary / f"{name}.csv").is_file()]


def read_vocabulary(
    house: House, schema: Schema, problems: Problems, languages: Collection[str] | None = None
) -> Vocabulary:
    """Read every CSV of ``datasets/vocabulary``.

    Parameters
    ----------
    house : House
    schema : Schema
    problems : Problems
        Faults are added here: unknown files and columns, values that do not fit, doubled keys, names of
        two things, files that are not canonical.
    languages : collection of str, optional
        Leave out phrases of other languages, which nothing to be read needs, and the form of the files, which
        is no business of one record; all by default.

    Returns
    -------
    Vocabulary
    """
    rows: dict[str, list[Row]] = {}
    files: dict[str, str] = {}
    for path in sorted(house.vocabulary.glob("*.csv")):
        name = house.name(path)
        if path.stem not in schema.tables:
            problems.add(Place(name), "", "", "file_has_a_table", "one of " + ", ".join(sorted(schema.tables)))
            continue
        files[path.stem] = name
        skipped = None if languages is None or path.stem != "aliases" else _phrases_but(languages)
        whole = languages is None
        rows[path.stem] = read_csv_rows(path, name, schema[path.stem], problems, skipped, canonical=whole)
    names = {}
    for table in NAMED:
        rows.setdefault(table, [])
        names[table] = _names(table, rows, problems)
    for kind, table in RULED.items():
        rules = {row.text("rule") for row in rows.get(table, ())}
        for row in rows.get("aliases", ()):
            if row.text("kind") == kind and row.text("id") not in rules:
                problems.add(row.place("id"), "id", row.text("id"), "alias_points_to_a_row", f"a rule of {table}.csv")
    outlets = {row.text("outlet_id") for row in rows.setdefault("outlets", [])}
    names["outlets"] = {name: i for name, i in names["actors"].items() if i in outlets}
    return Vocabulary(rows, names, files)


# alias kind by table, and the column that holds the id: the shape of the tables, not words of a list
NAMED = {"actors": ("actor", "actor_id"), "equipment": ("equipment", "equipment_id"), "places": ("place", "place_id")}


RULED = {"quantity_rule": "quantity_rules", "date_rule": "date_rules"}


def _names(table: str, rows: Mapping[str, list[Row]], problems: Problems) -> dict[str, str]:
    kind, key = NAMED[table]
    names: dict[str, str] = {}
    ids = {row.text(key) for row in rows[table]}

    def claim(text: str, target: str, row: Row, column: str) -> None:
        folded = fold(text)
        if names.setdefault(folded, target) != target:
            problems.add(
                row.place(column), column, text, "name_means_one_thing",
                f"another name; this one already stands for {names[folded]}",
            )  # fmt: skip

    for row in rows[table]:
        claim(row.text(key), row.text(key), row, key)
    for row in rows[table]:
        claim(row.text("name"), row.text(key), row, "name")
    for row in rows.get("aliases", []):
        if row.text("kind") != kind:
            continue
        if row.text("id") not in ids:
            problems.add(row.place("id"), "id", row.text("id"), "alias_points_to_a_row", f"an id of {table}.csv")
        else:
            claim(row.text("alias"), row.text("id"), row, "alias")
    return names


def _phrases_but(languages: Collection[str]) -> Callable[[list[str]], bool]:
    """Whether a row of aliases is a phrase in none of the languages, nor in many."""
    kept = {*languages, "en", "mul"}
    named = {kind for kind, _ in NAMED.values()}
    return lambda cells: len(cells) == 4 and cells[3] not in kept and cells[0] not in named


def read_csv_rows(
    path: Path,
    name: str,
    table: Table,
    problems: Problems,
    skipped: Callable[[list[str]], bool] | None = None,
    canonical: bool = True,
) -> list[Row]:
    """Rows of one hand-kept CSV, cast by its schema; every fault is named with its line.

    Rows that `skipped` says are left out; `canonical` is whether form and order are held to as well.
    """
    text = read_text(path, name, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[Row] = []
    line = 1
    seen: dict[tuple[str, ...], int] = {}
    cells: list[list[str]] = []
    # values repeat in a column: each text is cast once
    casts: list[dict[str, Value]] = [{} for _ in table.fields]
    try:
        for number, found in enumerate(reader):
            at, line = line, reader.line_num + 1
            cells.append(found)
            if number == 0:
                if found != table.columns:
                    problems.add(Place(name, 1), "", ",".join(found), "header_is_the_schema", ",".join(table.columns))
                    return []
                continue
            if skipped is not None and skipped(found):
                continue
            if len(found) != len(table.columns):
                problems.add(
                    Place(name, at), "", ",".join(found)[:80], "row_has_all_columns",
                    f"{len(table.columns)} cells; this row has {len(found)}",
                )  # fmt: skip
                continue
            row = Row(name, at)
            for f, known, cell in zip(table.fields, casts, found, strict=True):
                if cell in known:
                    row.values[f.name] = known[cell]
                elif cell:
                    cast_into(row, f, cell, problems)
                    if f.name in row.values:
                        known[cell] = row.values[f.name]
                elif f.required:
                    problems.add(row.place(), f.name, "", "required_value_is_there", f"a value such as {f.example}")
            key = tuple(row.text(k) for k in table.primary_key)
            if key in seen:
                problems.add(
                    row.place(), table.primary_key[0], " ".join(key), "key_is_unique",
                    f"another key; line {seen[key]} has this one",
                )  # fmt: skip
            seen.setdefault(key, at)
            rows.append(row)
    except csv.Error as error:
        problems.add(Place(name, line), "", "", "file_is_csv", str(error))
        return rows
    if not cells:
        problems.add(Place(name, 1), "", "", "header_is_the_schema", ",".join(table.columns))
    elif canonical:
        _canonical(text, canonical_csv(cells, table), name, problems)
    return rows


def canonical_csv(cells: Iterable[list[str]], table: Table) -> str:
    """Canonical text of a hand-kept CSV: sorted by its key, quoted only where needed, LF."""
    header, *body = list(cells)
    at = [table.columns.index(k) for k in table.primary_key]
    body.sort(key=lambda r: [natural_key(r[i]) if i < len(r) else () for i in at])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *body])
    return out.getvalue()


def _canonical(text: str, canonical: str, name: str, problems: Problems) -> None:
    if text != canonical:
        line = first_difference(text, canonical)
        problems.add(
            Place(name, line), "", "", "file_is_canonical",
            "rows sorted by key, quoted only where needed; 'lossclaims check --fix' rewrites the file",
        )  # fmt: skip


def first_difference(text: str, other: str) -> int:
    """First line, from 1, in which two texts differ."""
    pairs = zip(text.split("\n"), other.split("\n"), strict=False)
    for number, (a, b) in enumerate(pairs, 1):
        if a != b:
            return number
    return min(text.count("\n"), other.count("\n")) + 1
