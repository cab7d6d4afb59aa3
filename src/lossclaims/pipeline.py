"""The way of a record: read, interpret, derive, validate; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lossclaims.claims import claim_rows
from lossclaims.house import House
from lossclaims.mentions import Mentions, read_mentions
from lossclaims.problems import InputError, Problems
from lossclaims.records import COLLECTION_TABLES, Kind, Records, read_records, stated_languages
from lossclaims.rows import Row
from lossclaims.schema import Schema, Value, load_schema, natural_key
from lossclaims.validate import Origins, PlainRows, validate, validate_frames
from lossclaims.vocabulary import Vocabulary, read_csv_rows, read_vocabulary

if TYPE_CHECKING:
    import pandas as pd

STEPS = ("schemas", "vocabulary", "records", "mentions", "claims, incidents, ledger", "validation")


@dataclass
class Built:
    """What one run made.

    Parameters
    ----------
    tables : dict of DataFrame
        Every table of the schema, typed and sorted; none where only records were checked.
    schema, vocabulary, records
        What they were made from.
    problems : Problems
        Warnings; there are no errors.
    """

    tables: dict[str, pd.DataFrame]
    schema: Schema
    vocabulary: Vocabulary
    records: Records
    problems: Problems = field(default_factory=Problems)


def build_tables(
    house: House,
    files: Collection[tuple[Path, Kind, str]] | None = None,
    whole: bool = True,
    step: Callable[[str], None] = lambda name: None,
) -> Built:
    """Make all tables from the hand-written files.

    Parameters
    ----------
    house : House
    files : iterable, optional
        Record files to read, as ``record_files`` gives them; all by default.
    whole : bool
        False makes only what tells whether records are right: no frames, and so no grades, totals and flat tables, and
        no second look at values that were checked when they were read.
    step : callable
        Called with each of ``STEPS`` as it begins.

    Returns
    -------
    Built

    Raises
    ------
    InputError
        With every fault found.
    """
    problems = Problems()
    step(STEPS[0])
    schema = load_schema(house, problems)
    if problems:
        raise InputError(problems.errors)
    step(STEPS[1])
    languages = None if whole else {found for path, _, _ in files or () for found in stated_languages(path)}
    vocabulary = read_vocabulary(house, schema, problems, languages)
    step(STEPS[2])
    records = read_records(house, schema, vocabulary, problems, files)
    extra = _collection_tables(house, schema, problems)
    origins = Origins()
    try:
        step(STEPS[3])
        mentions = read_mentions(records, schema, vocabulary, problems)
        step(STEPS[4])
        rows = _base_rows(schema, vocabulary, records, mentions, extra, origins)
        tables = {}
        if whole:
            # frames, grades and ledger are no small import, and one record has no use for them
            from lossclaims.derive import derive
            from lossclaims.frames import make_frame, typed

            base = {name: make_frame(schema[name], listed) for name, listed in rows.items()}
            derived = derive(base)
            tables = {
                name: base[name] if derived[name] is base.get(name) else typed(derived[name], table)
                for name, table in schema.tables.items()
            }
        step(STEPS[5])
        validate({**rows, "claims": claim_rows(rows)}, schema, origins, problems, whole=whole)
        if whole:
            validate_frames(tables, schema, origins, problems)
    except Exception:
        # with faults in the input the later steps are only tried, to name more of them at once
        if not problems:
            raise
    if problems:
        raise InputError(problems.errors)
    return Built(tables, schema, vocabulary, records, problems)


def _collection_tables(house: House, schema: Schema, problems: Problems) -> dict[str, list[Row]]:
    """Tables that lie as CSV in the collections' folders."""
    found: dict[str, list[Row]] = {name: [] for name in COLLECTION_TABLES}
    for name in COLLECTION_TABLES:
        for path in sorted(house.records.glob(f"*/{name}.csv")):
            found[name] += read_csv_rows(path, house.name(path), schema[name], problems)
    return found


def _base_rows(
    schema: Schema,
    vocabulary: Vocabulary,
    records: Records,
    mentions: Mentions,
    extra: dict[str, list[Row]],
    origins: Origins,
) -> PlainRows:
    """Rows of what coders wrote, with what the words of mentions come to; mentions in the order of their ids."""
    rows: dict[str, list[dict[str, Value]]] = {name: [] for name in schema.tables}
    for name, listed in {**vocabulary.rows, **extra}.items():
        for row in listed:
            rows[name].append(row.values)
            origins.add(name, schema[name], row.values, row)
    for kind, key, table in (
        ("report", "", "sources"),
        ("incident", "", "incidents"),
        ("incident", "items", "items"),
        ("incident", "evidence", "evidence"),
        ("collection", "", "collections"),
        ("collection", "blocs", "blocs"),
        ("series", "series", "series"),
    ):
        for record, row in records.rows(kind, key):
            values = dict(row.values)
            if "collection_id" in schema[table].by_name:
                values.setdefault("collection_id", record.collection)
            if "incident_id" in schema[table].by_name:
                values.setdefault("incident_id", record.top.text("incident_id"))
            rows[table].append(values)
            origins.add(table, schema[table], values, row)
    collections = {row.text("mention_id"): record.collection for record, row in records.rows("report", "mentions")}
    for mention_id, values in sorted(mentions.rows.items(), key=lambda item: natural_key(item[0])):
        rows["mentions"].append(values)
        origins.add("mentions", schema["mentions"], values, mentions.origins[mention_id])
    for claim_id, facts in mentions.facts.items():
        values = facts | {"claim_id": claim_id, "collection_id": collections[claim_id]}
        rows["claims"].append(values)
        origins.add("claims", schema["claims"], values, mentions.origins[claim_id])
    return rows
