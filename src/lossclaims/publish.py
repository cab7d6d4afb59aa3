"""Tables to files: CSV, Parquet, descriptor, and whatever else is generated from the schemas.

Everything is rendered to bytes first, so that a check compares and a build writes the very same. Nothing
here reads the clock or the network.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lossclaims.codebook import codebook
from lossclaims.house import House
from lossclaims.metadata import as_json, json_ld, zenodo
from lossclaims.pipeline import Built
from lossclaims.placing import differing, place
from lossclaims.problems import InputError, Place, Problems
from lossclaims.record_schemas import record_schemas
from lossclaims.releases import cell
from lossclaims.schema import Table
from lossclaims.yamltext import Map, Scalar, Seq, read_yaml

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def render(built: Built, house: House) -> dict[Path, bytes]:
    """Every generated file with its bytes.

    Parameters
    ----------
    built : Built
    house : House

    Returns
    -------
    dict
        Path to content: tables as CSV and Parquet, the descriptor, JSON Schemas of the records, the codebook
        and the names of tables for type checkers.
    """
    files: dict[Path, bytes] = {}
    for name, table in built.schema.tables.items():
        files[house.tables / f"{name}.csv"] = csv_bytes(built.tables[name])
        files[house.tables / f"{name}.parquet"] = parquet_bytes(built.tables[name], table)
    files[house.descriptor] = as_json(descriptor(built, house, files))
    about = read_citation(house)
    collections = built.tables["collections"]
    coverage = {"start": _cell(collections["date_start"].min()), "end": _cell(collections["date_end"].max())}
    tables = {
        p.relative_to(house.descriptor.parent).as_posix(): data for p, data in files.items() if p.parent == house.tables
    }
    files[house.descriptor.with_name("dataset.jsonld")] = json_ld(about, tables, coverage)
    files[house.root / ".zenodo.json"] = zenodo(about)
    for name, schema in record_schemas(built.schema, built.vocabulary).items():
        files[house.record_schemas / f"{name}.json"] = as_json(schema)
    files[house.codebook] = codebook(built.schema, built.tables["terms"]).encode()
    files[house.names] = _names(built)
    return files


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Reference form of a table: UTF-8, LF, RFC 4180 quoting, ISO days, empty for missing."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [[_cell(v) for v in frame[name].astype("object")] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    return "" if value is pd.NA or value is pd.NaT else cell(value)


def parquet_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """Parquet twin of a table: zstd, descriptions as field metadata, types that survive a plain read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = table.arrow()
    columns = []
    for f, kind in zip(table.fields, schema.types, strict=True):
        values = [None if _cell(v) == "" else v for v in frame[f.name].astype("object")]
        if f.type == "date":
            values = [v if v is None else v.date() for v in values]
        if pa.types.is_dictionary(kind):
            words = pa.array(f.enum, pa.string())
            at = {word: i for i, word in enumerate(f.enum)}
            codes = pa.array([v if v is None else at[v] for v in values], pa.int32())
            columns.append(pa.DictionaryArray.from_arrays(codes, words))
        else:
            columns.append(pa.array(values, kind))
    about = {"title": table.title, "description": table.description, "pandas": json.dumps(_pandas_block(table))}
    made = pa.Table.from_arrays(columns, schema=schema.with_metadata(about))
    out = io.BytesIO()
    pq.write_table(made, out, compression="zstd", version="2.6")
    return out.getvalue()


def _pandas_block(table: Table) -> dict[str, Any]:
    """The block by which pandas restores dtypes; constant, whatever version writes it."""
    kinds = {"string": "unicode", "integer": "int64", "number": "float64", "boolean": "bool", "date": "date"}
    columns = []
    for f in table.fields:
        category = f.dtype == "category"
        columns.append(
            {
                "name": f.name,
                "field_name": f.name,
                "pandas_type": "categorical" if category else kinds[f.type],
                "numpy_type": "int8" if category else "object" if f.type == "date" else f.dtype,
                "metadata": {"num_categories": len(f.enum), "ordered": False} if category else None,
            }
        )
    return {"index_columns": [], "column_indexes": [], "columns": columns, "attributes": {}, "pandas_version": "2.2.2"}


def descriptor(built: Built, house: House, files: Mapping[Path, bytes]) -> dict[str, Any]:
    """Data Package v2 descriptor of the rendered tables."""
    about = read_citation(house)
    resources = []
    for name, table in built.schema.tables.items():
        for kind, media in (("csv", "text/csv"), ("parquet", "application/vnd.apache.parquet")):
            data = files[house.tables / f"{name}.{kind}"]
            resource: dict[str, Any] = {
                "name": name if kind == "csv" else f"{name}-{kind}",
                "type": "table",
                "title": table.title if kind == "csv" else f"{table.title} (Parquet)",
                "description": table.description,
                "path": f"tables/{name}.{kind}",
                "format": kind,
                "mediatype": media,
                "hash": "sha256:" + hashlib.sha256(data).hexdigest(),
            }
            if kind == "csv":
                # a byte count on Parquet makes frictionless report a false error
                resource |= {"encoding": "utf-8", "bytes": len(data)}
            resource["schema"] = table.frictionless(foreign_keys=kind == "csv")
            resources.append(resource)
    return {
        "$schema": PROFILE,
        "name": "lossclaims",
        "title": about["title"],
        "description": about["abstract"],
        "version": project_version(house),
        "created": about["date-released"] + "T00:00:00Z",
        "keywords": about["keywords"],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 International",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "contributors": [{"title": name, "roles": ["author"]} for name in about["authors"]],
        "sources": [
            {"title": "GeoNames, coordinates of populated places (CC BY 4.0)", "path": "https://www.geonames.org/"},
            {
                "title": "OpenStreetMap contributors, single points (ODbL)",
                "path": "https://www.openstreetmap.org/copyright",
            },
            {"title": "The reports listed in the table sources"},
        ],
        "resources": resources,
    }


def read_citation(house: House) -> dict[str, Any]:
    """What ``CITATION.cff`` says of the dataset: the one place of title, abstract, authors and day of release.

    Raises
    ------
    InputError
        If a key is missing.
    """
    problems = Problems()
    path = house.root / "CITATION.cff"
    top = read_yaml(path, house.name(path), problems)
    about: dict[str, Any] = {}
    if isinstance(top, Map):
        for key in ("title", "abstract", "date-released", "version"):
            value = top.get(key)
            if isinstance(value, Scalar) and value.text:
                about[key] = value.text
            else:
                problems.add(Place(house.name(path), top.line_of(key)), key, "", "key_has_a_value", "a text")
        for key in ("keywords", "authors"):
            value = top.get(key)
            items = value.items if isinstance(value, Seq) else []
            texts = [n.get("name") if isinstance(n, Map) else n for n in items]
            about[key] = [t.text for t in texts if isinstance(t, Scalar)]
            if not about[key]:
                problems.add(Place(house.name(path), top.line_of(key)), key, "", "key_has_a_value", "a list")
    if not problems and about["version"] != (version := project_version(house)):
        problems.add(
            Place(house.name(path), top.line_of("version") if isinstance(top, Map) else 0),
            "version", about["version"], "versions_agree", f"{version}, as in pyproject.toml",
        )  # fmt: skip
    if problems:
        raise InputError(problems.errors)
    return about


def project_version(house: House) -> str:
    """The one version of data and code, as in ``pyproject.toml``."""
    with (house.root / "pyproject.toml").open("rb") as stream:
        return str(tomllib.load(stream)["project"]["version"])


def _names(built: Built) -> bytes:
    names = "\n".join(f'    "{name}",' for name in sorted(built.schema.tables))
    return (
        '"""Names of the tables, generated from schemas/tables by build.py."""\n\n'
        "from typing import Literal, TypeAlias\n\n"
        f"TableName: TypeAlias = Literal[\n{names}\n]\n"
    ).encode()


def stale(files: Mapping[Path, bytes], house: House) -> list[Path]:
    """Files that differ from what the build would write, and tables that it would not write at all."""
    return differing(files, [house.tables])


def write(files: Mapping[Path, bytes], house: House) -> list[Path]:
    """Write what changed: all of it, or nothing.

    Returns
    -------
    list of Path
        The files that changed or went.

    Raises
    ------
    OSError
        If something cannot be written; nothing has changed then.
    """
    return place(house.root, files, [house.tables])
