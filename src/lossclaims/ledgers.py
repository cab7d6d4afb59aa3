"""Totals of claims that count nothing twice, and the reason for every figure left out.

Decides, for each losing side, class or category and group of outcomes, the most that one voice's figures support
when no two of them can speak of the same loss. Works on the published columns alone, so that a past state or
another counting convention is totalled by the same steps.

Refuses to add claims up; to give a figure to a side when it covers several sides; to split a joint figure ("killed
or wounded"); and to guess where a record is silent. Where the rules leave a choice, the lower total is taken:
a date that is not known spans all the days that it may be, and figures whose days touch are taken for the same.

The rules, in the order in which they are applied to the rows of a cell and a voice:

0. *Rows.* Denials, retractions and what was retracted, joint, unquantified and many-sided figures, and a second row
   of one statement that says the same as the first, are in no total.
1. *Whole and parts.* A whole and its parts that stand in the cell are one figure: the larger of the whole and the
   sum of its parts, over the hull of their days. A part whose whole is not in the cell counts by itself, or under
   the nearest whole further up that is.
2. *Account.* Figures of one claimant on one incident, from that claimant's latest statement among them, are summed;
   the incident's figure is its lowest account. One object is lost once in an account.
3. *Windows.* Every other figure, and an incident dated more loosely than two days, is a window, in conflict with
   everything whose days it touches.
4. *Choice.* The set without conflict that weighs most, found exactly.
5. *Periods.* Rules 0 to 3 see the whole campaign; a period then takes only figures wholly contained in it, so that
   periods that do not overlap never add up to more than the campaign.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossclaims.claims import NO_SIDE, bloc_of
from lossclaims.incidents import LOSS_OR_COUNT, SHOWN

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Tables = Mapping[str, pd.DataFrame]
    Words = str | Sequence[str] | None
    Day = str | dt.date | None

VOICES = ("opponent", "own", "third_party", "press")
"""Voices that have a total of their own, in the order of the columns."""
LONGEST = 2
"""Most days over which an incident may be dated and still not be a window."""
ALL = "all"
"""Class or category of the cells that take all of them together."""
CONSTRAINT = "constraint"
"""Outcome group of the figures that are in no total."""

KEYS = (
    "cell_id", "collection_id", "domain", "lost_by_bloc", "equipment_class", "personnel_category", "accused_bloc",
    "outcome_group",
)  # fmt: skip
TOTALS = (
    "opponent_low", "own_low", "third_party_low", "press_low", "documented_low", "agreed_low", "contradicted",
    "naive_sum", "n_used", "n_left_out",
)  # fmt: skip
LINES = (
    "cell_id", "period", "claim_id", "voice", "ledger_role", "incident_id", "count_low", "count_high", "counted",
    "date_start", "date_end", "reason",
)  # fmt: skip
CAMPAIGN = "campaign"

# the totals that are chosen: one by voice, and what both sides say of an incident
_AGREED = len(VOICES)
_CHOICES = len(VOICES) + 1
_NO_DAY = np.iinfo(np.int64).min

# what becomes of a row before anything is chosen
_LIVE, _ZERO, _PART, _WHOLE, _ITEM, _LATER, _HIGHER, _ALIKE, _TAKEN_BACK, _NO_NUMBER, _JOINT, _MIXED, _DENIAL = range(
    13
)
_ROLES = {
    _ZERO: "constraint", _PART: "part", _WHOLE: "part", _ITEM: "repeat", _LATER: "repeat", _HIGHER: "repeat",
    _ALIKE: "repeat", _TAKEN_BACK: "denial", _NO_NUMBER: "constraint", _JOINT: "constraint", _MIXED: "constraint",
    _DENIAL: "denial",
}  # fmt: skip


# -- reading


class _Book(dict[str, int]):
    """Texts by number, in the order in which they were met."""

    def number(self, text: str) -> int:
        return self.setdefault(text, len(self))

    def read(self, column: pd.Series[Any]) -> Ints:
        """Numbers of a column of text; -1 where it is missing."""
        import pandas as pd

        local, texts = pd.factorize(column.astype("object"), use_na_sentinel=True)
        numbers = np.array([*(self.number(str(text)) for text in texts), -1], dtype=np.int64)
        return numbers[local]


def _days(column: pd.Series[Any]) -> Ints:
    """Days since 1970; ``_NO_DAY`` where missing."""
    import pandas as pd

    return pd.to_datetime(column).to_numpy().astype("datetime64[D]").astype(np.int64)


def _combine(*columns: Ints | Bools) -> Ints:
    """Number of each row's combination of values, in the order of the values."""
    codes = np.unique(columns[0], return_inverse=True)[1].astype(np.int64)
    for column in columns[1:]:
        values, inverse = np.unique(column, return_inverse=True)
        codes = np.unique(codes * len(values) + inverse, return_inverse=True)[1].astype(np.int64)
    return codes


def _first_of(groups: Ints, *order: Ints | Floats) -> Ints:
    """First row of each group in an order, by row."""
    at = np.lexsort((*reversed(order), groups))
    starts = np.flatnonzero(np.r_[True, groups[at][1:] != groups[at][:-1]]) if len(at) else at
    first = np.empty(len(groups), dtype=np.int64)
    first[at] = np.repeat(at[starts], np.diff(np.r_[starts, len(at)]))
    return first


def _id_key(text: str) -> tuple[str, int, str, int, str]:
    """Sort key of a claim's id under which LY0001.10 follows LY0001.9."""
    head, _, tail = text.partition(".")
    return head[:2], len(head), head, len(tail), tail


@dataclass(frozen=True)
class _Rows:
    """One element per claim, in the order of the ids."""

    claim_id: list[str]
    collection: Ints
    domain: Ints
    bloc: Ints
    kind: Ints
    accused: Ints
    """Side accused, only where nobody's side lost people and a side is accused; else -1."""
    group: Ints
    voice: Ints
    low: Ints
    high: Floats
    """Infinite where open."""
    start: Ints
    end: Ints
    claimant: Ints
    day: Ints
    incident: Ints
    """Incident of a figure on one incident, else -1."""
    linked: Ints
    """Incident linked, whatever the kind of figure."""
    item: Ints
    parent: Ints
    status: Ints
    """``_LIVE`` for figures, else why the row is none."""
    other: Ints
    """The row that is the reason of the status, else -1."""
    asserts: Bools
    wrong: Bools
    """Evidence shows another side's loss, or that nothing was lost."""
    frame: pd.DataFrame


@dataclass(frozen=True)
class _Dates:
    """Days of incidents by their number in the book of ids, and of collections by their word."""

    incident: dict[int, tuple[int, int]]
    collection: dict[int, tuple[int, int]]


@dataclass
class _Reader:
    """Tables with their words and ids numbered."""

    tables: Tables
    words: _Book
    ids: _Book

    def dates(self) -> _Dates:
        frame = self.tables["collections"]
        codes = self.words.read(frame["collection_id"]).tolist()
        spans = zip(_days(frame["date_start"]).tolist(), _days(frame["date_end"]).tolist(), strict=True)
        collections = dict(zip(codes, spans, strict=True))
        frame = self.tables["incidents"]
        start, end = self.closed(
            self.words.read(frame["collection_id"]), _days(frame["date_start"]), _days(frame["date_end"]), collections
        )
        spans = zip(start.tolist(), end.tolist(), strict=True)
        return _Dates(dict(zip(self.ids.read(frame["incident_id"]).tolist(), spans, strict=True)), collections)

    def closed(
        self, collection: Ints, start: Ints, end: Ints, spans: Mapping[int, tuple[int, int]]
    ) -> tuple[Ints, Ints]:
        """Windows with open ends closed by the collection's, and never ending before they begin."""
        first, last = np.zeros(len(self.words), dtype=np.int64), np.zeros(len(self.words), dtype=np.int64)
        for code, (a, b) in spans.items():
            first[code], last[code] = a, b
        unknown = sorted(set(collection.tolist()) - set(spans))
        if unknown:
            names = {code: word for word, code in self.words.items()}
            raise ValueError(
                f"no collection {names.get(unknown[0])!r}; one of {', '.join(sorted(names[c] for c in spans))}"
            )
        # an open start begins no later than the end, an open end ends no earlier than the start
        open_start, open_end = start == _NO_DAY, end == _NO_DAY
        first_day, last_day = first[collection], last[collection]
        start = np.where(open_start, np.where(open_end, first_day, np.minimum(first_day, end)), start)
        end = np.where(open_end, np.maximum(last_day, start), end)
        return np.minimum(start, end), np.maximum(start, end)

    def groups(self, domain: pd.Series[Any], outcome: pd.Series[Any]) -> Ints:
        """Outcome groups of outcomes; that of constraints where the terms give none."""
        terms = self.tables["terms"]
        terms = terms[terms["outcome_group"].notna()]
        vocabulary = terms["vocabulary"].astype("string") + "/" + terms["term"].astype("string")
        known = dict(zip(vocabulary, terms["outcome_group"].astype("string"), strict=True))
        found = (domain.astype("string") + "_outcome/" + outcome.astype("string")).map(known)
        return self.words.read(found.astype("object").fillna(CONSTRAINT))

    def bloc_of(self, collection: pd.Series[Any], actor: pd.Series[Any]) -> pd.Series[str]:
        t = self.tables
        collection, actor = collection.astype("string"), actor.astype("string")
        return bloc_of(collection, actor, t["blocs"], t["actors"], t["outlets"])

    def no_side(self) -> Ints:
        return np.array([self.words.number(word) for word in NO_SIDE], dtype=np.int64)

    def rows(self, dates: _Dates, claimant_bloc: Sequence[str] | None) -> _Rows:
        """Read the claims, all or those of some sides."""
        claims = self.tables["claims"]
        if claimant_bloc is not None:
            claims = claims[
                claims["claimant_bloc"].astype("string").isin(list(claimant_bloc)).fillna(False).astype(bool)
            ]
        claim_ids = [str(c) for c in claims["claim_id"]]
        order = sorted(range(len(claim_ids)), key=[_id_key(c) for c in claim_ids].__getitem__)
        claims = claims.iloc[order].reset_index(drop=True)
        claim_ids = [claim_ids[i] for i in order]
        at = {claim: i for i, claim in enumerate(claim_ids)}
        words, ids = self.words, self.ids

        collection, domain = words.read(claims["collection_id"]), words.read(claims["domain"])
        people = claims["personnel_category"].notna()
        kind = words.read(
            claims["equipment_class"].astype("object").where(~people, claims["personnel_category"].astype("object"))
        )
        bloc = words.read(claims["lost_by_bloc"])
        accused_bloc = self.bloc_of(claims["collection_id"], claims["accused_id"])
        accused = words.read(accused_bloc)
        nobody = words.number(NO_SIDE[0])
        accused[~people.to_numpy(dtype=bool) | (bloc != nobody) | np.isin(accused, self.no_side())] = -1

        low_column = claims["count_low"].astype("Int64")
        quantified = low_column.notna().to_numpy(dtype=bool)
        low = np.asarray(low_column.fillna(0), dtype=np.int64)
        high = np.asarray(claims["count_high"].astype("Float64").fillna(np.inf), dtype=np.float64)

        item = ids.read(claims["item_id"])
        items = self.tables["items"]
        home = dict(zip(ids.read(items["item_id"]).tolist(), ids.read(items["incident_id"]).tolist(), strict=True))
        linked = ids.read(claims["incident_id"])
        linked = np.array(
            [home.get(i, -1) if n < 0 <= i else n for n, i in zip(linked.tolist(), item.tolist(), strict=True)],
            dtype=np.int64,
        )
        linked[~np.isin(linked, np.fromiter(dates.incident, dtype=np.int64, count=len(dates.incident)))] = -1
        on_one = (claims["figure_kind"].astype("string") == "incident").to_numpy(dtype=bool)

        start, end = self.closed(collection, _days(claims["date_start"]), _days(claims["date_end"]), dates.collection)
        # a figure on one incident has the incident's days; a period linked to one spans both
        spans = np.array([dates.incident.get(n, (0, 0)) for n in linked.tolist()], dtype=np.int64).reshape(-1, 2)
        has = linked >= 0
        start = np.where(has, np.where(on_one, spans[:, 0], np.minimum(start, spans[:, 0])), start)
        end = np.where(has, np.where(on_one, spans[:, 1], np.maximum(end, spans[:, 1])), end)

        said, published = _days(claims["said_on"]), _days(claims["first_published"])
        day = np.where(said == _NO_DAY, published, said)
        # an unnamed voice is known by the document in which it was first coded
        named = ids.read(claims["claimant_id"])
        documents = np.array([ids.number("\0" + c.partition(".")[0]) for c in claim_ids], dtype=np.int64)
        claimant = np.where(named < 0, documents, named)
        parent = np.array([at.get(str(p), -1) for p in claims["part_of"].astype("object")], dtype=np.int64)
        parent = _without_circles(parent)

        group = self.groups(claims["domain"], claims["outcome"])
        stance = claims["stance"].astype("string")
        asserts = (stance == "asserts").to_numpy(dtype=bool)
        voice_book = {words.number(v): i for i, v in enumerate(VOICES)}
        voices = words.read(claims["voice"]).tolist()
        voice = np.array([voice_book.get(v, len(VOICES) - 1) for v in voices], dtype=np.int64)

        status = np.full(len(claims), _LIVE, dtype=np.int64)
        other = np.full(len(claims), -1, dtype=np.int64)
        status[~quantified] = _NO_NUMBER
        back = _taken_back(claims, at, linked, item, day)
        for taken, by in back.items():
            status[taken], other[taken] = _TAKEN_BACK, by
        status[group == words.number(CONSTRAINT)] = _JOINT
        status[bloc == words.number(NO_SIDE[1])] = _MIXED
        status[~asserts] = _DENIAL
        what = [
            ids.read(claims[c]) for c in ("equipment_id", "personnel_category", "subgroup", "lost_by_id", "outcome")
        ]
        what += [ids.read(claims[c]) for c in ("place_id", "accused_id", "cause", "figure_kind")]
        # wholes that are no figures too, so that the parts of two that say the same are known for the same
        said_alike = [status, claimant, day, linked, item, start, end, low, high, bloc, kind, voice, *what]
        first = _alike(said_alike, parent, asserts)
        again = (first != np.arange(len(first))) & (status == _LIVE)
        status[again], other[again] = _ALIKE, first[again]
        parent = np.where(parent >= 0, first[parent], -1)
        return _Rows(
            claim_ids, collection, domain, bloc, kind, accused, group, voice, low, high, start, end, claimant, day,
            np.where(on_one, linked, -1), linked, item, parent, status, other, asserts,
            asserts & self.wrong(claims, linked, item), claims,
        )  # fmt: skip

    def wrong(self, claims: pd.DataFrame, linked: Ints, item: Ints) -> Bools:
        """Claims that evidence contradicts, or whose object it shows to be another side's."""
        verdict = claims["verdict"].astype("string")
        found = (verdict == "contradicted").fillna(False).to_numpy(dtype=bool)
        asked = np.flatnonzero((verdict == "misidentified").fillna(False).to_numpy(dtype=bool))
        if not len(asked):
            return found
        owners: dict[int, list[tuple[int, str]]] = defaultdict(list)
        items, evidence = self.tables["items"], self.tables["evidence"]
        for incident, thing, bloc in zip(
            self.ids.read(items["incident_id"]).tolist(),
            self.ids.read(items["item_id"]).tolist(),
            items["lost_by_bloc"].astype("object"),
            strict=True,
        ):
            if isinstance(bloc, str):
                owners[incident].append((thing, bloc))
        evidence = evidence[(evidence["rank"].astype("string") == "preferred") & evidence["lost_by_id"].notna()]
        blocs = self.bloc_of(self.collection_of(evidence["incident_id"]), evidence["lost_by_id"])
        incidents, things = self.ids.read(evidence["incident_id"]).tolist(), self.ids.read(evidence["item_id"]).tolist()
        for incident, thing, bloc in zip(incidents, things, blocs, strict=True):
            owners[incident].append((thing, str(bloc)))
        claimed = claims["lost_by_bloc"].astype("object").tolist()
        for i in asked.tolist():
            shown = {b for thing, b in owners.get(int(linked[i]), ()) if item[i] < 0 or thing in (-1, item[i])}
            found[i] = bool(shown) and claimed[i] not in shown
        return found

    def collection_of(self, incident: pd.Series[Any]) -> pd.Series[str]:
        frame = self.tables["incidents"]
        known = dict(zip(frame["incident_id"].astype("string"), frame["collection_id"].astype("string"), strict=True))
        return incident.astype("string").map(known).astype("string")

    def documented(self, dates: _Dates) -> pd.DataFrame:
        """Objects and people shown: one row per figure with the numbers of its cell, days and n."""
        import pandas as pd

        words, ids = self.words, self.ids
        columns = ["collection", "domain", "bloc", "kind", "group", "incident", "n"]
        everything = words.number(ALL)

        def coded(frame: pd.DataFrame, domain: str, bloc: pd.Series[Any], kind: str, n: Ints) -> pd.DataFrame:
            domains = pd.Series(domain, index=frame.index, dtype="string")
            values = {
                "collection": words.read(self.collection_of(frame["incident_id"])),
                "domain": words.read(domains),
                "bloc": words.read(bloc),
                "kind": words.read(frame[kind]),
                "group": self.groups(domains, frame["outcome"]),
                "incident": ids.read(frame["incident_id"]),
                "n": n,
            }
            out = pd.DataFrame(values)
            if "source_id" in frame:
                out["source"] = ids.read(frame["source_id"])
                out["preferred"] = (frame["rank"].astype("string") == "preferred").to_numpy(dtype=bool)
            keep = (out["collection"] >= 0) & (out["bloc"] >= 0) & (out["kind"] >= 0)
            keep &= out["incident"].isin(list(dates.incident))
            keep &= (out["group"] != words.number(CONSTRAINT)) & (out["bloc"] != words.number(NO_SIDE[1]))
            kept: pd.DataFrame = out[keep]
            return kept

        items = self.tables["items"].drop_duplicates("item_id")
        items = items[items["evidence_level"].astype("string").isin(SHOWN).astype(bool)]
        things = coded(
            items, "equipment", items["lost_by_bloc"], "equipment_class", np.ones(len(items), dtype=np.int64)
        )
        things = things[columns]

        incidents = self.tables["incidents"]
        shown = incidents.loc[incidents["evidence_level"].astype("string").isin(SHOWN).astype(bool), "incident_id"]
        records = self.tables["evidence"]
        keep = records["personnel_category"].notna() & records["count_low"].notna() & records["outcome"].notna()
        keep &= records["lost_by_id"].notna() & records["incident_id"].isin(shown)
        keep &= records["rank"].astype("string") != "deprecated"
        keep &= records["shows"].astype("string") != "no_loss"
        records = records[keep.astype(bool)]
        blocs = self.bloc_of(self.collection_of(records["incident_id"]), records["lost_by_id"])
        n = np.asarray(records["count_low"], dtype=np.int64)
        people = coded(records, "personnel", blocs, "personnel_category", n)
        # preferred records before others, and of several the lowest
        figure = [c for c in columns if c != "n"]
        people = people[people["preferred"] | ~people.groupby(figure)["preferred"].transform("any").astype(bool)]
        lowest = people.sort_values(["n", "source"]).drop_duplicates(figure)
        # together, only what one document shows: records of two may be of the same people
        per_source = [c for c in figure if c != "kind"]
        sums = lowest.groupby([*per_source, "source"], as_index=False)["n"].sum()
        together = sums.groupby(per_source, as_index=False)["n"].max().assign(kind=everything)
        parts = [things, things.assign(kind=everything), lowest[columns], together[columns]]
        made: pd.DataFrame = pd.concat(parts, ignore_index=True).astype("int64")
        spans = [dates.incident[i] for i in made["incident"].tolist()]
        made["start"] = [a for a, _ in spans]
        made["end"] = [b for _, b in spans]
        made = made.loc[made["n"] > 0]
        return made.reset_index(drop=True).astype("int64")


def _without_circles(parent: Ints) -> Ints:
    """Parents, with one link of every circle cut: that of its first row."""
    state = parent.copy()
    # rows whose chain ends lead nowhere after as many jumps as there are links
    reach = parent.copy()
    for _ in range(max(1, int(np.count_nonzero(parent >= 0)).bit_length() + 1)):
        reach = np.where(reach >= 0, reach[reach], -1)
    for row in np.flatnonzero(reach >= 0).tolist():
        seen = [row]
        while state[seen[-1]] >= 0 and state[seen[-1]] not in seen:
            seen.append(int(state[seen[-1]]))
        if state[seen[-1]] >= 0:
            circle = seen[seen.index(int(state[seen[-1]])) :]
            state[min(circle)] = -1
    return state


def _taken_back(claims: pd.DataFrame, at: Mapping[str, int], linked: Ints, item: Ints, day: Ints) -> dict[int, int]:
    """Assertions that their own side took back, with the retraction.

    A retraction of the loss or its count takes back the claim that it answers, if the claimant or the side is
    the same; one that answers no claim takes back what its claimant said before on the same incident of the
    same side's loss.
    """
    taking = claims["stance"].astype("string") == "retracts"
    disputes = claims["disputes"].astype("object").where(claims["disputes"].notna(), "")
    taking &= disputes.isin(LOSS_OR_COUNT)
    rows = np.flatnonzero(taking.fillna(False).to_numpy(dtype=bool)).tolist()
    if not rows:
        return {}
    names = ("responds_to", "claimant_id", "claimant_bloc", "stance", "domain", "lost_by_bloc")
    answers, who, side, stance, domain, loser = (
        [v if isinstance(v, str) else "" for v in claims[name].astype("object")] for name in names
    )
    on: dict[int, list[int]] = defaultdict(list)
    for i, incident in enumerate(linked.tolist()):
        if incident >= 0:
            on[incident].append(i)
    found: dict[int, int] = {}
    for r in rows:
        if answers[r]:
            target = at.get(answers[r], -1)
            same = who[r] == who[target] != "" or (side[r] == side[target] and side[r] not in ("", *NO_SIDE))
            if target >= 0 and stance[target] == "asserts" and same:
                found.setdefault(target, r)
        elif who[r] and linked[r] >= 0:
            for c in on[int(linked[r])]:
                alike = who[c] == who[r] and domain[c] == domain[r] and loser[c] == loser[r]
                meets = item[c] < 0 or item[r] < 0 or item[c] == item[r]
                later = day[c] != _NO_DAY and day[r] != _NO_DAY and day[c] > day[r]
                if stance[c] == "asserts" and alike and meets and not later:
                    found.setdefault(c, r)
    return found


def _alike(columns: Sequence[Ints | Floats], parent: Ints, eligible: Bools) -> Ints:
    """For each row the first that says the same under the same whole; itself where there is none before it."""
    n = len(parent)
    first = np.arange(n, dtype=np.int64)
    rows = np.flatnonzero(eligible)
    codes = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        values, inverse = np.unique(column[rows], return_inverse=True)
        _, codes, sizes = np.unique(codes * max(len(values), 1) + inverse, return_inverse=True, return_counts=True)
        many = sizes[codes] > 1
        rows, codes = rows[many], codes[many]
    if not len(rows):
        return first
    whole, pending = parent.copy(), parent[rows] >= 0
    top = rows[~pending]
    first[top] = top[_first_of(codes[~pending], top)]
    # parts after their wholes, so that the parts of two wholes that say the same come under one
    while pending.any():
        before = np.zeros(n, dtype=bool)
        before[rows[pending]] = True
        ready = pending & ~before[np.where(whole[rows] >= 0, whole[rows], rows)]
        if not ready.any():
            break
        here = rows[ready]
        first[here] = here[_first_of(_combine(codes[ready], first[whole[here]]), here)]
        pending &= ~ready
    return first


# -- rules 1 to 3


@dataclass(frozen=True)
class _Units:
    """Figures after rule 2, as rule 4 sees them."""

    choice: Ints
    """Cell times ``_CHOICES`` plus voice, or plus ``_AGREED``."""
    start: Ints
    end: Ints
    low: Ints
    high: Floats
    window: Bools
    row: Ints
    """First claim of the figure, by which it is named."""

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class _Entries:
    """One element per claim and cell."""

    row: Ints
    cell: Ints
    proper: Bools
    """The claim is of the cell; else it only bounds its figures."""
    status: Ints
    other: Ints
    adds: Ints
    """What the row adds to its figure."""
    unit: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True)
class _Case:
    """Everything that does not depend on the period asked for."""

    words: list[str]
    ids: list[str]
    rows: _Rows
    cells: pd.DataFrame
    cell_ids: list[str]
    entries: _Entries
    units: _Units
    documented: pd.DataFrame
    tables: Tables


def _levels(parent: Ints) -> tuple[Ints, Ints]:
    """Depth and root of every row of a forest."""
    depth, root = np.zeros(len(parent), dtype=np.int64), np.arange(len(parent), dtype=np.int64)
    above = parent.copy()
    while (above >= 0).any():
        on = above >= 0
        depth += on
        root = np.where(on, above, root)
        above = np.where(on, parent[above], -1)
    return depth, root


def _once(key: Ints, item: Ints, value: Ints, row: Ints) -> Ints:
    """For rows with an object, the row of the same key that stands for it: the largest; itself without one."""
    stands = np.arange(len(key), dtype=np.int64)
    has = np.flatnonzero(item >= 0)
    if len(has):
        stands[has] = has[_first_of(_combine(key[has], item[has]), -value[has], row[has])]
    return stands


def _figures(rows: _Rows, row: Ints, cell: Ints, proper: Bools) -> tuple[_Entries, _Units]:
    """Rules 1 to 3 in every cell at once.

    Parameters
    ----------
    rows : _Rows
    row, cell : ndarray of int64, shape (n,)
        Claims and cells of the entries, sorted by row, then cell.
    proper : ndarray of bool, shape (n,)
    """
    n = len(row)
    n_cells = int(cell.max()) + 1 if n else 1
    status, other = rows.status[row], rows.other[row]
    status[(status == _LIVE) & ~proper] = _JOINT
    start, end = rows.start[row], rows.end[row]
    adds, unit = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    at = np.flatnonzero(status == _LIVE)
    claim, where = row[at], cell[at]
    low, high = rows.low[claim].copy(), rows.high[claim].copy()
    voice, item = rows.voice[claim], rows.item[claim]

    # rule 1: the nearest whole further up that stands in the cell
    key = claim * n_cells + where
    parent, above = np.full(len(at), -1, dtype=np.int64), rows.parent[claim].copy()
    while (above >= 0).any():
        asked = np.flatnonzero(above >= 0)
        wanted = above[asked] * n_cells + where[asked]
        place = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
        hit = (key[place] == wanted) & (voice[place] == voice[asked])
        parent[asked[hit]] = place[hit]
        above[asked] = np.where(hit, -1, rows.parent[above[asked]])
    depth, root = _levels(parent)
    parts, parts_high = np.zeros(len(at), dtype=np.int64), np.zeros(len(at))
    double = np.full(len(at), -1, dtype=np.int64)
    value, value_high = low.copy(), high.copy()
    for level in range(int(depth.max()) if len(at) else 0, 0, -1):
        here = np.flatnonzero(depth == level)
        opened = parts[here] > low[here]
        value[here] = np.where(opened, parts[here], low[here])
        value_high[here] = np.where(opened, parts_high[here], high[here])
        stands = here[_once(parent[here], item[here], value[here], claim[here])]
        double[here] = np.where(stands == here, -1, stands)
        kept = here[stands == here]
        np.add.at(parts, parent[kept], value[kept])
        np.add.at(parts_high, parent[kept], value_high[kept])
    opened = parts > low
    value = np.where(opened, parts, low)
    value_high = np.where(opened, parts_high, high)
    live = parent < 0
    for level in range(1, int(depth.max()) + 1 if len(at) else 1):
        here = np.flatnonzero(depth == level)
        live[here] = live[parent[here]] & opened[parent[here]] & (double[here] < 0)
    figure_start, figure_end = start[at].copy(), end[at].copy()
    np.minimum.at(figure_start, root, start[at])
    np.maximum.at(figure_end, root, end[at])
    astray = np.zeros(len(at), dtype=bool)
    np.logical_or.at(astray, root, rows.incident[claim] != rows.incident[claim[root]])
    start[at], end[at] = figure_start[root], figure_end[root]

    # rule 2: of each claimant on each incident the latest statement
    top = np.flatnonzero(parent < 0)
    incident = np.where(astray[top], -1, rows.incident[claim[top]])
    fate, cause = np.full(len(at), _LIVE, dtype=np.int64), np.full(len(at), -1, dtype=np.int64)
    figure_unit = np.full(len(at), -1, dtype=np.int64)
    on = top[incident >= 0]
    choice = where * _CHOICES + voice
    account = _combine(choice[on], rows.incident[claim[on]], rows.claimant[claim[on]])
    latest = on[_first_of(account, -rows.day[claim[on]].clip(-(2**62)), claim[on])]
    late = rows.day[claim[on]] < rows.day[claim[latest]]
    fate[on[late]], cause[on[late]] = _LATER, claim[latest[late]]
    on, account = on[~late], account[~late]
    stands = on[_once(account, item[on], value[on], claim[on])]
    same = stands != on
    fate[on[same]], cause[on[same]] = _ITEM, claim[stands[same]]
    on, account = on[~same], account[~same]
    size = int(account.max()) + 1 if len(on) else 0
    sums, sums_high = np.zeros(size, dtype=np.int64), np.zeros(size)
    np.add.at(sums, account, value[on])
    np.add.at(sums_high, account, value_high[on])
    # the incident's figure: the lowest account
    event = _combine(choice[on], rows.incident[claim[on]])
    chosen = _first_of(event, sums[account], sums_high[account], claim[on])
    lost = account != account[chosen]
    fate[on[lost]], cause[on[lost]] = _HIGHER, claim[on[chosen[lost]]]
    names, number = np.unique(chosen[~lost], return_inverse=True)
    figure_unit[on[~lost]] = number
    heads = on[names]
    # rule 3: everything else is a window
    loose = top[incident < 0]
    figure_unit[loose] = len(heads) + np.arange(len(loose))
    named = np.concatenate([heads, loose])
    length = figure_end[named] - figure_start[named] + 1
    units = _Units(
        choice[named], figure_start[named], figure_end[named],
        np.concatenate([sums[account[names]], value[loose]]),
        np.concatenate([sums_high[account[names]], value_high[loose]]),
        (np.arange(len(named)) >= len(heads)) | (length > LONGEST), claim[named],
    )  # fmt: skip

    units = _with_agreed(units, rows.incident[claim[heads]])
    became, because = fate[root], cause[root]
    inner = ~live | opened
    became = np.where(inner, np.where(double >= 0, _ITEM, np.where(live, _WHOLE, _PART)), became)
    upper = np.where(double >= 0, double, parent)
    because = np.where(inner, np.where(live, -1, np.where(upper >= 0, claim[upper], -1)), because)
    counts = live & ~opened
    status[at] = np.where((became == _LIVE) & (low == 0), _ZERO, became)
    other[at] = because
    adds[at] = np.where(counts & (became == _LIVE), low, 0)
    unit[at] = np.where(counts, figure_unit[root], -1)
    # a row that says the same as another stands where that one stands
    again = np.flatnonzero(status == _ALIKE)
    if len(again):
        place = np.searchsorted(row * n_cells + cell, other[again] * n_cells + cell[again])
        start[again], end[again] = start[place], end[place]
    return _Entries(row, cell, proper, status, other, adds, unit, start, end), units


def _with_agreed(units: _Units, incident: Ints) -> _Units:
    """Units, and after them one for each incident of which opponents and the losing side both speak."""
    n = len(incident)
    cell, voice = units.choice[:n] // _CHOICES, units.choice[:n] % _CHOICES
    theirs, ours = np.flatnonzero(voice == VOICES.index("opponent")), np.flatnonzero(voice == VOICES.index("own"))
    both = _combine(np.concatenate([cell[theirs], cell[ours]]), np.concatenate([incident[theirs], incident[ours]]))
    _, a, b = np.intersect1d(both[: len(theirs)], both[len(theirs) :], return_indices=True)
    a, b = theirs[a], ours[b]
    joined = (
        (units.choice, cell[a] * _CHOICES + _AGREED),
        (units.start, units.start[a]),
        (units.end, units.end[a]),
        (units.low, np.minimum(units.low[a], units.low[b])),
        (units.high, np.minimum(units.high[a], units.high[b])),
        (units.window, units.window[a]),
        (units.row, units.row[a]),
    )
    return _Units(*(np.concatenate(pair) for pair in joined))


# -- rule 4


def choose(group: Ints, start: Ints, end: Ints, low: Ints, window: Bools, rank: Ints) -> Bools:
    """Set without conflict that weighs most, in each group by itself.

    Two figures are in conflict when a day is in both and one of them, or both, is a window.

    Parameters
    ----------
    group : ndarray of int64, shape (n,)
        Groups from 0; a figure of a negative group is not chosen.
    start, end : ndarray of int64, shape (n,)
        First and last days, both included.
    low : ndarray of int64, shape (n,)
        Weights in items or people; a figure without weight is not chosen.
    window : ndarray of bool, shape (n,)
        Figures that are windows; the others span two days at most.
    rank : ndarray of int64, shape (n,)
        Order among figures alike in group, days and weight; the first is chosen.

    Returns
    -------
    ndarray of bool, shape (n,)
        The chosen figures. Of sets that weigh the same, one with shorter or earlier windows; the order of the
        figures does not matter.

    Raises
    ------
    ValueError
        If a figure that is no window spans more than two days.

    Notes
    -----
    Dynamic programming over days: the most that can stand up to a day is known for a day that no chosen window
    covers and for the last day of a chosen window. Each window and each day with an incident is looked at once,
    after sorting. That the incidents of a gap are those wholly contained in it makes the result exact.
    """
    if bool((~window & (end - start + 1 > LONGEST)).any()):
        raise ValueError(f"a figure that is no window spans at most {LONGEST} days")
    usable = (group >= 0) & (low > 0)
    chosen = usable & ~window
    at = np.flatnonzero(usable & window)
    if not len(at):
        return chosen
    # of windows over the same days only the heaviest can be chosen
    at = at[np.lexsort((rank[at], -low[at], -start[at], end[at], group[at]))]
    differs = (np.diff(group[at]) != 0) | (np.diff(start[at]) != 0) | (np.diff(end[at]) != 0)
    at = at[np.r_[True, differs]]
    events = np.flatnonzero(chosen & np.isin(group, group[at]))
    events = events[np.lexsort((start[events], end[events], group[events]))]
    groups = np.unique(group[at])
    cuts = [*np.searchsorted(group[at], groups).tolist(), len(at)]
    breaks = [*np.searchsorted(group[events], groups).tolist(), len(events)]
    w_start, w_end, w_low = start[at].tolist(), end[at].tolist(), low[at].tolist()
    e_start, e_end, e_low = start[events].tolist(), end[events].tolist(), low[events].tolist()
    picked: list[int] = []
    for i in range(len(groups)):
        a, b, c, d = cuts[i], cuts[i + 1], breaks[i], breaks[i + 1]
        picked.extend(
            a + k for k in _heaviest(w_start[a:b], w_end[a:b], w_low[a:b], e_start[c:d], e_end[c:d], e_low[c:d])
        )
    taken = at[picked]
    chosen[taken] = True
    if not len(taken):
        return chosen
    # incidents that touch a chosen window give way
    taken = taken[np.lexsort((start[taken], group[taken]))]
    base = int(min(start[at].min(), start[events].min() if len(events) else start[at].min())) - 1
    width = int(max(end[at].max(), end[events].max() if len(events) else end[at].max())) - base + 2
    before = (
        np.searchsorted(group[taken] * width + start[taken] - base, group[events] * width + end[events] - base, "right")
        - 1
    )
    near = np.maximum(before, 0)
    touched = (before >= 0) & (group[taken[near]] == group[events]) & (end[taken[near]] >= start[events])
    chosen[events[touched]] = False
    return chosen


def _heaviest(
    w_start: list[int], w_end: list[int], w_low: list[int], e_start: list[int], e_end: list[int], e_low: list[int]
) -> list[int]:
    """Windows of the heaviest set; windows sorted by end, then from the shortest."""
    one: dict[int, int] = defaultdict(int)
    two: dict[int, int] = defaultdict(int)
    marks = set(w_end)
    marks.update(s - 1 for s in w_start)
    for s, e, low in zip(e_start, e_end, e_low, strict=True):
        marks.add(s)
        marks.add(e)
        if s == e:
            one[s] += low
        else:
            two[s] += low
    days = sorted(marks)
    index = {day: i for i, day in enumerate(days)}
    never = -1
    gap = [0] * len(days)
    """Most with the day in no window."""
    closed = [never] * len(days)
    """Most with a window ending on the day."""
    last = [-1] * len(days)
    k = 0
    for i, day in enumerate(days):
        if i:
            before, ended = gap[i - 1], closed[i - 1]
            if days[i - 1] == day - 1:
                before += two.get(day - 1, 0)
            gap[i] = before if before >= ended else ended
        gap[i] += one.get(day, 0)
        while k < len(w_end) and w_end[k] == day:
            j = index[w_start[k] - 1]
            total = w_low[k] + (gap[j] if gap[j] >= closed[j] else closed[j])
            if total > closed[i]:
                closed[i], last[i] = total, k
            k += 1
    picked = []
    i = len(days) - 1
    in_gap = gap[i] >= closed[i]
    while i >= 0:
        if not in_gap:
            picked.append(last[i])
            i = index[w_start[last[i]] - 1]
            in_gap = gap[i] >= closed[i]
            continue
        if not i:
            break
        before = gap[i - 1] + (two.get(days[i] - 1, 0) if days[i - 1] == days[i] - 1 else 0)
        in_gap = before >= closed[i - 1]
        i -= 1
    return picked


# -- cells


def _case(
    tables: Tables,
    lost_by_bloc: Words = None,
    claimant_bloc: Words = None,
    equipment_class: Words = None,
    personnel_category: Words = None,
    outcome_group: Words = None,
) -> _Case:
    """Cells that are asked for, with their entries and figures."""
    import pandas as pd

    asked = {
        "lost_by_bloc": _accepted(tables, "lost_by_bloc", "bloc", lost_by_bloc),
        "claimant_bloc": _accepted(tables, "claimant_bloc", "bloc", claimant_bloc),
        "equipment_class": _accepted(tables, "equipment_class", "equipment_class", equipment_class, ALL),
        "personnel_category": _accepted(tables, "personnel_category", "personnel_category", personnel_category, ALL),
        "outcome_group": _accepted(tables, "outcome_group", "outcome_group", outcome_group),
    }
    reader = _Reader(tables, _Book(), _Book())
    words = reader.words
    dates = reader.dates()
    rows = reader.rows(dates, asked["claimant_bloc"])
    documented = reader.documented(dates)
    everything, joint = words.number(ALL), words.number(CONSTRAINT)
    mixed = words.number(NO_SIDE[1])
    index = np.arange(len(rows.claim_id), dtype=np.int64)

    # each claim stands in the cell of its class or category, in that of all, and by the side accused
    key = ["collection", "domain", "bloc", "kind", "accused", "group"]
    parts = []
    for kind in (rows.kind, np.full_like(rows.kind, everything)):
        for accused in (np.full_like(rows.accused, -1), rows.accused):
            values = (rows.collection, rows.domain, rows.bloc, kind, accused, rows.group)
            frame = pd.DataFrame(dict(zip(key, values, strict=True)))
            frame["row"] = index
            keep = (frame["accused"] >= 0) | (accused is not rows.accused)
            parts.append(frame[keep & (frame["kind"] >= 0) & (frame["bloc"] >= 0)])
    places = pd.concat(parts, ignore_index=True)
    bounds = (places["group"] == joint) | (places["bloc"] == mixed)
    proper = places[~bounds]
    proper = proper[_within(proper, asked, words)]
    documented = documented.assign(accused=-1)
    documented = documented[_within(documented, asked, words)]
    cells = pd.concat([proper[key], documented[key]], ignore_index=True).drop_duplicates(ignore_index=True)
    texts = list(words)
    names = [_cell_id(tables, texts, cell) for cell in cells.itertuples(index=False, name=None)]
    order = sorted(range(len(names)), key=names.__getitem__)
    cells = cells.iloc[order].reset_index(drop=True)
    names = [names[i] for i in order]
    cells["cell"] = np.arange(len(cells))
    documented = documented.merge(cells, on=key, how="left")

    # what only bounds stands beside the figures that it may bound: of every outcome, of every side
    beside = []
    for joins, sides in ((True, False), (False, True), (True, True)):
        some = places[((places["group"] == joint) == joins) & ((places["bloc"] == mixed) == sides)]
        shared = [c for c in key if not (c == "group" and joins) and not (c == "bloc" and sides)]
        targets = cells[~cells["bloc"].isin(reader.no_side())] if sides else cells
        beside.append(some[[*shared, "row"]].merge(targets[[*shared, "cell"]], on=shared)[["row", "cell"]])
    inside = proper.merge(cells, on=key, how="left")[["row", "cell"]].assign(proper=True)
    entries = pd.concat([inside, *(b.assign(proper=False) for b in beside)], ignore_index=True)
    entries = entries.sort_values(["row", "cell"], kind="stable")
    made, units = _figures(
        rows,
        entries["row"].to_numpy(dtype=np.int64),
        entries["cell"].to_numpy(dtype=np.int64),
        entries["proper"].to_numpy(dtype=bool),
    )
    return _Case(texts, list(reader.ids), rows, cells, names, made, units, documented, tables)


def _cell_id(tables: Tables, words: Sequence[str], cell: Sequence[int]) -> str:
    collection, _, bloc, kind, accused, group = cell
    name = f"{words[bloc]}/{words[kind]}/{words[group]}"
    if accused >= 0:
        name += f"/by-{words[accused]}"
    # one war needs no name in front; of several, each keeps its own cells
    return name if len(tables["collections"]) == 1 else f"{words[collection]}/{name}"


def _accepted(tables: Tables, argument: str, vocabulary: str, given: Words, *more: str) -> list[str] | None:
    """Words of a filter, checked against the terms."""
    if given is None:
        return None
    terms = tables["terms"]
    known = list(dict.fromkeys(terms.loc[terms["vocabulary"].astype("string") == vocabulary, "term"].astype("string")))
    accepted = [*known, *(m for m in more if m not in known)]
    wanted = [given] if isinstance(given, str) else list(given)
    for word in wanted:
        if word not in accepted:
            raise ValueError(f"no {argument} {word!r}; one of {', '.join(accepted)}")
    return wanted


def _within(places: pd.DataFrame, asked: Mapping[str, list[str] | None], words: _Book) -> pd.Series[bool]:
    """Which of some cells are asked for."""
    import pandas as pd

    keep = pd.Series(True, index=places.index)
    for name, column in (("lost_by_bloc", "bloc"), ("outcome_group", "group")):
        wanted = asked[name]
        if wanted is not None:
            keep &= places[column].isin([words[w] for w in wanted if w in words])
    kinds = {"equipment": asked["equipment_class"], "personnel": asked["personnel_category"]}
    if any(wanted is not None for wanted in kinds.values()):
        of_kind = pd.Series(False, index=places.index)
        for domain, wanted in kinds.items():
            codes = [words[w] for w in wanted or () if w in words]
            of_kind |= (places["domain"] == words.get(domain, -1)) & places["kind"].isin(codes)
        keep &= of_kind
    return keep


# -- periods and frames


@dataclass(frozen=True)
class _Periods:
    """The periods of a question, by number."""

    names: list[str]
    of: Callable[[Ints, Ints], Ints]
    """Period that wholly contains some days, by first and last day; -1 where none does."""
    touches: Callable[[Ints, Ints], Bools] | None = None
    """Whether some days touch the period asked for; without it, nothing lies outside."""


def _whole() -> _Periods:
    return _Periods([CAMPAIGN], lambda start, end: np.zeros(len(start), dtype=np.int64))


def _months(case: _Case) -> _Periods:
    def month(days: Ints) -> Ints:
        return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)

    days = np.concatenate([case.entries.start, case.entries.end, case.documented["start"], case.documented["end"]])
    first, last = (int(month(days).min()), int(month(days).max())) if len(days) else (0, 0)
    names = [str(np.datetime64(m, "M")) for m in range(first, last + 1)]
    return _Periods(names, lambda start, end: np.where(month(start) == month(end), month(start) - first, -1))


def _day(name: str, value: Day) -> int | None:
    if value is None:
        return None
    day: dt.date
    if isinstance(value, dt.datetime):
        day = value.date()
    elif isinstance(value, dt.date):
        day = value
    else:
        try:
            day = dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValueError(f"{name} is a day such as 2020-06-01, not {value!r}") from None
    return (day - dt.date(1970, 1, 1)).days


def _asked_period(start: Day, end: Day) -> _Periods:
    first, last = _day("start", start), _day("end", end)
    if first is None and last is None:
        return _whole()
    if first is not None and last is not None and first > last:
        raise ValueError(f"start {start} lies after end {end}; a start up to the end")
    shown = [".." if d is None else str(np.datetime64(d, "D")) for d in (first, last)]
    name = "/".join(shown)
    if first is not None and last is not None:
        month = np.datetime64(first, "D").astype("datetime64[M]")
        days = (month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - 1)
        if shown == [str(d) for d in days]:
            name = str(month)
    a = _NO_DAY if first is None else first
    b = np.iinfo(np.int64).max if last is None else last
    return _Periods(
        [name],
        lambda s, e: np.where((s >= a) & (e <= b), 0, -1).astype(np.int64),
        lambda s, e: (e >= a) & (s <= b),
    )


@dataclass(frozen=True)
class _Result:
    """What was chosen in each cell and period."""

    case: _Case
    periods: _Periods
    entry_period: Ints
    unit_group: Ints
    """Choice times the number of periods plus period; -1 outside."""
    chosen: Bools
    counted: Bools
    """Entries that add to a total."""
    present: Bools
    """Shape (cells, periods): what holds a row."""


def _solve(case: _Case, periods: _Periods) -> _Result:
    e, u, n = case.entries, case.units, len(periods.names)
    entry_period, unit_period = periods.of(e.start, e.end), periods.of(u.start, u.end)
    group = np.where(unit_period >= 0, u.choice * n + unit_period, -1)
    chosen = choose(group, u.start, u.end, u.low, u.window, u.row)
    counted = (e.unit >= 0) & (e.status == _LIVE)
    counted[counted] = chosen[e.unit[counted]]
    present = np.zeros((len(case.cells), n), dtype=bool)
    holds = e.proper & (entry_period >= 0)
    present[e.cell[holds], entry_period[holds]] = True
    shown = case.documented
    period = periods.of(shown["start"].to_numpy(dtype=np.int64), shown["end"].to_numpy(dtype=np.int64))
    present[shown["cell"].to_numpy(dtype=np.int64)[period >= 0], period[period >= 0]] = True
    return _Result(case, periods, entry_period, group, chosen, counted, present)


def _totals(result: _Result, month: bool = False, bounds: bool = False) -> pd.DataFrame:
    """Frame of the ledger, one row per cell and period that holds a row."""
    import pandas as pd

    case, n = result.case, len(result.periods.names)
    e, u, rows = case.entries, case.units, case.rows
    size = len(case.cells) * n

    def summed(slot: Ints, values: Ints) -> Ints:
        out = np.zeros(size, dtype=np.int64)
        np.add.at(out, slot, values)
        return out

    choice, at = u.choice % _CHOICES, np.flatnonzero(result.chosen)
    slot = (u.choice // _CHOICES) * n + result.unit_group % n
    lows = [summed(slot[at[choice[at] == v]], u.low[at[choice[at] == v]]) for v in range(_CHOICES)]
    made: dict[str, Any] = {}
    for v, voice in enumerate(VOICES):
        made[f"{voice}_low"] = lows[v]
        if bounds:
            mine = at[choice[at] == v]
            high = np.zeros(size)
            np.add.at(high, slot[mine], u.high[mine])
            # figures that add nothing say nothing of the most that it can have been
            quiet = np.zeros(size, dtype=bool)
            quiet[slot[(choice == v) & (result.unit_group >= 0)]] = True
            high[quiet & (lows[v] == 0)] = np.inf
            made[f"{voice}_high"] = pd.array([None if np.isinf(h) else int(h) for h in high.tolist()], dtype="Int64")
    shown = case.documented
    period = result.periods.of(shown["start"].to_numpy(dtype=np.int64), shown["end"].to_numpy(dtype=np.int64))
    on = period >= 0
    made["documented_low"] = summed(
        (shown["cell"].to_numpy(dtype=np.int64) * n + period)[on], shown["n"].to_numpy(dtype=np.int64)[on]
    )
    made["agreed_low"] = np.maximum(lows[_AGREED], made["documented_low"])
    held = result.entry_period >= 0
    entry_slot = e.cell * n + result.entry_period
    wrong = held & e.proper & rows.wrong[e.row] & (rows.linked[e.row] >= 0)
    # every object once; an incident without objects once
    lost = pd.DataFrame({"slot": entry_slot[wrong], "on": rows.linked[e.row[wrong]], "item": rows.item[e.row[wrong]]})
    objects = lost.assign(item=lost["item"].where(lost["item"] >= 0)).groupby(["slot", "on"])["item"].nunique()
    each = objects.clip(lower=1).groupby("slot").sum()
    made["contradicted"] = summed(each.index.to_numpy(dtype=np.int64), np.asarray(each, dtype=np.int64))
    naive = held & e.proper & rows.asserts[e.row]
    made["naive_sum"] = summed(entry_slot[naive], rows.low[e.row[naive]])
    made["n_used"] = summed(
        entry_slot[result.counted & held], np.ones(int((result.counted & held).sum()), dtype=np.int64)
    )
    left = held & ~result.counted
    made["n_left_out"] = summed(entry_slot[left], np.ones(int(left.sum()), dtype=np.int64))

    keep = np.flatnonzero(result.present.ravel())
    cells = case.cells.iloc[keep // n]
    frame: dict[str, Any] = {"cell_id": _text([case.cell_ids[i] for i in (keep // n).tolist()])}
    if month:
        frame["month"] = _text([result.periods.names[i] for i in (keep % n).tolist()])
    texts = np.array([*case.words, None], dtype="object")
    equipment = case.words.index("equipment") if "equipment" in case.words else -1
    things = (cells["domain"] == equipment).to_numpy(dtype=bool)
    columns = {
        "collection_id": (None, cells["collection"]),
        "domain": ("domain", cells["domain"]),
        "lost_by_bloc": ("bloc", cells["bloc"]),
        "equipment_class": ("equipment_class", cells["kind"].where(things, -1)),
        "personnel_category": ("personnel_category", cells["kind"].where(~things, -1)),
        "accused_bloc": ("bloc", cells["accused"]),
        "outcome_group": ("outcome_group", cells["group"]),
    }
    for name, (vocabulary, codes) in columns.items():
        values = texts[codes.to_numpy(dtype=np.int64)].tolist()
        more = (ALL,) if name in ("equipment_class", "personnel_category") else ()
        frame[name] = _word(values, case.tables, vocabulary, *more) if vocabulary else _text(values)
    for name, total in made.items():
        frame[name] = pd.Series(total[keep], dtype="Int64")
    return pd.DataFrame(frame)


def _text(values: Iterable[str | None]) -> pd.Series[str]:
    import pandas as pd

    return pd.Series(list(values), dtype="string")


def _word(values: list[str | None], tables: Tables, vocabulary: str, *more: str) -> pd.Series[Any]:
    """Controlled words as the published tables have them: all words of the vocabulary as categories."""
    import pandas as pd

    terms = tables["terms"]
    known = (
        terms.loc[terms["vocabulary"].astype("string") == vocabulary, "term"].astype("string").astype("object").tolist()
    )
    known = list(dict.fromkeys([*known, *more]))
    if not set(values) - {None} <= set(known):
        return _text(values)
    return pd.Series(values, dtype="object").astype(pd.CategoricalDtype(known))


def _overlaps(result: _Result) -> dict[int, str]:
    """For each figure with weight that was not chosen, the chosen ones that it touches, in words."""
    u, rows = result.case.units, result.case.rows
    asked = np.flatnonzero((result.unit_group >= 0) & ~result.chosen & (u.low > 0))
    if not len(asked):
        return {}
    at = np.flatnonzero(result.chosen)
    at = at[np.lexsort((u.row[at], u.end[at], u.start[at], result.unit_group[at]))]
    base = int(u.start.min()) - 1
    width = int(u.end.max()) - base + 2
    # chosen figures do not overlap but for incidents of two days at most, so both their ends are in order
    slot = result.unit_group * width - base
    first = np.searchsorted(slot[at] + u.end[at], slot[asked] + u.start[asked], "left")
    after = np.searchsorted(slot[at] + u.start[at], slot[asked] + u.end[asked], "right")
    weight = np.concatenate([[0], np.cumsum(u.low[at])])
    more = weight[after] - weight[first] > u.low[asked]
    found = {}
    for unit, a, b, heavier in zip(asked.tolist(), first.tolist(), after.tolist(), more.tolist(), strict=True):
        names = [rows.claim_id[r] for r in u.row[at[a : min(b, a + 3)]].tolist()]
        extra = f" and {b - a - 3} more" if b - a > 3 else ""
        verb = "weighs" if b - a == 1 else "together weigh"
        found[unit] = f"left out: overlaps {', '.join(names)}{extra}, which {verb} {'more' if heavier else 'as much'}"
    return found


def _explained(result: _Result) -> pd.DataFrame:
    """Frame of the lines, one row per cell, period and claim."""
    import pandas as pd

    case, periods, n = result.case, result.periods, len(result.periods.names)
    e, u, rows = case.entries, case.units, case.rows
    listed = (result.entry_period >= 0) & result.present[e.cell, np.maximum(result.entry_period, 0)]
    outside = np.zeros(len(e.row), dtype=bool)
    if periods.touches is not None:
        outside = (result.entry_period < 0) & periods.touches(e.start, e.end)
        # cells that hold nothing in the period still show what reaches beyond it
        listed |= outside | (result.entry_period >= 0)
    at = np.flatnonzero(listed)
    period = np.maximum(result.entry_period[at], 0)
    at = at[np.lexsort((e.row[at], period, e.cell[at]))]
    period = np.maximum(result.entry_period[at], 0)
    row, unit = e.row[at], e.unit[at]
    overlaps = _overlaps(result)
    windows = u.window.tolist()
    claim_id, frame = rows.claim_id, rows.frame
    incident_id = [case.ids[i] if i >= 0 else "" for i in rows.linked.tolist()]
    stance = frame["stance"].astype("object").tolist()
    outcome = frame["outcome"].astype("object").tolist()

    def line(r: int, k: int, status: int, other: int, counted: bool, out: bool) -> tuple[str, str]:
        who = claim_id[other] if other >= 0 else ""
        if out:
            return "outside", "left out: reaches beyond the period asked for"
        if counted:
            return "counted", "used: nothing that overlaps it weighs more" if windows[
                k
            ] else f"used: lowest account of {incident_id[r]}"
        if status == _LIVE:
            return "repeat", overlaps[k]
        role = _ROLES[status]
        if status == _PART:
            return role, f"left out: part of {who}, which stands in the cell"
        if status == _WHOLE:
            return role, "left out: its parts, which stand in the cell, add up to more"
        if status == _ITEM:
            return role, f"left out: the same object as in {who}, and lost once"
        if status == _LATER:
            return role, f"left out: {who} is a later statement of the same claimant on {incident_id[r]}"
        if status == _HIGHER:
            return role, f"left out: the account of {who} on {incident_id[r]} is no higher"
        if status == _ALIKE:
            return role, f"left out: says the same as {who}"
        if status == _TAKEN_BACK:
            return role, f"left out: taken back in {who}"
        if status == _NO_NUMBER:
            return role, "left out: no number under this convention"
        if status == _ZERO:
            return role, "left out: its low is zero"
        if status == _JOINT:
            return role, f"left out: {outcome[r]} is joint, unspecified or weightless"
        if status == _MIXED:
            return role, "left out: a figure for several sides"
        return role, "left out: a retraction" if stance[r] == "retracts" else "left out: a denial"

    said = [
        line(*given)
        for given in zip(
            row.tolist(), unit.tolist(), e.status[at].tolist(), e.other[at].tolist(), result.counted[at].tolist(),
            outside[at].tolist(), strict=True,
        )
    ]  # fmt: skip
    made = {
        "cell_id": _text([case.cell_ids[i] for i in e.cell[at].tolist()]),
        "period": _text([periods.names[i] for i in period.tolist()]) if n else _text([]),
        "claim_id": _text([claim_id[i] for i in row.tolist()]),
        "voice": _word([VOICES[v] for v in rows.voice[row].tolist()], case.tables, "voice"),
        "ledger_role": _word([role for role, _ in said], case.tables, "ledger_role"),
        "incident_id": _text([incident_id[i] or None for i in row.tolist()]),
        "count_low": frame["count_low"].astype("Int64").iloc[row].reset_index(drop=True),
        "count_high": frame["count_high"].astype("Int64").iloc[row].reset_index(drop=True),
        "counted": pd.Series(np.where(result.counted[at] & ~outside[at], e.adds[at], 0), dtype="Int64"),
        "date_start": pd.Series(e.start[at].astype("datetime64[D]").astype("datetime64[s]")),
        "date_end": pd.Series(e.end[at].astype("datetime64[D]").astype("datetime64[s]")),
        "reason": _text([reason for _, reason in said]),
    }
    return pd.DataFrame(made, columns=pd.Index(LINES))


# -- what others call


def ledger(
    tables: Tables,
    *,
    lost_by_bloc: Words = None,
    claimant_bloc: Words = None,
    equipment_class: Words = None,
    personnel_category: Words = None,
    outcome_group: Words = None,
    start: Day = None,
    end: Day = None,
    bounds: bool = False,
) -> pd.DataFrame:
    """Totals that count nothing twice.

    Parameters
    ----------
    tables : Mapping
        The published tables claims, incidents, items, evidence, terms, collections, actors, blocs and outlets. A
        claim without ``count_low`` is left out: the convention gives it no number.
    lost_by_bloc, equipment_class, personnel_category, outcome_group : str or sequence of str, optional
        Cells to give: each word its own, ``all`` among classes and categories. A class alone gives no cells
        of people, a category alone none of equipment.
    claimant_bloc : str or sequence of str, optional
        Only claims of these sides, before any rule is applied. What evidence documents stays.
    start, end : str or date, optional
        Only figures wholly contained count, both days included; without one, that end is open.
    bounds : bool
        Also the highs of the chosen figures, each after its low. Missing where one is open, or where the only
        figures are zero; zero where there are no figures.

    Returns
    -------
    DataFrame
        The columns of the table ``ledger``, one row per cell that holds a claim or something documented, sorted by
        cell. Ids are string, controlled words category, totals Int64 in items or people.

    Raises
    ------
    ValueError
        If a word or day does not exist; the message says what would be accepted.

    Notes
    -----
    ``agreed_low`` chooses among incidents of which both sides speak by the same rule as the other totals, so
    that it is above neither side's total unless evidence documents more. ``documented_low`` of ``all`` categories
    adds up only what one document records of an incident, and of several documents takes the largest sum.
    """
    case = _case(tables, lost_by_bloc, claimant_bloc, equipment_class, personnel_category, outcome_group)
    return _totals(_solve(case, _asked_period(start, end)), bounds=bounds)


def ledger_monthly(tables: Tables) -> pd.DataFrame:
    """Totals by month; only what lies wholly in the month counts.

    Parameters
    ----------
    tables : Mapping
        As for ``ledger``.

    Returns
    -------
    DataFrame
        The columns of the table ``ledger_monthly``, one row per cell and month that holds a claim or something
        documented, sorted by cell and month. The months of a cell never add up to more than the campaign.
    """
    case = _case(tables)
    return _totals(_solve(case, _months(case)), month=True)


def ledger_lines(tables: Tables) -> pd.DataFrame:
    """Every figure used or left out in the campaign and by month, with the reason.

    Parameters
    ----------
    tables : Mapping
        As for ``ledger``.

    Returns
    -------
    DataFrame
        The columns of the table ``ledger_lines``, sorted by cell, period and claim. What is counted adds up to
        the totals of the four voices. A figure that reaches beyond a month is in the lines of the campaign only.
    """
    import pandas as pd

    case = _case(tables)
    parts = [_explained(_solve(case, periods)) for periods in (_months(case), _whole())]
    made = pd.concat(parts, ignore_index=True)
    place = {name: i for i, name in enumerate(case.cell_ids)}
    order = np.lexsort((np.arange(len(made)), made["cell_id"].map(place).to_numpy(dtype=np.int64)))
    return made.iloc[order].reset_index(drop=True)


def explain(
    tables: Tables,
    *,
    lost_by_bloc: Words = None,
    claimant_bloc: Words = None,
    equipment_class: Words = None,
    personnel_category: Words = None,
    outcome_group: Words = None,
    start: Day = None,
    end: Day = None,
) -> pd.DataFrame:
    """Every figure that ``ledger`` used or left out for the same question, with the reason.

    Parameters
    ----------
    tables, lost_by_bloc, claimant_bloc, equipment_class, personnel_category, outcome_group, start, end
        As for ``ledger``.

    Returns
    -------
    DataFrame
        The columns of the table ``ledger_lines``. ``period`` is campaign, a month, or the days asked for as
        ``2020-05-21/2020-05-24``, an open end being ``..``. Figures that touch the days asked for and reach
        beyond them have the role outside.

    Raises
    ------
    ValueError
        If a word or day does not exist; the message says what would be accepted.
    """
    case = _case(tables, lost_by_bloc, claimant_bloc, equipment_class, personnel_category, outcome_group)
    return _explained(_solve(case, _asked_period(start, end)))


def ledger_roles(tables: Tables) -> pd.Series[str]:
    """What the campaign's ledger does with each claim.

    Parameters
    ----------
    tables : Mapping
        As for ``ledger``.

    Returns
    -------
    Series of string
        Words of the vocabulary ``ledger_role``, by claim_id: the role in the cell of the claim's own class or
        category. A denial or retraction is a denial, and so is what was taken back; a figure that is joint,
        weightless, unquantified or for several sides is a constraint.
    """
    import pandas as pd

    case = _case(tables)
    result = _solve(case, _whole())
    e, rows = case.entries, case.rows
    role = np.array([_ROLES.get(s, "") for s in rows.status.tolist()], dtype="object")
    kind = case.cells["kind"].to_numpy(dtype=np.int64)
    split = case.cells["accused"].to_numpy(dtype=np.int64) >= 0
    own = np.flatnonzero(e.proper & (kind[e.cell] == rows.kind[e.row]) & ~split[e.cell])
    named = {**_ROLES, _LIVE: "repeat"}
    words = [
        "counted" if c else named[s] for s, c in zip(e.status[own].tolist(), result.counted[own].tolist(), strict=True)
    ]
    role[e.row[own]] = words
    return pd.Series(role.tolist(), index=pd.Index(rows.claim_id, dtype="string", name="claim_id"), dtype="string")
