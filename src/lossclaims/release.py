"""A release: everything that people download, made from the tables, with what changed since the one before.

Rendered to bytes like the tables, and put in place all at once; nothing reads the clock or the network.
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lossclaims.citing import cite_as
from lossclaims.database import database, datasette_metadata
from lossclaims.diffs import (
    COLUMNS,
    Change,
    as_csv,
    diff_releases,
    lines,
    next_version,
    required_part,
    version_fits,
)
from lossclaims.house import House
from lossclaims.metadata import as_json, croissant, geojson
from lossclaims.pipeline import Built
from lossclaims.problems import InputError, Place, Problems
from lossclaims.publish import project_version, read_citation
from lossclaims.releases import DESCRIPTOR, FORMULA, SUMS, Release, make_zip, open_release, sums_text
from lossclaims.schema import Schema
from lossclaims.workbook import workbook

REASON_COLUMNS = ("table", "id", "column", "reason")


@dataclass(frozen=True)
class Comparison:
    """What changed since the release before.

    Parameters
    ----------
    previous : str
        Its version; empty where there is none.
    changes : list of Change
    part : str
        Part of the version that must rise.
    reasons : dict
        (table, id, column) to the reason of a correction.
    """

    previous: str = ""
    changes: list[Change] = field(default_factory=list)
    part: str = "none"
    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)


def compare(built: Built, house: House, files: Mapping[Path, bytes], previous: str | None) -> Comparison:
    """Hold the rendered tables against the release before.

    Parameters
    ----------
    built : Built
    house : House
    files : Mapping of Path to bytes
        What ``render`` made.
    previous : str, optional
        The release before, as ``open_release`` takes it; none for the first.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If the version does not rise enough, a published id vanished or has another meaning, or a reason fits
        no change.
    """
    version = project_version(house)
    if previous is None:
        return Comparison()
    old = open_release(previous)
    now = {p.relative_to(house.descriptor.parent).as_posix(): d for p, d in files.items()
           if p.is_relative_to(house.descriptor.parent)}  # fmt: skip
    changes = diff_releases(old, Release(version, now))
    part = required_part(changes)
    problems = Problems()
    try:
        if not version_fits(old.version, version, part):
            remedy = f"{next_version(old.version, part)} or higher, since {_what(part)} changed from {old.version}"
            _version_fault(house, problems, "version_rises_with_changes", remedy)
    except ValueError as error:
        _version_fault(house, problems, "version_is_valid", str(error))
    withdrawn = set(built.tables["withdrawn"]["id"])
    _ids_stay(changes, built.schema, withdrawn, problems)
    reasons = _reasons(house, version, changes, problems)
    if problems:
        raise InputError(problems.errors)
    return Comparison(old.version, changes, part, reasons)


def _what(part: str) -> str:
    return {"major": "the schema", "minor": "the set of rows", "patch": "cells", "none": "nothing"}[part]


def _version_fault(house: House, problems: Problems, rule: str, remedy: str) -> None:
    path = house.root / "pyproject.toml"
    text = path.read_text(encoding="utf-8").split("\n")
    line = next((n for n, t in enumerate(text, 1) if t.startswith("version")), 0)
    problems.add(Place(house.name(path), line), "version", project_version(house), rule, remedy)


def _ids_stay(changes: Iterable[Change], schema: Schema, withdrawn: set[str], problems: Problems) -> None:
    for change in changes:
        table = schema.tables.get(change.table)
        if table is None or not table.identity:
            continue
        place = Place(f"datasets/tables/{change.table}.csv")
        key = " ".join(change.key)
        if change.kind == "removed" and key not in withdrawn:
            problems.add(
                place, table.primary_key[0], key, "published_id_stays",
                "the row, or a row of withdrawn.csv with the id and a reason",
            )  # fmt: skip
        elif change.kind == "changed" and set(table.identity) <= change.cells.keys():
            before = ", ".join(f"{c} {change.cells[c][0]!r}" for c in table.identity)
            problems.add(
                place, table.primary_key[0], key, "id_keeps_its_meaning",
                f"a new id; this one was published with {before}, and all of that is different now",
            )  # fmt: skip


def _reasons(
    house: House, version: str, changes: Sequence[Change], problems: Problems
) -> dict[tuple[str, str, str], str]:
    path = house.root / "datasets" / "changes" / f"{version}.csv"
    if not path.is_file():
        return {}
    name = house.name(path)
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    if not rows or tuple(rows[0]) != REASON_COLUMNS:
        problems.add(Place(name, 1), "", ",".join(rows[0]) if rows else "", "header_is_known", ",".join(REASON_COLUMNS))
        return {}
    changed = {(c.table, " ".join(c.key)): c.cells for c in changes}
    reasons = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(REASON_COLUMNS) or not row[3].strip():
            problems.add(
                Place(name, number), "reason", ",".join(row), "row_is_whole", "table, id, column or nothing, reason"
            )
            continue
        table, key, column, reason = row
        if (table, key) not in changed or (column and column not in changed[table, key]):
            problems.add(
                Place(name, number), "id", " ".join(filter(None, (table, key, column))), "reason_has_a_change",
                "a row, and a column or none, that differs from the release before",
            )  # fmt: skip
        reasons[table, key, column] = reason
    return reasons


def release_files(built: Built, house: House, files: Mapping[Path, bytes], compared: Comparison) -> dict[str, bytes]:
    """Every file of the release but wheel and sdist, by name.

    Parameters
    ----------
    built : Built
    house : House
    files : Mapping of Path to bytes
        What ``render`` made.
    compared : Comparison

    Returns
    -------
    dict of str to bytes
    """
    about = {**read_citation(house), "version": project_version(house)}
    stem = f"lossclaims-{about['version']}"
    descriptor = json.loads(files[house.descriptor])
    citation = {style: cite_as(descriptor, style) for style in ("text", "bibtex", "apa")}
    guide = _guide(house, about, citation, built)
    beside = {
        "README.md": guide.encode(),
        "codebook.md": files[house.codebook],
        "LICENSE-DATA": (house.root / "LICENSE-DATA").read_bytes(),
        "CITATION.cff": (house.root / "CITATION.cff").read_bytes(),
    }
    made: dict[str, bytes] = {}
    for form in ("csv", "parquet"):
        tables = {f"tables/{n}.{form}": files[house.tables / f"{n}.{form}"] for n in built.schema.tables}
        members = {DESCRIPTOR: _descriptor_of(descriptor, form), **beside, **tables}
        made[f"{stem}-{form}.zip"] = make_zip({**members, SUMS: sums_text(members)})
    first = {
        "title": about["title"], "version": about["version"], "released": about["date-released"],
        "licence": "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/", "cite as": citation["text"],
        "what a row is": "an assertion by a claimant, not a loss; never add up counts, ledger has the totals",
        "empty cells": "not stated, never zero",
    }  # fmt: skip
    made[f"{stem}.sqlite"] = database(built.tables, built.schema, first)
    made["datasette-metadata.json"] = datasette_metadata(built.schema, about, stem)
    made[f"{stem}.xlsx"] = workbook(built.tables, built.schema, about, first)
    made[f"{stem}-incidents.geojson"] = geojson(built.tables)
    csv_files = {n: files[house.tables / f"{n}.csv"] for n in built.schema.tables}
    archive = f"{stem}-csv.zip"
    made["croissant.json"] = croissant(about, built.schema, (archive, made[archive]), csv_files, citation["text"])
    made["changes.csv"] = as_csv(lines(compared.changes, compared.reasons)).encode()
    made["CHANGES.md"] = _changes(compared, about).encode()
    return made


def _descriptor_of(descriptor: Mapping[str, Any], form: str) -> bytes:
    resources = [r for r in descriptor["resources"] if r["format"] == form]
    return as_json({**descriptor, "resources": resources})


def _guide(house: House, about: Mapping[str, Any], citation: Mapping[str, str], built: Built) -> str:
    """README of the archives."""
    text = (house.root / "docs" / "download.md").read_text(encoding="utf-8")
    cells = list(formula_cells(built.tables, built.schema))
    shown = "; ".join(cells[:20]) + (f"; and {len(cells) - 20} more" if len(cells) > 20 else "")
    values = {
        "title": about["title"], "version": about["version"], "date": about["date-released"],
        "citation": citation["text"], "bibtex": citation["bibtex"],
        "formulas": f"in this release {len(cells)} cells do ({shown})." if cells else "in this release no cell does.",
    }  # fmt: skip
    for key, value in values.items():
        text = text.replace("{" + key + "}", value)
    return text


def formula_cells(tables: Mapping[str, pd.DataFrame], schema: Schema) -> Iterable[str]:
    """Text cells that a spreadsheet may run as a formula, as ``table key column``."""
    for name, table in schema.tables.items():
        for f in table.fields:
            if f.type != "string" or f.enum:
                continue
            text = tables[name][f.name].astype("string")
            # "-1" is a number to a spreadsheet and nothing worse
            risky = text.str.startswith(FORMULA) & ~text.str.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?")
            risky = risky.fillna(False).astype(bool)
            for key in tables[name].loc[risky, list(table.primary_key)].astype("object").itertuples(index=False):
                yield f"{name} {' '.join(map(str, key))} {f.name}"


def _changes(compared: Comparison, about: Mapping[str, Any]) -> str:
    """What changed, for people: counts per table, then every correction with its reason."""
    out = [f"# Changes in version {about['version']}", ""]
    if not compared.previous:
        out.append("No release before this one was given to compare with.")
        return "\n".join(out) + "\n"
    out += [f"Since version {compared.previous}. Part of the version that had to rise: {compared.part}.", ""]
    kinds = ("schema", "added", "removed", "changed")
    counts: dict[str, dict[str, int]] = {}
    for change in compared.changes:
        counts.setdefault(change.table, dict.fromkeys(kinds, 0))[change.kind] += 1
    out += ["| table | schema | rows added | rows removed | rows changed |", "|---|---|---|---|---|"]
    out += [f"| {table} | " + " | ".join(str(row[k]) for k in kinds) + " |" for table, row in counts.items()]
    reasoned = [r for r in lines(compared.changes, compared.reasons) if r["reason"]]
    if reasoned:
        out += ["", "## Corrections", ""]
        for row in reasoned:
            cells = (
                f": {row['column']} {row['before'] or '(empty)'} -> {row['after'] or '(empty)'}"
                if row["column"]
                else ""
            )
            out.append(f"- {row['table']} {row['id']}{cells}. {row['reason']}")
    out += ["", f"Every changed cell stands in `changes.csv` ({', '.join(COLUMNS)})."]
    return "\n".join(out) + "\n"


def packages(house: House) -> dict[str, bytes]:
    """Wheel and source distribution, made offline from the checkout as it stands.

    Returns
    -------
    dict of str to bytes

    Raises
    ------
    OSError
        If they cannot be made.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SOURCE_DATE_EPOCH": _epoch(house), "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-m", "hatchling", "build", "-d", folder, "-t", "sdist", "-t", "wheel"]
        done = subprocess.run(command, cwd=house.root, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise OSError(0, f"wheel and sdist could not be made: {reason}", "hatchling")
        return {p.name: p.read_bytes() for p in sorted(Path(folder).iterdir())}


def _epoch(house: House) -> str:
    """Seconds of the day of release, the time of everything in wheel and sdist."""
    return str(int(pd.Timestamp(read_citation(house)["date-released"], tz="UTC").timestamp()))


def with_sums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and their ``SHA256SUMS``."""
    return {**files, SUMS: sums_text(files)}
