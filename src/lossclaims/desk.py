"""New records: the next free id, the right folder, and the keys that a coder must fill."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

from lossclaims.addresses import address_key, host_of, without_trackers
from lossclaims.house import House
from lossclaims.problems import InputError, Problems
from lossclaims.records import BY_NAME, record_files, schema_line
from lossclaims.schema import Field, Schema, load_schema
from lossclaims.vocabulary import Vocabulary, read_vocabulary
from lossclaims.yamltext import Map, Scalar, Tree, read_yaml, write_yaml

UNDATED = "undated"


class Refused(ValueError):
    """A new record that must not be made, with the reason."""


@dataclass(frozen=True)
class _Desk:
    house: House
    schema: Schema
    vocabulary: Vocabulary


def _desk(house: House) -> _Desk:
    problems = Problems()
    schema = load_schema(house, problems)
    vocabulary = read_vocabulary(house, schema, problems)
    if problems:
        raise InputError(problems.errors)
    return _Desk(house, schema, vocabulary)


def new_report(
    house: House, url: str, *, published: str = "", collection: str = "", start: int = 1, coder: str = ""
) -> Path:
    """Make a record for a report that is not coded yet.

    Parameters
    ----------
    house : House
    url : str
        Its public address.
    published : str
        Day of publication, where known.
    collection : str
        Collection; the only one by default.
    start : int
        Lowest number of the coder's block of ids.
    coder : str
        Pseudonym of the coder.

    Returns
    -------
    Path
        The new file; keys to fill are there and empty.

    Raises
    ------
    Refused
        If the address is no web address or already coded, or the day is not valid.
    InputError
        If schemas or vocabulary have faults.
    """
    desk = _desk(house)
    key = address_key(url)
    if not key:
        raise Refused(f"{url!r} is no web address; give one that begins with http:// or https://")
    for path, field, known in _coded_addresses(house):
        if address_key(known) == key:
            raise Refused(f"{house.name(path)} has this address already as {field}: {known}")
    folder, prefix = _collection(house, collection)
    values = {"source_id": _next(house, prefix, start), "url": without_trackers(url), "coder": coder}
    if published:
        try:
            dt.date.fromisoformat(published)
        except ValueError:
            raise Refused(f"{published!r} is no day; give it as YYYY-MM-DD") from None
        values |= {"published_earliest": published, "published_latest": published}
    hosts = {
        host_of(r.text("homepage")): r.text("outlet_id") for r in desk.vocabulary.rows["outlets"] if r.text("homepage")
    }
    values["outlet_id"] = hosts.get(host_of(url), "")
    kind = BY_NAME["report"]
    tree = _blank(kind.top_fields(desk.schema), values, also=("title", "published_earliest", "published_latest"))
    mention = {"mention_id": values["source_id"] + ".1"}
    also = ("claimant_id", "count_text", "equipment_id", "personnel_category")
    tree["mentions"] = [_blank(kind.list_fields(desk.schema, "mentions"), mention, also=also)]
    path = folder / "reports" / (published[:7] or UNDATED) / f"{values['source_id']}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    _write_new(path, schema_line(path, kind, house) + _open_ends(write_yaml(tree)))
    return path


def _write_new(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8", newline="") as stream:
        stream.write(text)


def _blank(fields: list[Field], values: dict[str, str], also: tuple[str, ...]) -> dict[str, Tree]:
    """Keys that must be there, those already known, and those of `also`, in the schema's order."""
    wanted = {f.name for f in fields if f.required and f.coded == "true"} | set(also)
    return {
        f.name: (values.get(f.name, ""), f.type != "string" or not values.get(f.name))
        for f in fields
        if f.name in wanted or values.get(f.name)
    }


def _open_ends(text: str) -> str:
    """Empty values as nothing behind the colon, where the cursor goes."""
    return re.sub(r"(?m): (?:''|\"\")?$", ":", text)


def _collection(house: House, name: str) -> tuple[Path, str]:
    folders = {p.name: p for p in sorted(house.records.glob("*")) if p.is_dir()}
    if not name and len(folders) == 1:
        (name,) = folders
    if name not in folders:
        raise Refused(f"no collection {name!r}; give --collection, one of {', '.join(folders)}")
    problems = Problems()
    path = folders[name] / "collection.yaml"
    top = read_yaml(path, house.name(path), problems)
    prefix = top.get("id_prefix") if isinstance(top, Map) else None
    if not isinstance(prefix, Scalar):
        raise Refused(f"{house.name(path)} has no id_prefix")
    return folders[name], prefix.text


def _next(house: House, prefix: str, start: int) -> str:
    """Lowest number above all used ones of the block that begins at `start`; withdrawn ids count as used."""
    block = range(start, start + 1000) if start > 1 else range(1, 10**6)
    used = {int(m[1]) for path, _, _ in record_files(house) if (m := re.fullmatch(prefix + r"([0-9]+)", path.stem))}
    for path in house.records.glob("*/withdrawn.csv"):
        used |= {int(n) for n in re.findall(rf"^{prefix}([0-9]+)\b", path.read_text(encoding="utf-8"), re.M)}
    number = max((n for n in used if n in block), default=start - 1) + 1
    if number not in block:
        raise Refused(f"the block of ids from {start} is full; give another --start")
    return f"{prefix}{number:04d}"


def _coded_addresses(house: House) -> list[tuple[Path, str, str]]:
    """Every address of a coded report, by a look at its lines alone."""
    found = []
    for path, kind, _ in record_files(house):
        if kind.name == "report":
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [(path, m[1], m[2].strip("'\"")) for m in re.finditer(r"(?m)^(url|archive_url): (\S+)$", text)]
    return found
