"""How far two coders agree who coded the same reports without seeing each other's work.

The second coding of a report lies in ``second/`` of its collection, in the form of the first. Both are read
as the build reads reports; then, report by report, their mentions are paired by content and compared.

What is decided here:

- *Pairs.* Two rows can be one mention where two of three marks agree: place in the text (where it is not known, the
  words for claimant, time and place), figure, words for the item; and not, without places, where both print figures
  that have nothing in common. Among such pairs the assignment with the smallest total distance is taken. Words and
  places weigh most and codes little, since pairing on what is to be compared would make coders look alike.
- *Fields.* Which columns are compared follows from the schema: coded columns with controlled words, names or
  values, what the rules read from the coder's phrases, and the class of the equipment. Not compared are ids,
  positions, free texts, and links to incidents, objects, series and restated mentions, which come from all sources
  together and not from reading one report. Wholes and answers, links within a report, are compared through the pairs.
- *Units.* All pairs are units of every field, and empty is a value: two coders who both leave a field empty
  agree. ``mention`` has every row of either coder as a unit; it has no alpha, since nobody can count the
  rows that neither coder wrote.
- *Alpha* is nominal for words, names and codes. It is on the ratio scale for bounds: a count, or the days from
  the bound back to the day of the report, that day included. 300 against 310 is nearer than 1 against 11, and
  days counted from the report do not look alike merely because reports lie months apart. An open bound is
  at distance 1 from every number, the limit of the ratio distance towards infinity, and at 0 from another.
- *Intervals* come from resampling reports and not mentions, since mentions of one report share what went wrong.

What is refused, all at once and with file and line: files in ``second/`` that are no report, a report without
a first coding or coded twice over, codings of different texts, and every fault that the build would name in
the reports. The form of a file is no such fault: what is not canonical is read, with a warning. Figures about
reports that one coder coded twice are shown with a warning, and are not written.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lossclaims.frames import make_frame
from lossclaims.house import House
from lossclaims.mentions import Mentions, read_mentions, reference_days
from lossclaims.problems import InputError, Place, Problem, Problems
from lossclaims.records import BY_NAME, Kind, Record, Records, read_records, record_files
from lossclaims.rows import Row
from lossclaims.schema import Field, Schema, Value, load_schema, natural_key
from lossclaims.vocabulary import Vocabulary, canonical_csv, read_vocabulary

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Scale = Literal["nominal", "ratio"]
Pair = tuple[Row | None, Row | None]
Files = list[tuple[Path, Kind, str]]
# name by mention id, of the first coder and of the second
Names = tuple[dict[str, str], dict[str, str]]

FOLDER = "second"
PRESENCE = "mention"
# integers that say where the words stand, not what they say
POSITIONS = ("paragraph", "char_start")
# what a published number is rounded to
DIGITS = 4
COLUMNS = (
    "collection_id", "report", "first_id", "second_id", "words", "field", "first", "second",
    "first_file", "first_line", "second_file", "second_line",
)  # fmt: skip


# -- pairs ---------------------------------------------------------------------------------------------

# a row of a record that points to a row of another one
_LINK = re.compile(r"  (?:restates|responds_to): '?([A-Z]+[0-9]+)\.")
# code points within which two coders mean the same place: one starts at the figure, one at the item
NEAR = 60
# share of common words from which two phrases can name the same item
ALIKE = 0.75
# distance from which two rows are rather two mentions; two poor pairs do not outweigh a good one
LIMIT = 0.5
# columns of words that stand around a figure
SURROUNDINGS = ("claimant_text", "when_text", "said_text", "place_text")
# weight of each part of the distance; place, figure and item decide, codes only break ties
WEIGHTS = {"place": 4.0, "figure": 3.0, "item": 3.0}
CODES = {
    "equipment_id": 0.5,
    "personnel_category": 0.5,
    "outcome": 0.5,
    "claimant_id": 0.5,
    "lost_by_id": 0.5,
    "place_id": 0.5,
    "place_text": 0.5,
    "when_text": 0.5,
    "stance": 0.5,
}


def pair(first: Sequence[Row], second: Sequence[Row]) -> list[Pair]:
    """Pair the mentions that two coders wrote for one report.

    Parameters
    ----------
    first, second : sequence of Row
        Mentions with their coded columns; ``count_low`` and ``count_high`` are used where they are there.

    Returns
    -------
    list of (Row or None, Row or None)
        Every row once, by place in the text; None where the other coder has no such row. The result depends
        neither on the order of the rows nor on which coder is called the first.
    """
    import numpy as np
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped, unused-ignore]

    a, b = sorted(first, key=_content), sorted(second, key=_content)
    # of equally good assignments the same one is found from either side
    turned = [_content(row) for row in a] > [_content(row) for row in b]
    if turned:
        a, b = b, a
    gain = np.zeros((len(a), len(b)))
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            found = distance(x, y)
            if found is not None:
                # ties are settled in the order of the text
                gain[i, j] = max(0.0, LIMIT - found - 1e-7 * (i / len(a) - j / len(b)) ** 2)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    together = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0}
    pairs: list[Pair] = [(x, b[together[i]] if i in together else None) for i, x in enumerate(a)]
    pairs += [(None, y) for j, y in enumerate(b) if j not in together.values()]
    if turned:
        pairs = [(y, x) for x, y in pairs]
    return sorted(pairs, key=lambda p: min(_content(row) for row in p if row is not None))


def distance(first: Row, second: Row) -> float | None:
    """Distance of two rows in content.

    Returns
    -------
    float or None
        0 alike, towards 1 unlike; None where the rows cannot be one mention, because fewer than two of place,
        figure and item agree.
    """
    place = _place_distance(first, second)
    figure = _figure_distance(first, second)
    whole, shared = _item_distances(first, second)
    # without a word for the figure a figure proves nothing: every bare plural reads alike
    worded = bool(first.text("count_text") or second.text("count_text"))
    item = shared <= 1 - ALIKE
    if place is None:
        if figure == 1 and first.text("count_text") and second.text("count_text"):
            # with nothing to say that they stand at one place, figures that have nothing in common are two mentions
            return None
        place = _surroundings_distance(first, second)
    # that neither coder saw claimant, time and place speaks for one mention only of one item
    marks = (item if place is None else place < 1, figure == 0 and worded, item)
    if sum(marks) < 2:
        return None
    place = 0.5 if place is None else place
    total = WEIGHTS["place"] * place + WEIGHTS["figure"] * figure + WEIGHTS["item"] * whole
    total += sum(w for column, w in CODES.items() if _fold(first.text(column)) != _fold(second.text(column)))
    return total / (sum(WEIGHTS.values()) + sum(CODES.values()))


def _place_distance(first: Row, second: Row) -> float | None:
    """Distance in the text; None where it is not known."""
    a, b = first.values.get("char_start"), second.values.get("char_start")
    if isinstance(a, int) and isinstance(b, int):
        return min(1.0, abs(a - b) / NEAR)
    a, b = first.values.get("paragraph"), second.values.get("paragraph")
    if a is None or b is None:
        return None
    return 0.25 if a == b else 1.0


def _surroundings_distance(first: Row, second: Row) -> float | None:
    """Distance of the words around, for claimant, time and place, where no paragraphs are counted; None without any."""
    from rapidfuzz import fuzz

    a, b = sorted(_fold(" ".join(row.text(c) for c in SURROUNDINGS)) for row in (first, second))
    if not a and not b:
        return None
    return 0.25 if fuzz.token_set_ratio(a, b) >= 100 * ALIKE else 1.0


def _figure_distance(first: Row, second: Row) -> float:
    a, b = first.text("count_text"), second.text("count_text")
    if a and b and _fold(a) == _fold(b):
        return 0.0
    bounds = [_bounds(row) for row in (first, second)]
    if None in bounds:
        return 0.0 if a == b else 1.0
    (low, high), (other_low, other_high) = (x for x in bounds if x is not None)
    if (low, high) == (other_low, other_high):
        return 0.0
    return 0.5 if low <= other_high and other_low <= high else 1.0


def _bounds(row: Row) -> tuple[float, float] | None:
    low, high = row.values.get("count_low"), row.values.get("count_high")
    if not isinstance(low, int):
        return None
    return low, high if isinstance(high, int) else math.inf


def _item_distances(first: Row, second: Row) -> tuple[float, float]:
    """Distance of the phrases as wholes, and of the shorter from the words that both have."""
    from rapidfuzz import fuzz

    a, b = sorted(_fold(row.text("item_text")) for row in (first, second))
    return 1 - fuzz.token_sort_ratio(a, b) / 100, 1 - fuzz.token_set_ratio(a, b) / 100


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _content(row: Row) -> tuple[float, float, list[tuple[str, str]], tuple[str, ...], str, int]:
    """Order of rows by place, then content; the id and the file only where all else is alike."""
    start, paragraph = row.values.get("char_start"), row.values.get("paragraph")
    rest = sorted((k, str(v)) for k, v in row.values.items() if k not in ("mention_id", "claim_id"))
    return (
        float(paragraph) if isinstance(paragraph, int) else math.inf,
        float(start) if isinstance(start, int) else math.inf,
        rest,
        natural_key(row.text("mention_id")),
        row.file,
        row.line,
    )


# -- alpha ---------------------------------------------------------------------------------------------


def ratio_distance(
    v1: npt.NDArray[Any],
    v2: npt.NDArray[Any],
    i1: npt.NDArray[np.int_] | None = None,
    i2: npt.NDArray[np.int_] | None = None,
    n_v: npt.NDArray[Any] | None = None,
    dtype: Any = float,
) -> npt.NDArray[Any]:
    """Krippendorff's ratio distance, continued to infinity, which stands for an open or empty bound.

    Parameters
    ----------
    v1, v2 : ndarray
        Numbers from 0, infinity included.
    i1, i2, n_v, dtype
        What the library hands to a distance; only `dtype` is used.

    Returns
    -------
    ndarray
        ``((v1 - v2) / (v1 + v2)) ** 2``; 0 between equals, 1 between a number and infinity.
    """
    import numpy as np

    a, b = np.broadcast_arrays(np.asarray(v1, dtype=float), np.asarray(v2, dtype=float))
    both = np.isfinite(a) & np.isfinite(b)
    difference = np.subtract(a, b, out=np.ones(a.shape), where=both)
    total = np.add(a, b, out=np.ones(a.shape), where=both)
    ratio = np.divide(difference, total, out=np.zeros(a.shape), where=total != 0)
    found: npt.NDArray[Any] = np.where(a == b, 0.0, ratio**2).astype(dtype)
    return found


def alpha(first: Sequence[Value], second: Sequence[Value], scale: Scale) -> float | None:
    """Krippendorff's alpha of two coders who valued every unit.

    Parameters
    ----------
    first, second : sequence
        Values of the units, in the same order.
    scale : {'nominal', 'ratio'}

    Returns
    -------
    float or None
        None where it is undefined: no units, or one value only.
    """
    import krippendorff
    import numpy as np

    a, b, domain = _codes(first, second)
    if len(domain) < 2:
        return None
    counts = np.zeros((len(a), len(domain)), dtype=int)
    np.add.at(counts, (np.arange(len(a)), a), 1)
    np.add.at(counts, (np.arange(len(b)), b), 1)
    if scale == "nominal":
        return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))
    values = np.array(domain, dtype=float)
    return float(krippendorff.alpha(value_counts=counts, value_domain=values, level_of_measurement=ratio_distance))


def alpha_draws(
    first: Sequence[Value],
    second: Sequence[Value],
    scale: Scale,
    groups: Sequence[int],
    weights: npt.NDArray[np.int_],
) -> npt.NDArray[np.float64]:
    """Alpha of many draws of groups of units.

    It is the same figure as ``alpha`` gives for the units of each draw. Coincidences of values are sums over
    groups, so that they are counted once and not once per draw.

    Parameters
    ----------
    first, second : sequence
        Values of the units, in the same order.
    scale : {'nominal', 'ratio'}
    groups : sequence of int
        Group of each unit, from 0.
    weights : ndarray of shape (draws, groups)
        How often each draw holds each group.

    Returns
    -------
    ndarray
        Alpha by draw; NaN where it is undefined.
    """
    import numpy as np

    a, b, domain = _codes(first, second)
    codes = np.arange(len(domain))
    if scale == "nominal":
        distances = (codes[:, None] != codes[None, :]).astype(float)
    else:
        values = np.array(domain, dtype=float)
        distances = ratio_distance(values[:, None], values[None, :])
    group = np.asarray(groups, dtype=int)
    observed = np.bincount(group, weights=2 * distances[a, b], minlength=weights.shape[1])
    counts = np.zeros((weights.shape[1], len(domain)))
    np.add.at(counts, (group, a), 1)
    np.add.at(counts, (group, b), 1)
    drawn = weights @ counts
    expected = ((drawn @ distances) * drawn).sum(axis=1)
    defined = expected > 0
    found: npt.NDArray[np.float64] = np.full(len(weights), np.nan)
    found[defined] = 1 - (drawn.sum(axis=1)[defined] - 1) * (weights @ observed)[defined] / expected[defined]
    return found


def _codes(
    first: Sequence[Value], second: Sequence[Value]
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_], list[Any]]:
    """Values as numbers of their place in the sorted list of all values."""
    import numpy as np

    domain: list[Any] = sorted({*first, *second})
    at = {value: i for i, value in enumerate(domain)}
    return np.array([at[v] for v in first], dtype=int), np.array([at[v] for v in second], dtype=int), domain


def _weights(collection: str, n_reports: int, seed: int, draws: int) -> npt.NDArray[np.int_]:
    """How often each draw holds each report; each collection has a stream of its own."""
    import numpy as np

    generator = np.random.default_rng([seed, *collection.encode()])
    chosen = generator.integers(n_reports, size=(draws, n_reports))
    weights = np.zeros((draws, n_reports), dtype=int)
    np.add.at(weights, (np.arange(draws)[:, None], chosen), 1)
    return weights


# -- fields --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """One field that is compared.

    Parameters
    ----------
    name : str
    scale : {'nominal', 'ratio'}
    link : bool
        True where the value is the id of another mention, which each coder numbers alone.
    """

    name: str
    scale: Scale
    link: bool = False


def compared_fields(schema: Schema, vocabulary: Vocabulary) -> list[Compared]:
    """Fields that are compared, in the order of the schema.

    Parameters
    ----------
    schema : Schema
    vocabulary : Vocabulary
        A column that points into one of its lists is coded from the report alone.

    Returns
    -------
    list of Compared
    """
    found: dict[str, Compared] = {}
    for table in ("mentions", "claims"):
        for f in schema[table].fields:
            target = f.references.partition(".")[0]
            # which other report tells the same statement is not read from one report
            link = target == "claims"
            # what the rules read from a coder's phrases is not coded itself, and is what the coding comes to
            read = table == "mentions" and not f.coded and (f.type == "date" or bool(f.unit))
            if read or (f.coded and (link or _carries_meaning(f, target, vocabulary))) or f.name == "equipment_class":
                measured = f.type == "date" or bool(f.unit)
                found.setdefault(f.name, Compared(f.name, "ratio" if measured else "nominal", link))
    return list(found.values())


def _carries_meaning(f: Field, target: str, vocabulary: Vocabulary) -> bool:
    if f.constraints.get("unique") or f.name in POSITIONS:
        return False
    if target:
        return bool(vocabulary.rows.get(target))
    return f.type != "string" or bool(f.terms or f.pattern)


# -- both codings --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What two codings of the same reports have in common.

    Parameters
    ----------
    table : DataFrame
        In the form of the table ``reliability``; empty where there is a fault or no second coding.
    disagreements : DataFrame
        One row per pair and field in which the coders differ, and one per mention that only one has (field
        ``mention``), with file and line of both codings; a line is missing where there is no such row.
    problems : list of Problem
        Faults and warnings, by file and line.
    seed, draws : int
        What the intervals were made with.
    """

    table: pd.DataFrame
    disagreements: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    seed: int = 0
    draws: int = 0

    @property
    def errors(self) -> list[Problem]:
        """Faults because of which nothing was compared."""
        return [p for p in self.problems if not p.warning]


@dataclass(frozen=True)
class _Report:
    """Both codings of one report."""

    id: str
    collection: str
    first: Record
    second: Record
    pairs: list[Pair]
    last_day: dt.date | None


def second_files(house: House) -> Files:
    """Every second coding with its kind and collection, sorted."""
    kind = BY_NAME["report"]
    return [
        (path, kind, folder.parent.name)
        for folder in sorted(house.records.glob(f"*/{FOLDER}"))
        for path in sorted(folder.glob(kind.glob))
    ]


def agreement(house: House, *, seed: int, draws: int = 1000) -> Result:
    """Compare all second codings with the first ones.

    Parameters
    ----------
    house : House
    seed : int
        Seed of the bootstrap, not negative; the same seed gives the same intervals.
    draws : int
        Number of bootstrap draws.

    Returns
    -------
    Result
        With its problems; where one is a fault, nothing is compared.
    """
    if seed < 0 or draws < 1:
        raise ValueError(f"seed {seed}, draws {draws}: the seed is not negative, and there is at least one draw")
    problems = Problems()
    schema = load_schema(house, problems)
    if problems:
        return Result(_empty_table(schema), _disagreement_frame([]), sorted(problems.found), seed, draws)
    vocabulary = read_vocabulary(house, schema, problems)
    reports = _read_both(house, schema, vocabulary, problems)
    seconds = {house.name(path) for path, _, _ in second_files(house)}
    # the form of all other files is the business of a check
    found = sorted(_mild(p) for p in problems.found if p.rule != "file_is_canonical" or p.file in seconds)
    if any(not p.warning for p in found):
        return Result(_empty_table(schema), _disagreement_frame([]), found, seed, draws)
    fields = compared_fields(schema, vocabulary)
    rows: list[dict[str, Value]] = []
    differences: list[dict[str, Any]] = []
    for collection in sorted({report.collection for report in reports}):
        own = [report for report in reports if report.collection == collection]
        names = _link_names(own)
        rows += _measure(collection, own, fields, names, seed, draws)
        for report in own:
            differences += _disagreements(report, fields, names)
    table = make_frame(schema["reliability"], rows) if rows else _empty_table(schema)
    return Result(table, _disagreement_frame(differences), found, seed, draws)


def _mild(problem: Problem) -> Problem:
    """The form of a file does not change what it says."""
    if problem.rule != "file_is_canonical":
        return problem
    remedy = "keys in the schema's order, ids for names, no comments; it is read all the same"
    return replace(problem, remedy=remedy, warning=True)


def _read_both(house: House, schema: Schema, vocabulary: Vocabulary, problems: Problems) -> list[_Report]:
    """Both codings of every report that has a second one, paired; faults are added to `problems`."""
    everything = record_files(house)
    firsts = [entry for entry in everything if entry[1].name == "report"]
    seconds = second_files(house)
    if not seconds and not _strays(house, seconds):
        return []
    first = read_records(house, schema, vocabulary, problems, firsts)
    second = read_records(house, schema, vocabulary, problems, seconds)
    for path in _strays(house, seconds):
        problems.add(
            Place(house.name(path)), "", "", "file_is_a_second_coding",
            f"{FOLDER}/{BY_NAME['report'].glob}, the second coding of a report",
        )  # fmt: skip
    originals = {(r.collection, r.top.text("source_id")): r for r in first.of("report")}
    matched = _matched(second, originals, {(c, p.stem) for p, _, c in firsts}, problems)
    # a link from a report that the second coder did not see was made to the first coding and means nothing here
    taken = {(c, p.stem) for p, _, c in seconds}
    linked = _linked(second, originals) - taken
    names = {house.name(path) for path, _, _ in seconds}
    mentions = read_mentions(first, schema, vocabulary, problems)
    quiet = Problems()
    with tempfile.TemporaryDirectory() as folder:
        near = _unlinked([e for e in firsts if (e[2], e[0].stem) in linked], taken, Path(folder))
        mixed = Records([*second.found, *read_records(house, schema, vocabulary, Problems(), near).found])
        others = read_mentions(mixed, schema, vocabulary, quiet)
        quiet.found += _rule_faults(house, [e for e in everything if e[1].name != "report"] + near + seconds)
    for p in quiet.found:
        if p.file in names:
            problems.add(Place(p.file, p.line), p.key, p.value, p.rule, p.remedy, warning=p.warning)
    if any(not _mild(p).warning for p in problems.found):
        return []
    classes = _classes(vocabulary)
    days = [{r.top.text("source_id"): r.top for r in records.found} for records in (first, mixed)]
    reports = []
    for one, two in matched:
        rows = [_read_rows(one, mentions, classes), _read_rows(two, others, classes)]
        known = [reference_days(r.top, sources)[1] for r, sources in zip((one, two), days, strict=True)]
        dates = [v for v in known if v is not None]
        dates += [v for row in [*rows[0], *rows[1]] for v in row.values.values() if isinstance(v, dt.date)]
        last_day = max(dates) if dates else None
        reports.append(_Report(two.top.text("source_id"), two.collection, one, two, pair(*rows), last_day))
    return sorted(reports, key=lambda r: natural_key(r.id))


def _unlinked(files: Files, taken: set[tuple[str, str]], folder: Path) -> Files:
    """Copies of first codings without links to reports that have a second one: the ids mean other rows there."""
    found = []
    for path, kind, collection in files:
        copy = folder / collection / path.name
        copy.parent.mkdir(exist_ok=True)
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [x for x in lines if not ((to := _LINK.match(x)) and (collection, to[1]) in taken)]
        copy.write_text("".join(kept), encoding="utf-8")
        found.append((copy, kind, collection))
    return found


def _linked(second: Records, originals: Mapping[tuple[str, str], Record]) -> set[tuple[str, str]]:
    """Reports that the second codings point to, and those that these restate or copy."""
    found: set[tuple[str, str]] = set()
    queue = list(second.found)
    while queue:
        record = queue.pop()
        rows = [record.top, *record.lists.get("mentions", ())]
        for column in ("republication_of", "restates", "part_of", "responds_to"):
            for key in {(record.collection, row.text(column).partition(".")[0]) for row in rows}:
                if key in originals and key not in found:
                    found.add(key)
                    queue.append(originals[key])
    return found


def _strays(house: House, seconds: Files) -> list[Path]:
    known = {path for path, _, _ in seconds}
    found = (p for folder in house.records.glob(f"*/{FOLDER}") for p in folder.rglob("*"))
    return sorted(p for p in found if p.is_file() and p not in known)


def _matched(
    second: Records,
    originals: Mapping[tuple[str, str], Record],
    written: set[tuple[str, str]],
    problems: Problems,
) -> list[tuple[Record, Record]]:
    """First and second coding of each report; codings that cannot be compared are faults."""
    seen: dict[tuple[str, str], Record] = {}
    matched = []
    for two in second.of("report"):
        top, key = two.top, (two.collection, two.top.text("source_id"))
        if not key[1]:
            continue
        if key in seen:
            problems.add(
                top.place("source_id"), "source_id", key[1], "report_is_coded_twice",
                f"one second coding; {seen[key].top.file} is one already",
            )  # fmt: skip
            continue
        seen[key] = two
        one = originals.get(key)
        if one is None:
            # a first coding that cannot be read has a fault of its own
            if key not in written:
                problems.add(
                    top.place("source_id"), "source_id", key[1], "second_coding_has_a_first",
                    f"the id of a report in datasets/records/{two.collection}/reports",
                )  # fmt: skip
            continue
        for column in ("text_sha256", "read_as"):
            if top.text(column) != one.top.text(column):
                at = one.top.place(column)
                problems.add(
                    top.place(column), column, top.text(column), "codings_are_of_one_text",
                    f"{one.top.text(column) or 'no such key'}, as in {at.file}:{at.line}",
                )  # fmt: skip
        if top.text("coder") and top.text("coder") == one.top.text("coder"):
            at = one.top.place("coder")
            problems.add(
                top.place("coder"), "coder", top.text("coder"), "codings_are_by_two_coders",
                f"another coder than in {at.file}:{at.line}; what one coder repeats is shown and not written",
                warning=True,
            )  # fmt: skip
        matched.append((one, two))
    return matched


def _rule_faults(house: House, files: Files) -> list[Problem]:
    """Faults that the build would name if the second codings stood in the place of the first."""
    from lossclaims.pipeline import build_tables

    try:
        build_tables(house, files, whole=False)
    except InputError as error:
        return error.problems
    return []


def _classes(vocabulary: Vocabulary) -> dict[str, str]:
    """Class of each row of the tree of equipment."""
    parents = vocabulary.column("equipment", "equipment_id", "parent_id")
    classes = {}
    for row in vocabulary.rows["equipment"]:
        way = [row.text("equipment_id")]
        while (up := parents.get(way[-1], "")) and up not in way:
            way.append(up)
        classes[way[0]] = way[-1]
    return classes


def _read_rows(record: Record, mentions: Mentions, classes: Mapping[str, str]) -> list[Row]:
    """Mentions of a report with what the rules read from them; read values stand at the phrase's line."""
    rows = []
    for row in record.lists.get("mentions", ()):
        values = dict(row.values) | mentions.rows[row.text("mention_id")]
        thing = row.text("equipment_id")
        if thing:
            values["equipment_class"] = classes[thing]
        lines = dict(row.lines)
        for column in values:
            for phrase in PHRASES.get(column.partition("_")[0], ()):
                if column not in lines and phrase in row.lines:
                    lines[column] = row.lines[phrase]
        rows.append(Row(row.file, row.line, values, lines))
    return rows


# where a coder wrote what a read column comes from
PHRASES = {
    "count": ("count_reading", "count_text", "count_rule"),
    "date": ("when_reading", "when_text", "said_on"),
    "equipment": ("equipment_id",),
}


# -- the comparison ------------------------------------------------------------------------------------


def _value(row: Row, f: Compared, last_day: dt.date | None) -> Value:
    """Value in the form in which it is compared."""
    value = row.values.get(f.name)
    if f.scale == "nominal":
        return "" if value is None else str(value)
    if isinstance(value, dt.date):
        assert last_day is not None
        return float((last_day - value).days + 1)
    return float(value) if isinstance(value, int | float) else math.inf


def _link_names(reports: Iterable[_Report]) -> Names:
    """Name of each coder's mentions that both know: that of the pair; ids elsewhere are the first coder's."""
    names: Names = ({}, {})
    for report in reports:
        for one, two in report.pairs:
            if one is not None:
                names[0][one.text("mention_id")] = one.text("mention_id")
            if two is not None:
                other = "" if one is None else one.text("mention_id")
                names[1][two.text("mention_id")] = other or f"{two.text('mention_id')} (second)"
    return names


def _compared(report: _Report, f: Compared, names: Names) -> Iterator[tuple[Row, Row, Value, Value]]:
    """Pairs of one report with their values of a field."""
    for one, two in report.pairs:
        if one is None or two is None:
            continue
        a, b = _value(one, f, report.last_day), _value(two, f, report.last_day)
        if f.link:
            a, b = names[0].get(str(a), a), names[1].get(str(b), b)
        yield one, two, a, b


def _measure(
    collection: str, reports: Sequence[_Report], fields: Sequence[Compared], names: Names, seed: int, draws: int
) -> list[dict[str, Value]]:
    """Rows of the table ``reliability`` for one collection."""
    weights = _weights(collection, len(reports), seed, draws)
    pairs = [p for report in reports for p in report.pairs]
    both = sum(1 for one, two in pairs if one is not None and two is not None)
    common: dict[str, Value] = {"collection_id": collection, "n_reports": len(reports)}
    rows = [common | {"field": PRESENCE, "n_units": len(pairs)} | _share(both, len(pairs))]
    for f in fields:
        first: list[Value] = []
        second: list[Value] = []
        groups: list[int] = []
        for number, report in enumerate(reports):
            for _, _, a, b in _compared(report, f, names):
                first.append(a)
                second.append(b)
                groups.append(number)
        alike = sum(a == b for a, b in zip(first, second, strict=True))
        row = common | {"field": f.name, "n_units": len(first)} | _share(alike, len(first))
        found = alpha(first, second, f.scale)
        if found is not None:
            row["alpha"] = _rounded(found)
            interval = _interval(alpha_draws(first, second, f.scale, groups, weights), len(reports))
            row |= dict(zip(("alpha_low", "alpha_high"), interval, strict=False))
        rows.append(row)
    return rows


def _share(part: int, whole: int) -> dict[str, Value]:
    return {"agreement": _rounded(part / whole)} if whole else {}


def _rounded(number: float) -> float:
    # adding 0 turns -0.0 into 0.0
    return round(float(number), DIGITS) + 0.0


def _interval(found: npt.NDArray[np.float64], n_reports: int) -> tuple[float, ...]:
    """Percentile interval; none from one report, nor where alpha is undefined in most draws."""
    import numpy as np

    defined = found[~np.isnan(found)]
    if n_reports < 2 or 2 * len(defined) < len(found):
        return ()
    low, high = np.quantile(defined, [0.025, 0.975])
    return _rounded(low), _rounded(high)


def _words(row: Row) -> str:
    """The figure and the item as the text words them."""
    return " ".join(t for t in (row.text("count_text"), row.text("item_text")) if t)


def _disagreements(report: _Report, fields: Sequence[Compared], names: Names) -> list[dict[str, Any]]:
    """Rows of the frame of disagreements for one report, by place in the text and then by field."""
    files = (report.first.top.file, report.second.top.file)
    different: dict[int, list[str]] = {}
    for f in fields:
        for row, _, a, b in _compared(report, f, names):
            if a != b:
                different.setdefault(id(row), []).append(f.name)
    found: list[dict[str, Any]] = []

    def add(one: Row | None, two: Row | None, name: str) -> None:
        shown = one or two
        assert shown is not None
        made: dict[str, Any] = {"collection_id": report.collection, "report": report.id}
        made |= {"words": _words(shown), "field": name}
        for side, coded, file in zip(("first", "second"), (one, two), files, strict=True):
            if coded is None:
                made |= {f"{side}_id": None, side: None, f"{side}_file": file, f"{side}_line": None}
                continue
            text = _words(coded) if name == PRESENCE else coded.text(name)
            place = coded.place("mention_id" if name == PRESENCE else name)
            made |= {f"{side}_id": coded.text("mention_id"), side: text or None}
            made |= {f"{side}_file": place.file, f"{side}_line": place.line}
        found.append(made)

    for one, two in report.pairs:
        if one is None or two is None:
            add(one, two, PRESENCE)
        else:
            for name in different.get(id(one), ()):
                add(one, two, name)
    return found


def _empty_table(schema: Schema) -> pd.DataFrame:
    import pandas as pd

    if "reliability" in schema.tables:
        return make_frame(schema["reliability"], [])
    return pd.DataFrame()


def _disagreement_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=pd.Index(COLUMNS))
    return frame.astype({c: "Int64" if c.endswith("_line") else "string" for c in COLUMNS})


# -- what comes of it ----------------------------------------------------------------------------------


def write(result: Result, house: House) -> list[Path]:
    """Write ``reliability.csv`` of every collection that has second codings or had them.

    Parameters
    ----------
    result : Result
    house : House

    Returns
    -------
    list of Path
        Files written.

    Raises
    ------
    InputError
        Where the result has faults, or one coder coded a report twice.
    """
    stops = [p for p in result.problems if not p.warning or p.rule == "codings_are_by_two_coders"]
    if stops:
        raise InputError(stops)
    table = load_schema(house, Problems())["reliability"]
    header = table.columns
    written = []
    for folder in sorted(p for p in house.records.glob("*") if p.is_dir()):
        path = folder / "reliability.csv"
        own = result.table[result.table["collection_id"] == folder.name]
        if own.empty and not path.is_file():
            continue
        cells = [[_cell(v) for v in row] for row in own[header].astype("object").itertuples(index=False, name=None)]
        path.write_text(canonical_csv([header, *cells], table), encoding="utf-8", newline="")
        written.append(path)
    return written


def _cell(value: Any) -> str:
    import pandas as pd

    if pd.isna(value):
        return ""
    if isinstance(value, float):
        # never with an exponent, which the schema refuses
        return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return str(value)


def render(result: Result) -> str:
    """The result as text for a terminal, ready for adjudication.

    Parameters
    ----------
    result : Result

    Returns
    -------
    str
        Problems, the table, then every disagreement by report with file and line of both codings.
    """
    lines = [str(p) for p in result.problems]
    if result.errors:
        n = len(result.errors)
        return "\n".join([*lines, f"{n} {'error' if n == 1 else 'errors'}; nothing was compared", ""])
    if result.table.empty:
        hint = f"datasets/records/COLLECTION/{FOLDER}/reports/YYYY-MM/ID.yaml, in the form of the first"
        return "\n".join([*lines, f"no report has a second coding; one is {hint}", ""])
    for _, rows in result.table.groupby("collection_id", sort=True):
        collection = rows["collection_id"].iloc[0]
        n_reports = int(rows["n_reports"].iloc[0])
        lines += ["", f"{collection}: {n_reports} {'report' if n_reports == 1 else 'reports'} coded twice"]
        width = max(len(str(f)) for f in [*rows["field"], "field"])
        lines.append(f"  {'field':<{width}}  {'units':>6}  {'agreement':>9}  {'alpha':>7}  95 % interval")
        for row in rows.astype("object").itertuples(index=False):
            interval = "" if _blank(row.alpha_low) else f"{row.alpha_low:.3f} to {row.alpha_high:.3f}"
            text = f"  {row.field:<{width}}  {row.n_units:>6}  {_number(row.agreement):>9}  {_number(row.alpha):>7}"
            lines.append(f"{text}  {interval}".rstrip())
    lines += ["", "agreement counts what both left empty as alike; no alpha: the field does not vary, or is mention"]
    lines.append(f"intervals: {result.draws} draws of reports, seed {result.seed}; none from a single report")
    lines += ["", f"{len(result.disagreements)} disagreements"]
    for _, found in result.disagreements.groupby(["collection_id", "report"], sort=False):
        lines += ["", f"{found['report'].iloc[0]} ({found['collection_id'].iloc[0]})"]
        for _, own in found.groupby(["first_id", "second_id"], sort=False, dropna=False):
            lines += _pair_lines(own)
    return "\n".join([*lines, ""])


def _pair_lines(rows: pd.DataFrame) -> list[str]:
    """Disagreements of one pair, or a mention that one coder alone has."""
    first_id, second_id, words = (rows[c].iloc[0] for c in ("first_id", "second_id", "words"))
    if _blank(first_id) or _blank(second_id):
        has, lacks = ("second", "first") if _blank(first_id) else ("first", "second")
        only = rows.iloc[0]
        return [
            f"  {only[f'{has}_id']} in the {has} coding only: {words!r}",
            f"      {has + ':':<7} {only[f'{has}_file']}:{only[f'{has}_line']}",
            f"      {lacks + ':':<7} {only[f'{lacks}_file']}",
        ]
    lines = [f"  {first_id} and {second_id}: {words!r}"]
    for row in rows.astype("object").itertuples(index=False):
        lines.append(f"    {row.field}")
        for side, value, file, line in (
            ("first:", row.first, row.first_file, row.first_line),
            ("second:", row.second, row.second_file, row.second_line),
        ):
            lines.append(f"      {side:<7} {'(empty)' if _blank(value) else str(value)}  {file}:{line}")
    return lines


def _blank(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))


def _number(value: Any) -> str:
    return "" if _blank(value) else f"{value:.3f}"


def to_json(result: Result) -> str:
    """The result as JSON: seed, draws, table, disagreements and problems; missing is null."""
    problems = [
        {name: getattr(p, name) for name in ("file", "line", "key", "value", "rule", "remedy", "warning")}
        for p in result.problems
    ]
    whole = {
        "seed": result.seed,
        "draws": result.draws,
        "table": json.loads(result.table.to_json(orient="records")),
        "disagreements": json.loads(result.disagreements.to_json(orient="records")),
        "problems": problems,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
