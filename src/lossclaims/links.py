"""Pairs of claims or documents that a coder should look at, nearest first; nothing is linked here.

Three kinds of pairs are suggested: the same claim (one statement, told again), the same incident (one event,
whoever speaks) and the same text (one document, published again). Each pair has a score and the reasons for it.

What is decided
    Scores are those of Fellegi and Sunter (1969): each comparison adds log2(m / u), where m is how often its
    level occurs among pairs that belong together and u how often among the other pairs that are compared. The
    two numbers of every level stand in ``CLAIM``, ``INCIDENT`` and ``TEXT`` below. They are judgements and not
    trained: with few links there is nothing to train on, and a score must not move because another report
    was coded. ``PRIOR`` and the weight of rival claimants were set by looking at made-up claims, so recall on
    these says little about reports that people wrote; ``evaluate`` says what coders' own links show. A score
    orders pairs; it is not the share of pairs like this one that are true.
    What is missing is neutral: a place without coordinates, an unnamed claimant or an undated text neither
    supports a pair nor speaks against it.
    Pairs are looked for only within blocks (same collection, near days, and one of class, place, figure,
    claimant, source). A block of more than ``BLOCK`` members is compared only among neighbours in an order by
    thing, place and figure, so that work grows with the number of claims and not with its square. A window
    without a start, or longer than ``LONGEST`` days, is looked for in its last ``LOOK_BACK`` days.

What is refused
    Running totals are never suggested as the same incident. Pairs that a coder has told apart, as a part of
    the other or as incidents distinct from each other, are left out. No pair spans two collections. Stubs of
    which neither a title nor a claim is known are not compared. No actor, model, place or word is known to
    this module: swapping the labels of two sides changes no score.

Why splink
    splink (MIT, actively released) scores pairs in DuckDB within a memory limit, takes fixed m and u and the
    pairs of a blocking of one's own, compares in SQL (intervals, trees and distances with uncertainty are one
    line each), and keeps the level of every comparison, from which the reasons are worded. It adds 83 MB.
    recordlinkage refuses pandas 3, adds scikit-learn and SciPy (170 MB), took as long for the same 100,000
    claims with more than twice the memory, and intervals, trees and the levels behind a reason would be code
    of our own; the share of links that it found is that of equal weights, and could be weighted too.
    datasketch finds copies of documents faster and missed none of those made up, but finds only those, keeps
    no levels, and brings SciPy (113 MB). ``benchmarks/links.py`` measures all three.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from lossclaims.claims import NO_SIDE, root_sources
from lossclaims.schema import natural_key

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from splink.internals.comparison_creator import ComparisonCreator
    from splink.internals.comparison_level_creator import ComparisonLevelCreator

    Ints = npt.NDArray[np.int64]

KINDS = ("claim", "incident", "text")
COLUMNS = ("kind", "left", "right", "score", "reasons", "already_linked")
# a pair below this score is not suggested
LEAST_SCORE = 0.3
# probability, before anything is compared, that a pair of one block belongs together
PRIOR = {"claim": 0.02, "incident": 0.08, "text": 0.004}
# a larger block is compared only among this many neighbours
BLOCK = 40
NEIGHBOURS = 10
# days: width of a bucket in which two statements, events or publications are near
STATEMENT_DAYS = 4
EVENT_DAYS = 3
PUBLICATION_DAYS = 14
# days: the longest window of an event that is looked for as a whole, else its last days
LONGEST = 31
LOOK_BACK = 14
# degrees: width of a cell of the map; places less certain than this many kilometres stand in no cell
CELL = 0.4
WIDE_KM = 50.0
EARTH_KM = 6371.0
# a figure from here on is so rare that equality tells something
TELLING = 3
# the figure kind that has no incident
NO_INCIDENT = "cumulative"
# pairs handed to the database at a time
BATCH = 2_000_000
MEMORY = "2GB"
# stands for an open bound, for SQL
OPEN = 2**31 - 1

Row = Mapping[str, Any]
Say = Callable[[Row, Row, int], str]


@dataclass(frozen=True)
class Comparison:
    """One thing that is compared, with its weights.

    Parameters
    ----------
    name : str
    missing : str
        SQL condition under which nothing can be compared; neutral.
    levels : tuple of (str, float, float)
        SQL condition, m and u, nearest first; the last is for what is left.
    say : callable
        Left row, right row and number of the level (0 nearest) to the reason in words, or ``""``.
    """

    name: str
    missing: str
    levels: tuple[tuple[str, float, float], ...]
    say: Say


# --- reasons in words ----------------------------------------------------------------------------------------


def _day(day: int, year: bool = True) -> str:
    import datetime as dt

    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    return f"{date.day} {date:%B}" + (f" {date.year}" if year else "")


def _span(start: int | None, end: int) -> str:
    if start is None:
        return f"up to {_day(end)}"
    if start == end:
        return _day(end)
    same_year = _day(start)[-4:] == _day(end)[-4:]
    if _day(start).split(" ", 1)[1] == _day(end).split(" ", 1)[1]:
        return f"{_day(start).split(' ', 1)[0]} to {_day(end)}"
    return f"{_day(start, year=not same_year)} to {_day(end)}"


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _say_dates(left: Row, right: Row, level: int) -> str:
    starts = [row["start"] for row in (left, right)]
    ends: list[int] = [row["until"] for row in (left, right)]
    if starts[0] == starts[1] and ends[0] == ends[1] and starts[0] is not None:
        return f"same day {_day(ends[0])}" if starts[0] == ends[0] else f"same days {_span(starts[0], ends[0])}"
    known = [s for s in starts if s is not None]
    first, last = max(known, default=None), min(ends)
    if first is None or first <= last:
        return ("dates overlap " if len(known) == 2 else "dates can overlap ") + _span(first, last)
    return f"dates {_count(first - last, 'day')} apart"


def _say_said(left: Row, right: Row, level: int) -> str:
    gap = abs(left["said"] - right["said"])
    return f"same day of statement {_day(left['said'])}" if gap == 0 else f"statements {_count(gap, 'day')} apart"


def _say_place(left: Row, right: Row, level: int) -> str:
    if left["place"] == right["place"]:
        return f"same place {left['place_name']}"
    names = f"{left['place_name']} and {right['place_name']}"
    if right["place"] in left["place_up"] or left["place"] in right["place_up"]:
        return f"one place lies in the other ({names})"
    return f"{_distance(left, right):.0f} km apart ({names})"


def _say_thing(left: Row, right: Row, level: int) -> str:
    a, b = left["thing_name"], right["thing_name"]
    if a == b:
        return f"same {'class' if a == left['class_name'] else 'equipment' if left['equipment'] else 'category'} {a}"
    if left["class_name"] == right["class_name"]:
        return f"same class {left['class_name']} ({a}, {b})"
    return f"other class: {a} and {b}"


def _bounds(row: Row) -> str:
    low, high = row["low"], row["high"]
    return f"{low}+" if high == OPEN else f"{low}" if low == high else f"{low}-{high}"


def _say_figure(left: Row, right: Row, level: int) -> str:
    a, b = _bounds(left), _bounds(right)
    return f"same figure {a}" if a == b else f"figures {a} and {b}"


def _say_actor(column: str, noun: str) -> Say:
    def say(left: Row, right: Row, level: int) -> str:
        a, b = left[column], right[column]
        if a == b:
            return f"same {noun} {a}"
        bloc = left[f"{column}_bloc"]
        return f"other {noun}{f' of the same side {bloc}' if level == 1 else ''}: {a} and {b}"

    return say


def _say_same(column: str, noun: str) -> Say:
    def say(left: Row, right: Row, level: int) -> str:
        a, b = left[column], right[column]
        return f"same {noun} {a}" if a == b else f"other {noun}: {a} and {b}"

    return say


def _say_first(words: str) -> Say:
    def say(left: Row, right: Row, level: int) -> str:
        return words if level == 0 else ""

    return say


def _say_title(left: Row, right: Row, level: int) -> str:
    return ("same title", "titles alike", "")[min(level, 2)]


def _say_figures(left: Row, right: Row, level: int) -> str:
    shared = len(set(left["signs"]) & set(right["signs"]))
    if level == 0:
        return f"the same {_count(len(left['sequence']), 'claim')} in the same order"
    return (
        f"{shared} of {len(set(left['signs']))} and {len(set(right['signs']))} claims alike"
        if shared
        else "no claim alike"
    )


def _say_phrases(left: Row, right: Row, level: int) -> str:
    shared = len(set(left["phrases"]) & set(right["phrases"]))
    return f"{_count(shared, 'claim')} in the same words" if shared else ""


def _say_published(left: Row, right: Row, level: int) -> str:
    gap = abs(left["published"] - right["published"])
    return f"published {_count(gap, 'day')} apart" if gap else f"both published {_day(left['published'])}"


def _say_claimants(left: Row, right: Row, level: int) -> str:
    return ("same claimants", "some claimants the same", "other claimants")[min(level, 2)]


# --- what is compared, and its weights -----------------------------------------------------------------------

_GAP = "(greatest(coalesce(start_l, until_l), coalesce(start_r, until_r)) - least(until_l, until_r))"
_CLOSED = "start_l IS NOT NULL AND start_r IS NOT NULL"
_UNION = "(greatest(until_l, until_r) - least(start_l, start_r))"
_MEET = "(start_l IS NULL OR start_l <= until_r) AND (start_r IS NULL OR start_r <= until_l)"
_KM = (
    f"({2 * EARTH_KM} * asin(least(1, sqrt(pow(sin(radians(lat_r - lat_l) / 2), 2) + cos(radians(lat_l)) * "
    "cos(radians(lat_r)) * pow(sin(radians(lon_r - lon_l) / 2), 2)))))"
)
_SLACK = "(unsure_l + unsure_r)"
_NESTED = "(list_contains(place_up_l, place_r) OR list_contains(place_up_r, place_l))"
_NO_PLACE = (
    f"place_l IS NULL OR place_r IS NULL OR (place_l <> place_r AND (lat_l IS NULL OR lat_r IS NULL) AND NOT {_NESTED})"
)
_NARROW = "NOT wide_l AND NOT wide_r"
_RELATED = "list_contains(thing_up_l, thing_r) OR list_contains(thing_up_r, thing_l)"
_SAME_FIGURE = "low_l = low_r AND high_l = high_r"
_NEAR_FIGURE = (
    "(low_l <= high_r AND low_r <= high_l AND greatest(low_l, low_r) <= 2 * least(low_l, low_r) + 2) "
    "OR abs(low_l - low_r) <= greatest(1, 0.2 * greatest(low_l, low_r))"
)
_SHARED_SIGNS = "len(list_intersect(signs_l, signs_r))"
_ALL_SIGNS = "len(list_distinct(list_concat(signs_l, signs_r)))"
_SHARED_WORDS = "len(list_intersect(title_l, title_r))"
_ALL_WORDS = "len(list_distinct(list_concat(title_l, title_r)))"
_SHARED_PHRASES = "len(list_intersect(phrases_l, phrases_r))"
_LEAST_PHRASES = "least(len(list_distinct(phrases_l)), len(list_distinct(phrases_r)))"
ELSE = "ELSE"

CLAIM = (
    Comparison(
        "dates",
        "until_l IS NULL OR until_r IS NULL",
        (
            (f"{_CLOSED} AND start_l = start_r AND until_l = until_r", 0.40, 0.06),
            (f"{_CLOSED} AND {_MEET} AND {_UNION} <= 14", 0.30, 0.15),
            (f"{_MEET} AND abs(until_l - until_r) <= 10", 0.25, 0.20),
            (f"{_GAP} <= 3", 0.03, 0.25),
            (ELSE, 0.02, 0.34),
        ),
        _say_dates,
    ),
    Comparison(
        "place",
        _NO_PLACE,
        (
            (f"place_l = place_r AND {_NARROW}", 0.60, 0.06),
            (f"{_NARROW} AND {_KM} <= {_SLACK} + 10", 0.10, 0.03),
            (f"place_l = place_r OR {_NESTED}", 0.18, 0.10),
            (f"{_KM} - {_SLACK} <= 50", 0.09, 0.11),
            (ELSE, 0.03, 0.70),
        ),
        _say_place,
    ),
    Comparison(
        "thing",
        "FALSE",
        (
            ("thing_l = thing_r AND thing_l <> class_l", 0.45, 0.07),
            ("thing_l = thing_r", 0.20, 0.10),
            (_RELATED, 0.25, 0.08),
            ("class_l = class_r", 0.04, 0.15),
            (ELSE, 0.06, 0.60),
        ),
        _say_thing,
    ),
    Comparison(
        "figure",
        "low_l IS NULL OR low_r IS NULL",
        (
            (f"{_SAME_FIGURE} AND low_l >= {TELLING}", 0.30, 0.02),
            (_SAME_FIGURE, 0.35, 0.25),
            (_NEAR_FIGURE, 0.28, 0.25),
            (ELSE, 0.07, 0.48),
        ),
        _say_figure,
    ),
    Comparison(
        "claimant",
        "claimant_l IS NULL OR claimant_r IS NULL",
        (
            ("claimant_l = claimant_r", 0.80, 0.20),
            ("claimant_bloc_l = claimant_bloc_r", 0.19, 0.30),
            (ELSE, 0.01, 0.50),
        ),
        _say_actor("claimant", "claimant"),
    ),
    Comparison(
        "lost_by",
        "lost_by_l IS NULL OR lost_by_r IS NULL",
        (
            ("lost_by_l = lost_by_r", 0.80, 0.30),
            ("lost_by_bloc_l = lost_by_bloc_r", 0.16, 0.25),
            (ELSE, 0.04, 0.45),
        ),
        _say_actor("lost_by", "losing body"),
    ),
    Comparison(
        "said",
        "said_l IS NULL OR said_r IS NULL",
        (
            ("said_l = said_r", 0.55, 0.12),
            ("abs(said_l - said_r) <= 3", 0.30, 0.35),
            ("abs(said_l - said_r) <= 7", 0.12, 0.28),
            (ELSE, 0.03, 0.25),
        ),
        _say_said,
    ),
    Comparison(
        "outcome",
        "outcome_l IS NULL OR outcome_r IS NULL",
        (("outcome_l = outcome_r", 0.85, 0.35), (ELSE, 0.15, 0.65)),
        _say_same("outcome", "outcome"),
    ),
    Comparison(
        "stance",
        "stance_l IS NULL OR stance_r IS NULL",
        (("stance_l = stance_r", 0.99, 0.85), (ELSE, 0.01, 0.15)),
        _say_same("stance", "stance"),
    ),
    Comparison(
        "figure_kind",
        "figure_kind_l IS NULL OR figure_kind_r IS NULL",
        (("figure_kind_l = figure_kind_r", 0.95, 0.75), (ELSE, 0.05, 0.25)),
        _say_same("figure_kind", "kind of figure"),
    ),
    Comparison(
        "wording",
        "len(words_l) = 0 OR len(words_r) = 0",
        (
            (
                "2 * len(list_intersect(words_l, words_r)) >= len(list_distinct(list_concat(words_l, words_r)))",
                0.30,
                0.06,
            ),
            (ELSE, 0.70, 0.94),
        ),
        _say_first("worded alike"),
    ),
    Comparison(
        "source",
        "source_l IS NULL OR source_r IS NULL",
        (("source_l = source_r", 0.03, 0.10), (ELSE, 0.97, 0.90)),
        _say_first("in one document"),
    ),
)
INCIDENT = (
    Comparison(
        "dates",
        "until_l IS NULL OR until_r IS NULL",
        (
            (f"{_CLOSED} AND start_l = start_r AND until_l = until_r", 0.40, 0.10),
            (f"{_CLOSED} AND {_MEET} AND {_UNION} <= 14", 0.30, 0.20),
            (f"{_MEET} AND abs(until_l - until_r) <= 10", 0.25, 0.25),
            (f"{_GAP} <= 1", 0.03, 0.10),
            (ELSE, 0.02, 0.35),
        ),
        _say_dates,
    ),
    Comparison(
        "place",
        _NO_PLACE,
        (
            (f"place_l = place_r AND {_NARROW}", 0.60, 0.06),
            (f"{_NARROW} AND {_KM} <= {_SLACK} + 10", 0.10, 0.03),
            (f"place_l = place_r OR {_NESTED}", 0.18, 0.10),
            (f"{_KM} - {_SLACK} <= 50", 0.09, 0.11),
            (ELSE, 0.03, 0.70),
        ),
        _say_place,
    ),
    Comparison(
        "thing",
        "FALSE",
        (
            ("thing_l = thing_r AND thing_l <> class_l", 0.40, 0.07),
            ("thing_l = thing_r", 0.18, 0.10),
            (_RELATED, 0.20, 0.08),
            ("class_l = class_r", 0.04, 0.15),
            (ELSE, 0.18, 0.60),
        ),
        _say_thing,
    ),
    Comparison(
        "figure",
        "low_l IS NULL OR low_r IS NULL OR class_l <> class_r",
        (
            (f"{_SAME_FIGURE} AND low_l >= {TELLING}", 0.20, 0.02),
            (_SAME_FIGURE, 0.32, 0.25),
            (_NEAR_FIGURE, 0.30, 0.25),
            (ELSE, 0.18, 0.48),
        ),
        _say_figure,
    ),
    Comparison(
        "lost_by",
        "lost_by_l IS NULL OR lost_by_r IS NULL",
        (
            ("lost_by_l = lost_by_r", 0.72, 0.28),
            ("lost_by_bloc_l = lost_by_bloc_r", 0.20, 0.25),
            (ELSE, 0.08, 0.47),
        ),
        _say_actor("lost_by", "losing body"),
    ),
    Comparison(
        "claimant",
        "claimant_l IS NULL OR claimant_r IS NULL",
        (
            ("claimant_l = claimant_r", 0.40, 0.25),
            ("claimant_bloc_l = claimant_bloc_r", 0.20, 0.25),
            (ELSE, 0.40, 0.50),
        ),
        _say_actor("claimant", "claimant"),
    ),
    Comparison(
        "outcome",
        "outcome_l IS NULL OR outcome_r IS NULL OR equipment_l <> equipment_r",
        (("outcome_l = outcome_r", 0.75, 0.38), (ELSE, 0.25, 0.62)),
        _say_same("outcome", "outcome"),
    ),
    Comparison(
        "source",
        "source_l IS NULL OR source_r IS NULL",
        (("source_l = source_r", 0.15, 0.10), (ELSE, 0.85, 0.90)),
        _say_first("in one document"),
    ),
)
TEXT = (
    Comparison(
        "title",
        "len(title_l) = 0 OR len(title_r) = 0",
        (
            (f"{_SHARED_WORDS} = {_ALL_WORDS}", 0.50, 0.002),
            (f"2 * {_SHARED_WORDS} >= {_ALL_WORDS}", 0.25, 0.01),
            (ELSE, 0.25, 0.988),
        ),
        _say_title,
    ),
    Comparison(
        "figures",
        "len(signs_l) = 0 OR len(signs_r) = 0",
        (
            ("len(sequence_l) >= 3 AND sequence_l = sequence_r", 0.35, 0.0005),
            (f"{_SHARED_SIGNS} >= 2 AND 10 * {_SHARED_SIGNS} >= 6 * {_ALL_SIGNS}", 0.30, 0.003),
            (f"10 * {_SHARED_SIGNS} >= 6 * {_ALL_SIGNS}", 0.20, 0.04),
            (f"{_SHARED_SIGNS} >= 1", 0.10, 0.30),
            (ELSE, 0.05, 0.65),
        ),
        _say_figures,
    ),
    Comparison(
        "phrases",
        "len(phrases_l) = 0 OR len(phrases_r) = 0 OR language_l <> language_r",
        (
            (f"{_SHARED_PHRASES} >= 2 AND 10 * {_SHARED_PHRASES} >= 6 * {_LEAST_PHRASES}", 0.40, 0.003),
            (f"10 * {_SHARED_PHRASES} >= 3 * {_LEAST_PHRASES}", 0.35, 0.10),
            (ELSE, 0.25, 0.897),
        ),
        _say_phrases,
    ),
    Comparison(
        "published",
        "published_l IS NULL OR published_r IS NULL",
        (
            ("abs(published_l - published_r) <= 1", 0.55, 0.20),
            ("abs(published_l - published_r) <= 3", 0.20, 0.20),
            (f"abs(published_l - published_r) <= {PUBLICATION_DAYS}", 0.15, 0.40),
            (ELSE, 0.10, 0.20),
        ),
        _say_published,
    ),
    Comparison(
        "claimants",
        "len(claimants_l) = 0 OR len(claimants_r) = 0",
        (
            ("claimants_l = claimants_r", 0.75, 0.15),
            ("len(list_intersect(claimants_l, claimants_r)) > 0", 0.20, 0.25),
            (ELSE, 0.05, 0.60),
        ),
        _say_claimants,
    ),
)
COMPARISONS = {"claim": CLAIM, "incident": INCIDENT, "text": TEXT}


# --- what is asked for ---------------------------------------------------------------------------------------


def suggest_links(
    tables: Mapping[str, pd.DataFrame],
    *,
    kinds: Sequence[str] = KINDS,
    only: Collection[str] | None = None,
    most: int | None = None,
) -> pd.DataFrame:
    """Pairs that may belong together, for a coder to look at.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The published claims, mentions, sources, incidents, places and equipment.
    kinds : sequence of {"claim", "incident", "text"}
        What may be the same; ``claim`` and ``incident`` pair claims, ``text`` pairs sources.
    only : collection of str, optional
        Ids of claims or sources, of which each pair holds at least one: a claim also stands for its sources,
        a source for its claims. By default every pair is looked for.
    most : int, optional
        At most this many pairs of each kind, the nearest.

    Returns
    -------
    DataFrame
        kind (category), left and right (string; left first in the order of ids), score (Float64, 0 to 1),
        reasons (string, what agrees and what differs), already_linked (boolean), nearest first. Pairs of kind
        ``claim`` are never linked already: what coders linked is one claim.

    Raises
    ------
    ValueError
        If a kind is unknown, or `most` is below 0.
    ImportError
        If splink is not installed.
    """
    import pandas as pd

    for kind in kinds:
        if kind not in KINDS:
            raise ValueError(f"no kind {kind!r}; one of {', '.join(KINDS)}")
    if most is not None and most < 0:
        raise ValueError(f"most is {most}; 0 or more")
    wanted = None if only is None else _widened(only, tables)
    made = [_suggest(kind, _records(kind, tables), tables, wanted, most)[0] for kind in dict.fromkeys(kinds)]
    frame = pd.concat([_empty(), *(f for f in made if len(f))], ignore_index=True)
    frame["kind"] = pd.Categorical(frame["kind"], categories=KINDS)
    order = frame.sort_values("score", ascending=False, kind="stable", ignore_index=True)
    return order.astype({"left": "string", "right": "string", "score": "Float64", "already_linked": "boolean"})


def evaluate(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How well the suggestions find the links that coders made.

    Claims are taken apart into mentions: each has its own figure, days and words, while claimant, thing, outcome,
    place and losing body are those of its claim. That makes this recall of the kind ``claim`` an upper bound.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As for ``suggest_links``.

    Returns
    -------
    DataFrame
        One row per kind: kind (category), links (pairs that coders linked: mentions of one claim, claims of one
        incident, copies of one document), compared (pairs that share a block), reached (links among
        these), suggested (pairs), found (links among these; all Int64), recall (found of links; missing without
        links), top_share (share of links among the nearest suggestions, as many as there are links).
    """
    import pandas as pd

    rows = []
    for kind in KINDS:
        records = _records(kind, tables, of_mentions=True)
        group = {"claim": "claim", "incident": "incident", "text": "root"}[kind]
        links = _pairs_within(records[group]) if len(records) else set()
        frame, compared = _suggest(kind, records, tables, None, None, told_apart=False)
        ids = list(records["id"]) if len(records) else []
        reached = {(ids[a], ids[b]) for a, b in zip(*compared, strict=True)} & {(ids[a], ids[b]) for a, b in links}
        suggested = list(zip(frame["left"], frame["right"], strict=True))
        named = {(ids[a], ids[b]) for a, b in links}
        found = named.intersection(suggested)
        top = sum(pair in named for pair in suggested[: len(named)])
        rows.append(
            {
                "kind": kind,
                "links": len(named),
                "compared": len(compared[0]),
                "reached": len(reached),
                "suggested": len(suggested),
                "found": len(found),
                "recall": len(found) / len(named) if named else None,
                "top_share": top / len(named) if named else None,
            }
        )
    made = pd.DataFrame(rows)
    made["kind"] = pd.Categorical(made["kind"], categories=KINDS)
    whole = dict.fromkeys(("links", "compared", "reached", "suggested", "found"), "Int64")
    return made.astype({**whole, "recall": "Float64", "top_share": "Float64"})


def _empty() -> pd.DataFrame:
    import pandas as pd

    dtypes = ("string", "string", "string", "Float64", "string", "boolean")
    return pd.DataFrame({c: pd.Series([], dtype=d) for c, d in zip(COLUMNS, dtypes, strict=True)})


def _widened(only: Collection[str], tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """Ids with the sources of claims and the claims of sources."""
    asked = set(only)
    made = set(asked)
    for claim, source in tables["mentions"][["claim_id", "source_id"]].astype("object").itertuples(index=False):
        if source in asked:
            made.add(claim)
        if claim in asked:
            made.add(source)
    return made


def _pairs_within(groups: pd.Series[str]) -> set[tuple[int, int]]:
    """Positions of pairs of one group."""
    members: dict[Hashable, list[int]] = {}
    for position, group in enumerate(groups):
        if group is not None:
            members.setdefault(group, []).append(position)
    return {pair for m in members.values() for pair in combinations(m, 2)}


def _suggest(
    kind: str,
    records: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    wanted: set[str] | None,
    most: int | None,
    told_apart: bool = True,
) -> tuple[pd.DataFrame, tuple[Ints, Ints]]:
    """Suggestions of one kind, and the positions of all pairs that were compared."""
    import numpy as np
    import pandas as pd

    none = np.array([], dtype="int64")
    if len(records) < 2:
        return _empty(), (none, none)
    asked = None if wanted is None else records["id"].isin(wanted).to_numpy()
    left, right = _block(kind, records, asked)
    if told_apart:
        left, right = _without_told_apart(kind, records, tables, left, right)
    if not len(left):
        return _empty(), (none, none)
    scored = _score(kind, records, left, right)
    scored = scored.sort_values(["score", "l", "r"], ascending=[False, True, True], ignore_index=True)
    if most is not None:
        scored = scored.head(most)
    rows = records.to_dict("list")
    levels = {c.name: scored[c.name].tolist() for c in COMPARISONS[kind]}
    pairs = list(zip(scored["l"].tolist(), scored["r"].tolist(), strict=True))
    used = {i: {str(c): values[i] for c, values in rows.items()} for i in set().union(*pairs)}
    reasons = [
        _reasons(kind, used[a], used[b], {name: found[k] for name, found in levels.items()})
        for k, (a, b) in enumerate(pairs)
    ]
    group = {"claim": "claim", "incident": "incident", "text": "root"}[kind]
    linked = [used[a][group] is not None and used[a][group] == used[b][group] for a, b in pairs]
    frame = pd.DataFrame(
        {
            "kind": pd.Series([kind] * len(pairs), dtype="string"),
            "left": pd.Series([used[a]["id"] for a, _ in pairs], dtype="string"),
            "right": pd.Series([used[b]["id"] for _, b in pairs], dtype="string"),
            "score": scored["score"].astype("Float64"),
            "reasons": pd.Series(reasons, dtype="string"),
            "already_linked": pd.Series(linked, dtype="boolean"),
        }
    )
    return frame, (left, right)


def _reasons(kind: str, left: Row, right: Row, levels: Mapping[str, int]) -> str:
    """What speaks for the pair, then what speaks against it."""
    favour: list[str] = []
    against: list[str] = []
    for comparison in COMPARISONS[kind]:
        gamma = levels[comparison.name]
        if gamma < 0:
            continue
        level = len(comparison.levels) - 1 - gamma
        words = comparison.say(left, right, level)
        if words:
            _, m, u = comparison.levels[level]
            (favour if m >= u else against).append(words)
    return "; ".join(favour) + (" | but " if favour and against else "") + "; ".join(against)


def _without_told_apart(
    kind: str, records: pd.DataFrame, tables: Mapping[str, pd.DataFrame], left: Ints, right: Ints
) -> tuple[Ints, Ints]:
    """Pairs less those that a coder has told apart."""
    import numpy as np

    apart: set[tuple[int, int]] = set()
    position = {id: i for i, id in enumerate(records["id"])}
    if kind == "claim":
        for i, whole in enumerate(records["part_of"]):
            if whole in position:
                apart.add((min(i, position[whole]), max(i, position[whole])))
    elif kind == "incident":
        members: dict[str, list[int]] = {}
        for i, incident in enumerate(records["incident"]):
            if incident is not None:
                members.setdefault(incident, []).append(i)
        incidents = tables["incidents"][["incident_id", "distinct_from"]].dropna().astype("object")
        for incident, others in incidents.itertuples(index=False):
            for other in str(others).split():
                found = ((a, b) for a in members.get(incident, []) for b in members.get(other, []))
                apart.update((min(pair), max(pair)) for pair in found)
    if not apart:
        return left, right
    n = len(records)
    codes = np.array([a * n + b for a, b in apart], dtype="int64")
    keep = ~np.isin(left * n + right, codes)
    return left[keep], right[keep]


# --- records -------------------------------------------------------------------------------------------------


def _records(kind: str, tables: Mapping[str, pd.DataFrame], of_mentions: bool = False) -> pd.DataFrame:
    """One row per claim, mention or source, in the order of ids, with what is compared; missing is None."""
    if kind == "text":
        return _source_records(tables)
    claims = tables["claims"]
    if kind == "incident":
        claims = claims[(claims["figure_kind"].astype("string") != NO_INCIDENT).fillna(True)]
    return _claim_records(claims, tables, of_mentions=of_mentions and kind == "claim")


def _plain(column: pd.Series[Any]) -> list[Any]:
    """Values of a column as Python objects, missing as None."""
    import pandas as pd

    return [None if pd.isna(v) else v for v in column.astype("object")]


def _day_numbers(column: pd.Series[pd.Timestamp]) -> list[int | None]:
    import pandas as pd

    days = (pd.to_datetime(column) - pd.Timestamp("1970-01-01")).dt.days
    return [None if pd.isna(v) else int(v) for v in days]


def _tokens(text: str | None) -> list[str]:
    return sorted(set(re.findall(r"\w+", text.casefold()))) if text else []


def _trees(frame: pd.DataFrame, key: str) -> dict[str, list[str]]:
    """Each id with all that is above it, nearest first."""
    parents = dict(zip(_plain(frame[key]), _plain(frame["parent_id"]), strict=True))
    above: dict[str, list[str]] = {}
    for start in parents:
        chain: list[str] = []
        at = parents[start]
        while at is not None and at not in chain and at != start:
            chain.append(at)
            at = parents.get(at)
        above[start] = chain
    return above


def _claim_records(claims: pd.DataFrame, tables: Mapping[str, pd.DataFrame], of_mentions: bool) -> pd.DataFrame:
    import pandas as pd

    mentions = tables["mentions"]
    own = ["count_low", "count_high", "date_start", "date_end", "said_on"]
    if of_mentions:
        rows = mentions[["mention_id", "claim_id", "source_id", "item_text", *own]].merge(
            claims.drop(columns=own), on="claim_id", how="inner"
        )
        rows = rows.rename(columns={"mention_id": "id"})
    else:
        first = mentions.iloc[_natural_order(mentions["mention_id"])].drop_duplicates("claim_id")
        rows = claims.merge(first[["claim_id", "source_id", "item_text"]], on="claim_id", how="left")
        rows = rows.assign(id=rows["claim_id"])
    rows = rows.iloc[_natural_order(rows["id"])].reset_index(drop=True)
    things_above = _trees(tables["equipment"], "equipment_id")
    places_above = _trees(tables["places"], "place_id")
    map_: dict[Any, list[Any]] = {
        place: numbers
        for place, *numbers in zip(
            *(_plain(tables["places"][c]) for c in ("place_id", "latitude", "longitude", "uncertainty_km")), strict=True
        )
    }
    get: dict[str, list[Any]] = {
        c: _plain(rows[c]) for c in rows.columns if not c.startswith(("date_", "said_", "first_"))
    }
    people = [
        None if category is None else " ".join(w for w in (category, group) if w)
        for category, group in zip(get["personnel_category"], get["subgroup"], strict=True)
    ]
    things = [e if e is not None else p for e, p in zip(get["equipment_id"], people, strict=True)]
    classes = [
        e if e is not None else p for e, p in zip(get["equipment_class"], get["personnel_category"], strict=True)
    ]
    things_up = [
        things_above.get(str(e), []) if e is not None else [c] if t != c else []
        for t, e, c in zip(things, get["equipment_id"], classes, strict=True)
    ]
    places = get["place_id"]
    at = [map_.get(p, [None, None, None]) for p in places]
    code_thing = _codes([*things, *classes, *(t for up in things_up for t in up)])
    code_place = _codes([*places, *(p for up in places_above.values() for p in up)])
    said, published = _day_numbers(rows["said_on"]), _day_numbers(rows["first_published"])
    start, end = _day_numbers(rows["date_start"]), _day_numbers(rows["date_end"])
    made: dict[str, list[Any]] = {
        "id": get["id"],
        "claim": get["claim_id"],
        "incident": get["incident_id"],
        "part_of": get["part_of"],
        "source": get["source_id"],
        "collection": get["collection_id"],
        "equipment": [e is not None for e in get["equipment_id"]],
        "thing_name": things,
        "class_name": classes,
        "thing": [-1 if t is None else code_thing[t] for t in things],
        "class": [-1 if c is None else code_thing[c] for c in classes],
        "thing_up": [[code_thing[t] for t in up] for up in things_up],
        "claimant": get["claimant_id"],
        "claimant_bloc": [None if b in NO_SIDE else b for b in get["claimant_bloc"]],
        "lost_by": get["lost_by_id"],
        "lost_by_bloc": [None if b in NO_SIDE else b for b in get["lost_by_bloc"]],
        "outcome": get["outcome"],
        "stance": get["stance"],
        "figure_kind": get["figure_kind"],
        "low": get["count_low"],
        "high": [OPEN if h is None else h for h in get["count_high"]],
        "start": start,
        "until": end,
        "said": said,
        # the day on which it was said, or the latest that it can have been
        "told": [_first_known(days) for days in zip(said, end, published, strict=True)],
        "place_name": places,
        "place": [None if p is None else code_place[p] for p in places],
        "place_up": [[code_place[q] for q in places_above.get(str(p), [])] if p is not None else [] for p in places],
        "lat": [a[0] for a in at],
        "lon": [a[1] for a in at],
        "unsure": [float(a[2] or 0.0) for a in at],
        # a place so wide that to name it tells little: a province and beyond in the precision of UCDP
        "wide": [
            (precision is not None and 4 <= precision <= 6) or float(a[2] or 0.0) > WIDE_KM
            for precision, a in zip(get["place_precision"], at, strict=True)
        ],
        "words": [_tokens(t) for t in get["item_text"]],
    }
    return pd.DataFrame({k: pd.Series(v, dtype="object") for k, v in made.items()})


def _first_known(days: Iterable[int | None]) -> int | None:
    return next((d for d in days if d is not None), None)


def _codes(values: Iterable[str | None]) -> dict[str, int]:
    return {v: i for i, v in enumerate(sorted({v for v in values if v is not None}))}


def _natural_order(ids: pd.Series[str]) -> list[int]:
    keys = [natural_key(str(i)) for i in ids]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _source_records(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    sources = tables["sources"]
    sources = sources.iloc[_natural_order(sources["source_id"])].reset_index(drop=True)
    sources = sources.assign(root=root_sources(sources["source_id"], sources))
    facts = tables["claims"][["claim_id", "claimant_id", "equipment_class", "personnel_category", "outcome"]]
    mentions = tables["mentions"].merge(facts, on="claim_id", how="left")
    mentions = mentions.iloc[_natural_order(mentions["mention_id"])]
    told: dict[str, list[tuple[str, str, str | None, int | None]]] = {}
    columns = ["source_id", "count_low", "count_high", "equipment_class", "personnel_category", "outcome"]
    texts = ["count_text", "item_text", "claimant_id"]
    days = _day_numbers(mentions["date_end"])
    for (source, low, high, thing, people, outcome, count, item, claimant), day in zip(
        zip(*(_plain(mentions[c]) for c in (*columns, *texts)), strict=True), days, strict=True
    ):
        sign = f"{low}|{'' if high is None else high}|{thing or people or ''}|{outcome or ''}"
        phrase = " ".join(f"{count or ''} {item or ''}".casefold().split())
        told.setdefault(source, []).append((sign, phrase, claimant, day))
    ids = _plain(sources["source_id"])
    rows = [told.get(i, []) for i in ids]
    made: dict[str, list[Any]] = {
        "id": ids,
        "root": _plain(sources["root"]),
        "collection": _plain(sources["collection_id"]),
        "language": _plain(sources["language"]),
        "title": [_tokens(t) for t in _plain(sources["title"])],
        "published": _day_numbers(sources["published_latest"]),
        "sequence": [[r[0] for r in told_] for told_ in rows],
        # the second of two equal figures counts as another
        "signs": [_numbered(r[0] for r in told_) for told_ in rows],
        "phrases": [_numbered(r[1] for r in told_ if r[1]) for told_ in rows],
        "claimants": [sorted({r[2] for r in told_ if r[2] is not None}) for told_ in rows],
        "days": [[r[3] for r in told_] for told_ in rows],
    }
    records = pd.DataFrame({k: pd.Series(v, dtype="object") for k, v in made.items()})
    # of a stub without title and claims nothing is known that could be compared
    said = [bool(title or told_) for title, told_ in zip(made["title"], rows, strict=True)]
    return records[pd.Series(said, dtype="bool")].reset_index(drop=True)


def _numbered(values: Iterable[str]) -> list[str]:
    seen: Counter[str] = Counter()
    made = []
    for value in values:
        seen[value] += 1
        made.append(value if seen[value] == 1 else f"{value}#{seen[value]}")
    return made


def _distance(left: Row, right: Row) -> float:
    """Great-circle distance in kilometres."""
    a, b = math.radians(left["lat"]), math.radians(right["lat"])
    turn = math.radians(right["lon"] - left["lon"])
    root = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(root)))


# --- blocks --------------------------------------------------------------------------------------------------


class _Blocks:
    """Keys of records; records that share one are compared."""

    def __init__(self) -> None:
        self.members: list[int] = []
        self.keys: list[int] = []

    def add(self, member: int, *key: Hashable) -> None:
        self.members.append(member)
        self.keys.append(hash(key))


def _near(day: int | None, width: int) -> tuple[int, ...]:
    """Buckets such that two days at most `width` apart share one."""
    return () if day is None else (day // width, day // width + 1)


def _event_buckets(start: int | None, end: int | None) -> Iterable[int]:
    """Buckets such that two windows at most one day apart share one."""
    if end is None:
        return ()
    if start is None or end - start > LONGEST:
        start = end - LOOK_BACK
    return range((start - 1) // EVENT_DAYS, (end + 1) // EVENT_DAYS + 1)


def _place_keys(
    place: int | None, above: Sequence[int], lat: float | None, lon: float | None, wide: bool
) -> list[Hashable]:
    """Keys such that a place shares one with itself, what it lies in, its siblings and its neighbours."""
    keys: list[Hashable] = [] if place is None else [place, *above[:1]]
    if lat is not None and lon is not None and not wide:
        row, column = math.floor(lat / CELL), math.floor(lon * math.cos(math.radians(round(lat))) / CELL)
        keys.extend((row + i, column + j) for i in (0, 1) for j in (0, 1))
    return keys


def _claim_blocks(kind: str, records: pd.DataFrame) -> _Blocks:
    blocks = _Blocks()
    columns = (
        "collection", "class", "lost_by_bloc", "claimant", "low", "start", "until", "told", "place", "place_up", "lat",
        "lon", "wide", "source",
    )  # fmt: skip
    for i, row in enumerate(zip(*(records[c] for c in columns), strict=True)):
        where, sort, side, claimant, low, start, end, told, place, above, lat, lon, wide, source = row
        if source is not None:
            blocks.add(i, "source", source)
        days: set[int | None] = set(_near(told, STATEMENT_DAYS)) if kind == "claim" else set(_event_buckets(start, end))
        places = _place_keys(place, above, lat, lon, wide)
        for day in days or {None}:
            blocks.add(i, "side", where, day, sort, side)
            blocks.add(i, "figure", where, day, sort, low)
            if kind == "claim" and claimant is not None:
                blocks.add(i, "claimant", where, day, sort, claimant)
            for key in places:
                blocks.add(i, "place", where, day, key)
    return blocks


def _text_blocks(records: pd.DataFrame) -> _Blocks:
    blocks = _Blocks()
    columns = ("collection", "title", "published", "sequence", "phrases", "days")
    for i, (where, title, published, order, phrases, days) in enumerate(
        zip(*(records[c] for c in columns), strict=True)
    ):
        if title:
            blocks.add(i, "title", where, tuple(title))
        for pair in pairwise(order):
            blocks.add(i, "order", where, pair)
        for sign, day in zip(order, days, strict=True):
            for bucket in _near(day, STATEMENT_DAYS) or (None,):
                blocks.add(i, "sign", where, sign, bucket)
        for bucket in _near(published, PUBLICATION_DAYS) or (None,):
            for word in title:
                blocks.add(i, "word", where, word, bucket)
            for phrase in phrases:
                blocks.add(i, "phrase", where, phrase, bucket)
    return blocks


def _block(kind: str, records: pd.DataFrame, asked: npt.NDArray[np.bool_] | None) -> tuple[Ints, Ints]:
    """Positions of the pairs that share a block, the earlier first, each once."""
    import numpy as np

    if kind == "text":
        blocks = _text_blocks(records)
        order = sorted(range(len(records)), key=lambda i: (records["title"].iat[i], i))
    else:
        blocks = _claim_blocks(kind, records)
        sort = list(zip(*(records[c] for c in ("thing", "place", "low", "until")), strict=True))
        order = sorted(range(len(records)), key=lambda i: (*((-1 if v is None else v) for v in sort[i]), i))
    n = len(records)
    rank = np.empty(n, dtype="int64")
    rank[order] = np.arange(n)
    keys = np.array(blocks.keys, dtype="int64")
    members = np.array(blocks.members, dtype="int64")
    by_key = np.lexsort((rank[members], keys))
    keys, members = keys[by_key], members[by_key]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (members[1:] != members[:-1])
    keys, members = keys[fresh], members[fresh]
    edges = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1], True])
    sizes = np.diff(edges)
    last = np.repeat(edges[1:] - 1, sizes)
    reach = np.repeat(np.where(sizes <= BLOCK, sizes - 1, NEIGHBOURS), sizes)
    last = np.minimum(last, np.arange(len(keys)) + reach)
    found = [np.array([], dtype="int64")]
    at = np.arange(len(keys))
    for step in range(1, BLOCK):
        at = at[at + step <= last[at]]
        if not len(at):
            break
        a, b = members[at], members[at + step]
        if asked is not None:
            some = asked[a] | asked[b]
            a, b = a[some], b[some]
        found.append(np.unique(np.minimum(a, b) * n + np.maximum(a, b)))
    codes = np.unique(np.concatenate(found))
    return codes // n, codes % n


# --- scores --------------------------------------------------------------------------------------------------


def _score(kind: str, records: pd.DataFrame, left: Ints, right: Ints) -> pd.DataFrame:
    """Score and levels (-1 missing, 0 farthest) of pairs, those below ``LEAST_SCORE`` left out."""
    import pandas as pd

    try:
        import duckdb
        import pyarrow as pa
        import splink.comparison_level_library as levels
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on
        from splink.comparison_library import CustomComparison
    except ImportError as error:
        raise ImportError("suggesting links needs splink: pip install 'lossclaims[build]'") from error

    comparisons = COMPARISONS[kind]
    built: list[ComparisonCreator | dict[str, Any]] = []
    for c in comparisons:
        tried: list[ComparisonLevelCreator | dict[str, Any]] = [
            levels.CustomLevel(c.missing, "missing").configure(is_null_level=True)
        ]
        for sql, m, u in c.levels:
            level = levels.ElseLevel() if sql == ELSE else levels.CustomLevel(sql)
            tried.append(level.configure(m_probability=m, u_probability=u))
        built.append(CustomComparison(tried, output_column_name=c.name))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=built,
        blocking_rules_to_generate_predictions=[block_on("unique_id")],
        probability_two_random_records_match=PRIOR[kind],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    spoken = " ".join(sql for c in comparisons for sql in (c.missing, *(level[0] for level in c.levels)))
    asked = [c for c in records.columns if f"{c}_l" in re.findall(r"\w+", spoken)]
    columns = {c: pa.array(records[c].tolist(), type=_arrow_type(c, records[c].tolist())) for c in asked}
    table = pa.table({"unique_id": pa.array(range(len(records)), type=pa.int64()), **columns})
    names = {"match_probability": "score", "unique_id_l": "l", "unique_id_r": "r"}
    names |= {f"gamma_{c.name}": c.name for c in comparisons}
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as database:
        api = DuckDBAPI(database)
        linker = Linker(api.register(table), settings, log_level=None, validate_settings=False)
        made = []
        for at in range(0, len(left), BATCH):
            part = slice(at, at + BATCH)
            pairs = pa.table(
                {
                    "match_key": pa.array(["0"] * len(left[part])),
                    "join_key_l": pa.array(left[part]),
                    "join_key_r": pa.array(right[part]),
                }
            )
            blocked = api.register(pairs)
            linker.table_management.register_blocked_pairs_for_predict(blocked)
            scored = linker.inference.predict(threshold_match_probability=LEAST_SCORE, warning_mode="never")
            made.append(scored.as_duckdbpyrelation().select(", ".join(names)).df())
            scored.drop_table_from_database_and_remove_from_cache()
    frame: pd.DataFrame = pd.concat(made, ignore_index=True).rename(columns=names)
    frame["score"] = frame["score"].round(4)
    return frame


def _arrow_type(name: str, values: Sequence[Any]) -> Any:
    """Arrow type of a column whose values may all be missing."""
    import pyarrow as pa

    if name in ("lat", "lon", "unsure"):
        return pa.float64()
    if name in ("wide", "equipment"):
        return pa.bool_()
    if name in ("thing_up", "place_up"):
        return pa.list_(pa.int64())
    if name in ("words", "title", "signs", "sequence", "phrases", "claimants"):
        return pa.list_(pa.string())
    if name in ("thing", "class", "place", "low", "high", "start", "until", "said", "published"):
        return pa.int64()
    return pa.string()
