"""Whether a downloaded release is whole, sound and the published one.

Works from the files alone: checksums, the descriptor's schemas and keys, and CSV against Parquet. Nothing of the
checkout is needed, and nothing beyond the standard library but pyarrow, for Parquet.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossclaims.releases import DESCRIPTOR, SUMS, NoRelease, Release, make_zip, parquet_as_csv, zip_members

# a release with more faults than this is not worth listing to the end
MOST = 100


@dataclass
class Verified:
    """What was looked at, and what is wrong.

    Parameters
    ----------
    files, rows : int
        Files whose checksum was held, and rows of tables that were read.
    faults : list of str
        Each with the file that it is in; none for a sound release.
    notes : list of str
        What could not be looked at, and the checksum of a single file, to compare with the published one.
    """

    files: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(path: Path) -> Verified:
    """Verify a downloaded release.

    Parameters
    ----------
    path : Path
        Folder with ``SHA256SUMS`` (all files of a release, or one unpacked archive), or one zip.

    Returns
    -------
    Verified

    Raises
    ------
    NoRelease
        If there is no release at that path.
    """
    found = Verified()
    if path.is_dir():
        if not (path / SUMS).is_file():
            raise NoRelease(f"{path}: no {SUMS}; give the folder of a release, or one of its zips")
        files = {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}
        _sums(files, "", found)
        tables: dict[str, Release] = {}
        for name in sorted(files):
            if name.endswith(".zip"):
                tables |= _archive(name, files[name], found)
        if DESCRIPTOR in files:
            tables |= _package(Release("", files), "", found)
        _twins(tables, found)
    elif path.is_file():
        data = path.read_bytes()
        beside = path.with_name(SUMS)
        digest = hashlib.sha256(data).hexdigest()
        known = _listed(beside.read_bytes(), found, SUMS) if beside.is_file() else {}
        if path.name in known:
            found.files += 1
            if known[path.name] != digest:
                found.faults.append(f"{path.name}: SHA-256 is {digest}, {SUMS} beside it has {known[path.name]}")
        else:
            found.notes.append(f"{path.name}: SHA-256 {digest}; compare it with the published {SUMS}")
        _archive(path.name, data, found)
    else:
        raise NoRelease(f"{path}: no such file or folder")
    return found


def _listed(data: bytes, found: Verified, name: str) -> dict[str, str]:
    listed = {}
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        match = re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line)
        if match is None or match[2] in listed:
            found.faults.append(f"{name}: line {number} is no checksum and name")
        else:
            listed[match[2]] = match[1]
    canonical = "".join(f"{digest}  {path}\n" for path, digest in listed.items()).encode()
    if data != canonical and not found.faults:
        found.faults.append(f"{name}: not as written by the build")
    return listed


def _sums(files: Mapping[str, bytes], where: str, found: Verified) -> None:
    listed = _listed(files[SUMS], found, where + SUMS)
    for name, digest in listed.items():
        if name not in files:
            found.faults.append(f"{where}{name}: missing")
            continue
        found.files += 1
        if hashlib.sha256(files[name]).hexdigest() != digest:
            found.faults.append(f"{where}{name}: its bytes are not those of the release (SHA-256 differs)")
    for name in files:
        if name not in listed and name != SUMS:
            found.faults.append(f"{where}{name}: no file of the release")


def _archive(name: str, data: bytes, found: Verified) -> dict[str, Release]:
    """Verify one zip; its tables by form."""
    try:
        files = dict(zip_members(data, name))
    except NoRelease as error:
        found.faults.append(str(error))
        return {}
    _packing(name, data, files, found)
    if SUMS not in files or DESCRIPTOR not in files:
        found.faults.append(f"{name}: no {SUMS} or no {DESCRIPTOR} in it; no archive of a release")
        return {}
    _sums(files, f"{name}: ", found)
    return _package(Release(name, files), f"{name}: ", found)


def _packing(name: str, data: bytes, files: Mapping[str, bytes], found: Verified) -> None:
    """Hold the bytes around and between the members against those that the build writes."""
    again = make_zip(files)
    if again == data:
        return
    own, other = _members(data), _members(again)
    if all(packed != other[member][1] for member, (_, packed) in own.items()):
        found.notes.append(
            f"{name}: packed by another zlib than this one; the bytes between its members were not compared"
        )
        return
    at = next((i for i, (a, b) in enumerate(zip(data, again, strict=False)) if a != b), min(len(data), len(again)))
    before = [member for member, (offset, _) in own.items() if offset <= at]
    inside = at < max(offset + 30 + len(member.encode()) + len(packed) for member, (offset, packed) in own.items())
    where = before[-1] if before and inside else "the directory at its end"
    found.faults.append(f"{name}: byte {at}, at {where}, is not as the build writes it")


def _members(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Offset and packed bytes of each member of a zip."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {}
        for info in archive.infolist():
            begin = info.header_offset + 30 + len(info.filename.encode())
            found[info.filename] = (info.header_offset, data[begin : begin + info.compress_size])
        return found


# -- tables ----------------------------------------------------------------------------------------------


def _package(release: Release, where: str, found: Verified) -> dict[str, Release]:
    """Verify descriptor, schemas and keys of one set of tables."""
    try:
        resources = [(name, r) for form in ("csv", "parquet") for name, r in release.resources(form)]
        forms = {str(r["format"]) for _, r in resources}
        values: dict[str, dict[str, list[str]]] = {}
        for name, resource in resources:
            data = release.files.get(resource["path"])
            if data is None:
                found.faults.append(f"{where}{resource['path']}: named by {DESCRIPTOR} and missing")
                continue
            if resource["hash"] != "sha256:" + hashlib.sha256(data).hexdigest():
                found.faults.append(f"{where}{resource['path']}: SHA-256 differs from {DESCRIPTOR}")
                continue
            try:
                text = data.decode() if resource["format"] == "csv" else parquet_as_csv(data).decode()
            except Exception as error:  # whatever a broken file makes the reader raise
                found.faults.append(f"{where}{resource['path']}: cannot be read ({error})")
                continue
            if resource["format"] == "csv" or name not in values:
                values[name] = _table(text, resource, where, found)
        for name, resource in resources:
            if name in values and resource["schema"].get("foreignKeys"):
                _foreign_keys(resource, values, where, found)
        return dict.fromkeys(forms, release)
    except NoRelease as error:
        found.faults.append(str(error))
    except (KeyError, TypeError, AttributeError) as error:
        found.faults.append(f"{where}{DESCRIPTOR}: a key is missing or of another kind ({error})")
    return {}


def _table(text: str, resource: Mapping[str, Any], where: str, found: Verified) -> dict[str, list[str]]:
    path, fields = f"{where}{resource['path']}", resource["schema"]["fields"]
    rows = list(csv.reader(io.StringIO(text)))
    header = [f["name"] for f in fields]
    if not rows or rows[0] != header:
        found.faults.append(f"{path}: header is not {','.join(header)}")
        return {}
    body = rows[1:]
    found.rows += len(body)
    for number, row in enumerate(body, 2):
        if len(row) != len(header):
            _fault(found, f"{path}: row {number}: {len(row)} cells, not {len(header)}")
            return {}
    columns = {name: [row[i] for row in body] for i, name in enumerate(header)}
    for f in fields:
        refused = _refusal(f)
        limits = f.get("constraints", {})
        known: dict[str, str] = {}
        for number, value in enumerate(columns[f["name"]], 2):
            if value not in known:
                known[value] = refused(value) if value else "is empty" if limits.get("required") else ""
            if known[value]:
                _fault(found, f"{path}: row {number}: {f['name']} = {value!r} {known[value]}")
        filled = [v for v in columns[f["name"]] if v]
        if limits.get("unique") and len(set(filled)) != len(filled):
            _fault(found, f"{path}: {f['name']}: a value stands twice")
    key = resource["schema"].get("primaryKey", [])
    keys = list(zip(*(columns[k] for k in key), strict=True))
    if len(set(keys)) != len(keys):
        _fault(found, f"{path}: the primary key {', '.join(key)} of two rows is the same")
    return columns


def _fault(found: Verified, text: str) -> None:
    if len(found.faults) < MOST:
        found.faults.append(text)


def _refusal(f: Mapping[str, Any]) -> Callable[[str], str]:
    """Function that says what is wrong with a filled cell of a column; empty for nothing."""
    limits = f.get("constraints", {})
    pattern = re.compile(limits["pattern"]) if "pattern" in limits else None
    words = set(limits["enum"]) if "enum" in limits else None
    low, high = limits.get("minimum"), limits.get("maximum")
    forms = {
        "integer": r"-?(0|[1-9][0-9]*)", "number": r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", "boolean": "true|false",
        "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    }  # fmt: skip
    form = re.compile(forms.get(f["type"], "(?s).*"))

    def refused(value: str) -> str:
        if not form.fullmatch(value):
            return f"is no {f['type']}"
        if f["type"] == "date":
            try:
                dt.date.fromisoformat(value)
            except ValueError:
                return "is no day of the calendar"
        if pattern is not None and not pattern.search(value):
            return f"is not of the form {limits['pattern']}"
        if words is not None and value not in words:
            return "is no word of its vocabulary"
        if f["type"] in ("integer", "number") and (
            (low is not None and float(value) < float(low)) or (high is not None and float(value) > float(high))
        ):
            return "is out of its range"
        return ""

    return refused


def _foreign_keys(
    resource: Mapping[str, Any], values: Mapping[str, Mapping[str, list[str]]], where: str, found: Verified
) -> None:
    own = values[str(resource["name"])]
    for key in resource["schema"]["foreignKeys"]:
        columns, target = key["fields"], key["reference"]
        columns = [columns] if isinstance(columns, str) else columns
        there = target["fields"]
        there = [there] if isinstance(there, str) else there
        other = values.get(target.get("resource") or resource["name"], own)
        if not own or not other:
            continue
        known = set(zip(*(other[c] for c in there), strict=True))
        for number, value in enumerate(zip(*(own[c] for c in columns), strict=True), 2):
            if all(value) and value not in known:
                _fault(
                    found,
                    f"{where}{resource['path']}: row {number}: {', '.join(columns)} = {', '.join(value)} is not in "
                    f"{target.get('resource') or resource['name']}",
                )


def _twins(tables: Mapping[str, Release], found: Verified) -> None:
    """CSV and Parquet hold the same."""
    if not {"csv", "parquet"} <= tables.keys():
        return
    twins = dict(tables["parquet"].resources("parquet"))
    for name, resource in tables["csv"].resources("csv"):
        twin = twins.get(name)
        if twin is None:
            found.faults.append(f"{name}: in CSV and not in Parquet")
            continue
        data = tables["parquet"].files.get(twin["path"], b"")
        try:
            same = parquet_as_csv(data) == tables["csv"].files.get(resource["path"])
        except Exception:  # said already, where the file itself was read
            continue
        if not same:
            found.faults.append(f"{twin['path']}: does not hold what {resource['path']} holds")
