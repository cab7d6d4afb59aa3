"""What the build would object to in some files, without reading all the others."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lossclaims.house import House
from lossclaims.problems import InputError, Place, Problem, Problems
from lossclaims.records import Kind, canonical_record, read_records, record_files, schema_line
from lossclaims.schema import Schema, load_schema
from lossclaims.vocabulary import Vocabulary, canonical_csv, fold, read_vocabulary

# an id of a report, incident or series wherever it stands in a record
_ID = re.compile(r"\b[A-Z]{2}[IS]?[0-9]{2,6}\b")
# what a report restates or copies, and the mentions that it restates
_CHAINED = re.compile(r"(?m)^(?:  restates|republication_of): '?([A-Z0-9.]+)")
_RESTATED = re.compile(r"(?m)^  restates: '?([A-Z0-9.]+)")
_MENTION = re.compile(r"(?m)^- mention_id: '?([A-Z0-9.]+)")
_LINE = re.compile(r"(?m)^(title|url|republication_of): (.+)$")
# headlines shorter than MUCH characters are alike by chance; from ALIKE percent on they may be one
MUCH, ALIKE = 20, 92.0
FileList = list[tuple[Path, Kind, str]]


@dataclass(frozen=True)
class Checked:
    """Result of a check: faults and warnings of the chosen files, and what was done."""

    problems: list[Problem]
    n_files: int
    n_texts: int
    rewritten: list[Path]

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if not p.warning]


def check(house: House, paths: Iterable[Path] = (), *, texts: Path | None = None, fix: bool = False) -> Checked:
    """Check some record files, or everything.

    Parameters
    ----------
    house : House
    paths : iterable of Path
        Files or folders; everything by default.
    texts : Path, optional
        Folder with the texts that the user has.
    fix : bool
        Rewrite files that hold no fault in canonical form.

    Returns
    -------
    Checked
    """
    from lossclaims.pipeline import build_tables

    everything = record_files(house)
    asked = [p.resolve() for p in paths]
    problems = Problems()
    by_path = [_chosen(everything, path, house) for path in asked]
    for path, own in zip(asked, by_path, strict=True):
        if not own and not (path.is_relative_to(house.vocabulary.resolve()) and path.exists()):
            problems.add(
                Place(house.name(path)), "", "", "path_holds_records",
                "a record, a folder of records or a file of datasets/vocabulary",
            )  # fmt: skip
    wanted = {path for own in by_path for path, _, _ in own}
    chosen = [e for e in everything if e[0] in wanted] if asked else everything
    if asked and not chosen:
        # nothing but vocabulary, or nothing at all: the vocabulary is read with every file
        chosen = everything if not problems else []
    rewritten = _fix(house, chosen) if fix and not problems else []
    n_texts = 0
    if problems:
        return Checked(problems.found, 0, 0, [])
    try:
        texts_of = {path: path.read_text(encoding="utf-8", errors="replace") for path, _, _ in everything}
        files = None if len(chosen) == len(everything) else _with_links(chosen, everything, texts_of)
        built = build_tables(house, files, whole=files is None)
        problems.found += built.problems.found
    except InputError as error:
        problems.found += error.problems
    problems.found += _possible_copies(house, chosen, texts_of)
    if texts is not None:
        n_texts = _texts(house, chosen, texts, problems)
    names = {house.name(p) for p, _, _ in chosen}
    # faults outside the records (schemas, vocabulary) are the chosen files' business too
    found = sorted({p for p in problems.found if p.file in names or house.root / p.file not in texts_of})
    return Checked(found, len(chosen), n_texts, rewritten)


def _chosen(everything: FileList, asked: Path, house: House) -> FileList:
    """The files that lie at, or below, a resolved path."""
    records = house.records.resolve()
    inside = os.path.relpath(asked, records)
    if inside == "." or (inside.startswith("..") and records.is_relative_to(asked)):
        return everything
    # thousands of paths: as text, which is many times as quick
    here = os.path.join(house.records, inside)
    return [entry for entry in everything if (name := str(entry[0])) == here or name.startswith(here + os.sep)]


def _with_links(chosen: FileList, everything: FileList, texts: Mapping[Path, str]) -> FileList:
    """The chosen files, those that they point to and that point to them, and what dates and names these.

    Of the others only what a rule of the chosen ones asks is needed: the other reports of their statements and the
    originals of copies, each to the end of its chain, and the points of their series.
    """
    by_id = {path.stem: path for path in texts}
    wanted = {path for path, _, _ in chosen}
    near = {path.stem for path in wanted} | {i for path in wanted for i in _ID.findall(texts[path])}
    wanted |= {by_id[i] for i in near if i in by_id}
    # ids that others may stand for: the chosen files' own, their series, and the mentions that they restate
    asked = {path.stem for path, _, _ in chosen} | {i for i in near if i[2] == "S"}
    asked |= {f"restates: {m}\n" for path, _, _ in chosen for m in _RESTATED.findall(texts[path])}
    wanted |= {path for path, text in texts.items() if any(i in text for i in asked)}
    queue = list(wanted)
    while queue:
        for i in _CHAINED.findall(texts[queue.pop()]):
            path = by_id.get(i.partition(".")[0])
            if path is not None and path not in wanted:
                wanted.add(path)
                queue.append(path)
    # collections and series are small and everybody's
    return [e for e in everything if e[0] in wanted or e[1].name in ("collection", "series")]


def _base(house: House, problems: Problems) -> tuple[Schema, Vocabulary]:
    schema = load_schema(house, problems)
    return schema, read_vocabulary(house, schema, problems)


def _possible_copies(house: House, chosen: FileList, texts: Mapping[Path, str]) -> list[Problem]:
    """Reports whose headline, or address, another report has too, and which no link joins; by a look at their lines.

    Reports that carry one statement, as their mentions say, count it once whether one is a copy of the other or not.
    """
    from rapidfuzz import fuzz, process

    problems = Problems()
    seen = {path: dict(_LINE.findall(text.partition("\nmentions:")[0])) for path, text in texts.items()}
    titles = {path: fold(lines["title"]) for path, lines in seen.items() if len(lines.get("title", "")) > MUCH}
    by_end: dict[str, list[Path]] = {}
    for path, lines in seen.items():
        if "url" in lines:
            by_end.setdefault(_end(lines["url"]), []).append(path)
    for path, _, _ in chosen:
        lines = seen[path]
        place = Place(house.name(path), lines_before(path, "title"))
        joined = {path.stem, lines.get("republication_of", "")}
        others = {
            p: t for p, t in titles.items() if p.stem not in joined and seen[p].get("republication_of") != path.stem
        }
        if path in titles:
            for _, _, other in process.extract(titles[path], others, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=3):
                if _statements(texts[path]) & _statements(texts[other]):
                    continue
                remedy = f"republication_of, if it is a copy of {other.stem} ({house.name(other)}); else nothing"
                problems.add(place, "title", lines["title"], "copy_is_linked", remedy, warning=True)
        for other in by_end[_end(lines["url"])] if "url" in lines else ():
            if other != path and _same_address(lines["url"], seen[other]["url"]):
                problems.add(
                    Place(house.name(path), lines_before(path, "url")), "url", lines["url"], "address_is_coded_once",
                    f"one record; {house.name(other)} has this address too", warning=True,
                )  # fmt: skip
    return problems.found


def _statements(text: str) -> set[str]:
    """First mentions of what a report says, as far as it and its links tell."""
    return {*_RESTATED.findall(text), *_MENTION.findall(text)}


def _end(url: str) -> str:
    """Last part of an address's path, which spellings of one address share."""
    return url.strip("'\"").partition("?")[0].partition("#")[0].removesuffix("/amp/").rstrip("/").rpartition("/")[2]


def _same_address(url: str, other: str) -> bool:
    from lossclaims.addresses import address_key

    return address_key(url.strip("'\"")) == address_key(other.strip("'\""))


def lines_before(path: Path, key: str) -> int:
    """Line of a key at the top of a record."""
    text = path.read_text(encoding="utf-8", errors="replace")
    match = re.search(rf"(?m)^{key}:", text)
    return text[: match.start()].count("\n") + 1 if match else 0


def _texts(house: House, chosen: FileList, folder: Path, problems: Problems) -> int:
    from lossclaims.texts import check_texts

    if not folder.is_dir():
        problems.add(Place(str(folder)), "", "", "folder_exists", "a folder with the texts")
        return 0
    quiet = Problems()
    schema, vocabulary = _base(house, quiet)
    return check_texts(read_records(house, schema, vocabulary, quiet, chosen), folder, problems)


def _fix(house: House, chosen: FileList) -> list[Path]:
    """Rewrite in canonical form what is not; a file with another fault or a comment is left alone."""
    import csv
    import io

    rewritten = []
    problems = Problems()
    schema, vocabulary = _base(house, problems)
    not_canonical = {p.file for p in problems.found if p.rule == "file_is_canonical"}
    faulty = {p.file for p in problems.found if p.rule != "file_is_canonical"}
    for path in sorted(house.vocabulary.glob("*.csv")):
        if house.name(path) in not_canonical - faulty:
            cells = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
            path.write_text(canonical_csv(cells, schema[path.stem]), encoding="utf-8", newline="")
            rewritten.append(path)
    for entry in chosen:
        quiet = Problems()
        records = read_records(house, schema, vocabulary, quiet, [entry])
        path, kind, _ = entry
        if {p.rule for p in quiet.found} != {"file_is_canonical"}:
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        if any(line.lstrip().startswith("#") for line in lines if line + "\n" != schema_line(path, kind, house)):
            # a comment would be lost; the line of the schema alone is rewritten freely
            comments = [x for x in lines if x.lstrip().startswith("#") and "yaml-language-server" not in x]
            if comments:
                continue
        path.write_text(canonical_record(records.found[0], house, schema), encoding="utf-8", newline="")
        rewritten.append(path)
    return rewritten
