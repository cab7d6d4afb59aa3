"""Hand-written records: YAML in, rows out, and their canonical form.

Which keys a record takes follows from the columns marked ``coded`` in ``schemas/tables``. Unknown and
doubled keys, values that do not fit, unknown names and files not in canonical form are refused.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lossclaims.house import House
from lossclaims.problems import Place, Problems
from lossclaims.rows import Row, cast_into
from lossclaims.schema import Field, Schema
from lossclaims.vocabulary import NAMED, Vocabulary, first_difference
from lossclaims.yamltext import Map, Scalar, Seq, Tree, parse_yaml, read_text, write_yaml


@dataclass(frozen=True)
class Kind:
    """One kind of record: where its files lie and which tables its keys come from.

    Parameters
    ----------
    name : str
        Name of the kind and of its JSON Schema.
    glob : str
        Files of the kind below a collection's folder.
    top : str
        Table of the top keys; empty where there are none.
    lists : Mapping
        Key of each list to the tables of its entries' keys.
    """

    name: str
    glob: str
    top: str
    lists: Mapping[str, tuple[str, ...]]

    def top_fields(self, schema: Schema) -> list[Field]:
        return schema[self.top].coded if self.top else []

    def list_fields(self, schema: Schema, key: str) -> list[Field]:
        return [f for table in self.lists[key] for f in schema[table].coded]


KINDS = (
    Kind("report", "reports/*/*.yaml", "sources", {"mentions": ("mentions", "claims")}),
    Kind("incident", "incidents/*/*.yaml", "incidents", {"items": ("items",), "evidence": ("evidence",)}),
    Kind("collection", "collection.yaml", "collections", {"blocs": ("blocs",)}),
    Kind("series", "series.yaml", "", {"series": ("series",)}),
)
# tables that lie as CSV in a collection's folder, beside its records
COLLECTION_TABLES = ("withdrawn", "reliability")
BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass
class Record:
    """One file: its top row and its lists of rows."""

    path: Path
    kind: Kind
    collection: str
    top: Row
    lists: dict[str, list[Row]] = field(default_factory=dict)


@dataclass
class Records:
    """All records read, by kind."""

    found: list[Record] = field(default_factory=list)

    def of(self, kind: str) -> Iterator[Record]:
        return (r for r in self.found if r.kind.name == kind)

    def rows(self, kind: str, key: str = "") -> Iterator[tuple[Record, Row]]:
        """Rows of one list of a kind of record, or the top rows, each with its record."""
        for record in self.of(kind):
            if key:
                yield from ((record, row) for row in record.lists.get(key, ()))
            else:
                yield record, record.top


def record_files(house: House) -> list[tuple[Path, Kind, str]]:
    """Every record file with its kind and collection, sorted."""
    found = []
    for folder in sorted(p for p in house.records.glob("*") if p.is_dir()):
        for kind in KINDS:
            found += [(path, kind, folder.name) for path in sorted(folder.glob(kind.glob))]
    return found


def stray_files(house: House) -> list[Path]:
    """Files below the records' folder that no kind of record claims."""
    known = {path for path, _, _ in record_files(house)}
    known |= {f / f"{name}.csv" for f in house.records.glob("*") for name in COLLECTION_TABLES}
    seconds = set(house.records.glob("*/second/**/*"))
    return sorted(p for p in house.records.rglob("*") if p.is_file() and p not in known and p not in seconds)


def stated_languages(path: Path) -> set[str]:
    """Languages that a record names, by a look at its lines alone."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return set(re.findall(r"(?m)^(?:language|  translated_from): '?([a-z]{2,3})'?$", text))


def read_records(
    house: House,
    schema: Schema,
    vocabulary: Vocabulary,
    problems: Problems,
    files: Iterable[tuple[Path, Kind, str]] | None = None,
) -> Records:
    """Read record files into rows.

    Parameters
    ----------
    house, schema, vocabulary
    problems : Problems
        Faults are added here.
    files : iterable of (Path, Kind, str), optional
        Files to read, as ``record_files`` gives them; all by default.

    Returns
    -------
    Records
    """
    records = Records()
    if files is None:
        files = record_files(house)
        for path in stray_files(house):
            problems.add(
                Place(house.name(path)), "", "", "file_is_a_record",
                "one of " + ", ".join(kind.glob for kind in KINDS) + " below a collection's folder",
            )  # fmt: skip
    for path, kind, collection in files:
        record = _read(path, kind, collection, house, schema, vocabulary, problems)
        if record is not None:
            records.found.append(record)
    return records


def _read(
    path: Path, kind: Kind, collection: str, house: House, schema: Schema, vocabulary: Vocabulary, problems: Problems
) -> Record | None:
    name = house.name(path)
    text = read_text(path, name, problems)
    if text is None:
        return None
    before = len(problems.found)
    top = parse_yaml(text, name, problems)
    if top is None:
        return None
    if not isinstance(top, Map):
        problems.add(Place(name, top.line), "", "", "record_is_a_mapping", "keys and values")
        return None
    fields = kind.top_fields(schema)
    row = _row(top, fields, set(kind.lists), name, vocabulary, problems)
    record = Record(path, kind, collection, row)
    for key in kind.lists:
        record.lists[key] = []
        node = top.get(key)
        if node is None:
            continue
        if not isinstance(node, Seq):
            problems.add(Place(name, top.line_of(key)), key, "", "value_is_a_list", "a list, each entry behind '- '")
            continue
        for entry in node.items:
            if isinstance(entry, Map):
                made = _row(entry, kind.list_fields(schema, key), set(), name, vocabulary, problems)
                record.lists[key].append(made)
            else:
                problems.add(Place(name, entry.line), key, "", "entry_is_a_mapping", "keys and values")
    _check_ids(record, schema, problems)
    if len(problems.found) == before:
        canonical = canonical_record(record, house, schema)
        if text != canonical:
            problems.add(
                Place(name, first_difference(text, canonical)), "", "", "file_is_canonical",
                "keys in the schema's order, ids for names, no comments; 'lossclaims check --fix' rewrites the file",
            )  # fmt: skip
    return record


def _row(node: Map, fields: list[Field], lists: set[str], name: str, vocabulary: Vocabulary, problems: Problems) -> Row:
    row = Row(name, node.line, lines=dict(node.keys))
    by_name = {f.name: f for f in fields}
    for key, value in node.items():
        if key in lists:
            continue
        if key not in by_name:
            problems.add(row.place(key), key, "", "key_is_known", ", ".join([*by_name, *sorted(lists)]))
        elif not isinstance(value, Scalar):
            problems.add(row.place(key), key, "", "value_is_a_text", "one value")
        elif not value.text:
            problems.add(row.place(key), key, "", "key_has_a_value", "a value, or no such key")
        else:
            _put(row, by_name[key], value.text, vocabulary, problems)
    for f in fields:
        if f.required and f.coded == "true" and f.name not in node.keys:
            problems.add(row.place(), f.name, "", "required_key_is_there", f"a value such as {f.example}")
    return row


def _put(row: Row, f: Field, text: str, vocabulary: Vocabulary, problems: Problems) -> None:
    target = f.references.partition(".")[0]
    table = "actors" if target == "outlets" else target
    if table in NAMED:
        found = vocabulary.resolve(table, text)
        if found is None or (target == "outlets" and found not in vocabulary.names["outlets"]):
            near = vocabulary.nearest(target if target == "outlets" else table, text)
            file = vocabulary.files.get(target, f"datasets/vocabulary/{target}.csv")
            problems.add(
                row.place(f.name), f.name, text, "name_is_known",
                (f"nearest: {', '.join(near)}; " if near else "")
                + f"a new one is a row of {file}, another spelling one of {vocabulary.files.get('aliases')}",
            )  # fmt: skip
            return
        text = found
    cast_into(row, f, text, problems)


def _check_ids(record: Record, schema: Schema, problems: Problems) -> None:
    """File name, collection and ids of entries agree."""
    kind, top = record.kind, record.top
    if kind.name in ("report", "incident"):
        key = schema[kind.top].primary_key[0]
        own = top.text(key)
        if own and own != record.path.stem:
            problems.add(top.place(key), key, own, "file_is_named_as_its_id", record.path.stem)
        seen: dict[str, int] = {}
        for name in kind.lists:
            entry_key = schema[kind.lists[name][0]].primary_key[0]
            for row in record.lists.get(name, ()):
                text = row.text(entry_key)
                if text and own and not text.startswith(own + "."):
                    problems.add(row.place(entry_key), entry_key, text, "id_begins_with_the_record_id", own + ".N")
                if text in seen:
                    problems.add(
                        row.place(entry_key), entry_key, text, "key_is_unique", f"a number not used; line {seen[text]}"
                    )
                seen.setdefault(text, row.place(entry_key).line)
    elif kind.name == "collection" and top.text("collection_id") not in ("", record.collection):
        problems.add(
            top.place("collection_id"), "collection_id", top.text("collection_id"), "collection_is_named_as_its_folder",
            record.collection,
        )  # fmt: skip


def canonical_record(record: Record, house: House, schema: Schema) -> str:
    """Canonical text of a record: the editor's schema line, keys in schema order, ids for names."""
    tree = _tree(record.top, record.kind.top_fields(schema))
    for key in record.kind.lists:
        rows = record.lists.get(key)
        if rows:
            tree[key] = [_tree(row, record.kind.list_fields(schema, key)) for row in rows]
    return schema_line(record.path, record.kind, house) + write_yaml(tree)


def schema_line(path: Path, kind: Kind, house: House) -> str:
    """First line of a record, by which editors complete and check."""
    target = os.path.relpath(house.record_schemas / f"{kind.name}.json", path.parent)
    return f"# yaml-language-server: $schema={Path(target).as_posix()}\n"


def _tree(row: Row, fields: list[Field]) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for f in fields:
        if f.name in row.values:
            value = row.values[f.name]
            text = (
                value.isoformat()
                if isinstance(value, dt.date)
                else str(value).lower()
                if isinstance(value, bool)
                else str(value)
            )
            tree[f.name] = (text, f.type != "string")
    return tree
