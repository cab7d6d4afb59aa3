"""The ledger against a brute-force oracle, its properties, and an example worked by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lossclaims import ledgers

ROOT = Path(__file__).resolve().parents[1]
VOICES = ("opponent", "own", "third_party", "press")
FIRST, LAST = "2020-01-01", "2020-03-31"
ORIGIN = dt.date(2020, 1, 1)

Row = dict[str, Any]

TEXT = [
    "claim_id",
    "collection_id",
    "domain",
    "claimant_id",
    "claimant_bloc",
    "attribution",
    "stance",
    "disputes",
    "responds_to",
    "lost_by_id",
    "lost_by_bloc",
    "accused_id",
    "cause",
    "equipment_id",
    "equipment_class",
    "personnel_category",
    "subgroup",
    "outcome",
    "figure_kind",
    "part_of",
    "incident_id",
    "item_id",
    "place_id",
    "voice",
    "verdict",
]
DATES = ["date_start", "date_end", "said_on", "first_published"]


@lru_cache(maxsize=1)
def terms() -> pd.DataFrame:
    return pd.read_csv(ROOT / "datasets" / "vocabulary" / "terms.csv", dtype="string")


@lru_cache(maxsize=1)
def group_of() -> dict[str, str]:
    frame = terms()[terms()["vocabulary"] == "equipment_outcome"]
    return dict(zip(frame["term"], frame["outcome_group"], strict=True))


def frame(rows: list[Row], text: list[str], dates: Sequence[str] = (), counts: Sequence[str] = ()) -> pd.DataFrame:
    made: dict[str, Any] = {name: pd.Series([r.get(name) for r in rows], dtype="string") for name in text}
    for name in dates:
        made[name] = pd.to_datetime(pd.Series([r.get(name) for r in rows], dtype="object")).astype("datetime64[s]")
    for name in counts:
        made[name] = pd.Series([r.get(name) for r in rows], dtype="Int64")
    return pd.DataFrame(made)


def make(
    claims: list[Row],
    incidents: list[Row] | None = None,
    items: list[Row] | None = None,
    evidence: list[Row] | None = None,
    collections: list[Row] | None = None,
) -> dict[str, pd.DataFrame]:
    """Tables typed as the published ones."""
    base: Row = {
        "collection_id": "war",
        "domain": "equipment",
        "claimant_id": "lna",
        "attribution": "named",
        "stance": "asserts",
        "lost_by_id": "gna",
        "cause": "enemy_fire",
        "outcome": "destroyed",
        "figure_kind": "incident",
        "verdict": "open",
    }
    sides = {"turkey": "gna", "uae": "lna", "gna": "gna", "lna": "lna", "monitor": "none", "civilians": "none"}
    sides |= {"all_sides": "mixed", "lna_press": "lna"}
    rows = []
    for given_row in claims:
        row = base | given_row
        if row["domain"] == "equipment":
            row.setdefault("equipment_class", "uav")
            row.setdefault("equipment_id", row["equipment_class"])
        row.setdefault("claimant_bloc", sides.get(row["claimant_id"]) if row["claimant_id"] else None)
        row.setdefault("lost_by_bloc", sides[row["lost_by_id"]])
        if "voice" not in row:
            if row["attribution"] in ("narrator", "unnamed"):
                row["voice"] = "press"
            elif row["claimant_bloc"] == "none":
                row["voice"] = "third_party"
            else:
                side = row["lost_by_bloc"] if row["lost_by_bloc"] != "none" else sides.get(row.get("accused_id", ""))
                row["voice"] = "own" if row["claimant_bloc"] == side else "opponent"
        rows.append(row)
    blocs = [{"collection_id": c, "actor_id": a, "bloc": b} for a, b in sides.items() for c in _names(collections)]
    words = ["incident_id", "collection_id", "evidence_level", "status"]
    return {
        "claims": frame(rows, TEXT, DATES, ["count_low", "count_high"]),
        "incidents": frame(incidents or [], words, ["date_start", "date_end"]),
        "items": frame(
            items or [],
            [
                "item_id",
                "incident_id",
                "equipment_id",
                "equipment_class",
                "lost_by_id",
                "lost_by_bloc",
                "outcome",
                "evidence_level",
            ],
        ),
        "evidence": frame(
            evidence or [],
            [
                "evidence_id",
                "incident_id",
                "item_id",
                "source_id",
                "equipment_id",
                "lost_by_id",
                "personnel_category",
                "outcome",
                "rank",
                "shows",
            ],
            [],
            ["count_low"],
        ),
        "terms": terms(),
        "collections": frame(
            collections or [{"collection_id": "war", "date_start": FIRST, "date_end": LAST}],
            ["collection_id"],
            ["date_start", "date_end"],
        ),
        "actors": frame([{"actor_id": a} for a in sides], ["actor_id", "parent_id"]),
        "blocs": frame(blocs, ["collection_id", "actor_id", "bloc"]),
        "outlets": frame([], ["outlet_id", "aligned_bloc"]),
    }


def _names(collections: list[Row] | None) -> list[str]:
    return [c["collection_id"] for c in collections] if collections else ["war"]


def day(n: int) -> str:
    return (ORIGIN + dt.timedelta(days=n)).isoformat()


def row_of(table: pd.DataFrame, cell: str) -> Row:
    found = table[table["cell_id"] == cell]
    assert len(found) == 1, (cell, list(table["cell_id"]))
    return dict(found.iloc[0])


def lows(table: pd.DataFrame, cell: str) -> tuple[int, ...]:
    row = row_of(table, cell)
    return tuple(int(row[f"{v}_low"]) for v in VOICES)


# -- the example worked by hand


def drones() -> dict[str, pd.DataFrame]:
    """Turkish drones that the LNA said it shot down, 21 to 24 May 2020."""
    shot: Row = {"lost_by_id": "turkey", "equipment_class": "uav", "outcome": "shot_down", "claimant_id": "lna"}
    may = {"date_start": "2020-05-21", "date_end": "2020-05-24", "figure_kind": "period"}
    claims = [
        {**shot, **may, "claim_id": "LY0003.6", "count_low": 13, "said_on": "2020-05-24"},
        {**shot, **may, "claim_id": "LY0005.1", "count_low": 5, "count_high": 5, "said_on": "2020-05-24"},
        {
            **shot,
            "claim_id": "LY0006.1",
            "count_low": 2,
            "count_high": 2,
            "date_start": "2020-05-21",
            "date_end": "2020-05-21",
            "said_on": "2020-05-21",
        },
        {
            **shot,
            "claim_id": "LY0007.1",
            "count_low": 1,
            "count_high": 1,
            "incident_id": "LYI0001",
            "item_id": "LYI0001.1",
            "date_start": "2020-05-23",
            "date_end": "2020-05-23",
            "said_on": "2020-05-23",
            "verdict": "misidentified",
        },
        {
            **shot,
            "claim_id": "LY0007.2",
            "count_low": 1,
            "count_high": 1,
            "incident_id": "LYI0002",
            "item_id": "LYI0002.1",
            "date_start": "2020-05-24",
            "date_end": "2020-05-24",
            "said_on": "2020-05-24",
            "verdict": "misidentified",
        },
    ]
    incidents, items, evidence = [], [], []
    for i, on in ((1, "2020-05-23"), (2, "2020-05-24")):
        incident = f"LYI000{i}"
        incidents.append(
            {"incident_id": incident, "collection_id": "war", "date_start": on, "date_end": on, "evidence_level": "E5"}
        )
        seen = {
            "equipment_id": "wing_loong_ii",
            "lost_by_id": "uae",
            "incident_id": incident,
            "item_id": f"{incident}.1",
        }
        items.append(
            {**seen, "equipment_class": "uav", "lost_by_bloc": "lna", "outcome": "crashed", "evidence_level": "E5"}
        )
        evidence.append(
            {
                **seen,
                "evidence_id": f"{incident}.e1",
                "source_id": "LY0008",
                "rank": "preferred",
                "shows": "type_and_owner",
            }
        )
    war = [{"collection_id": "war", "date_start": "2019-04-04", "date_end": "2020-10-23"}]
    return make(claims, incidents, items, evidence, war)


def test_thirteen_drones_are_never_fifteen() -> None:
    tables = drones()
    made = ledgers.ledger(tables, bounds=True)
    for cell in ("gna/uav/lost", "gna/all/lost"):
        row = row_of(made, cell)
        assert (row["opponent_low"], row["own_low"], row["third_party_low"], row["press_low"]) == (13, 0, 0, 0)
        assert row["opponent_high"] is pd.NA and row["own_high"] == 0
        assert (row["documented_low"], row["agreed_low"], row["contradicted"]) == (0, 0, 2)
        assert (row["naive_sum"], row["n_used"], row["n_left_out"]) == (22, 1, 4)
    other = row_of(made, "lna/uav/lost")
    assert (other["documented_low"], other["agreed_low"], other["opponent_low"], other["contradicted"]) == (2, 2, 0, 0)
    lines = ledgers.explain(tables, lost_by_bloc="gna", equipment_class="uav").set_index("claim_id")
    assert lines.loc["LY0003.6", "counted"] == 13
    assert set(lines.drop("LY0003.6")["reason"]) == {"left out: overlaps LY0003.6, which weighs more"}
    assert lines.loc["LY0007.1", "date_start"] == pd.Timestamp("2020-05-23")


def test_thirteen_drones_in_other_periods() -> None:
    tables = drones()
    monthly = ledgers.ledger_monthly(tables)
    assert lows(monthly, "gna/uav/lost") == (13, 0, 0, 0)
    part = ledgers.ledger(tables, lost_by_bloc="gna", start="2020-05-23", end="2020-05-24")
    assert lows(part, "gna/uav/lost") == (2, 0, 0, 0)
    lines = ledgers.explain(tables, lost_by_bloc="gna", equipment_class="uav", start="2020-05-23", end="2020-05-24")
    roles = dict(zip(lines["claim_id"], lines["ledger_role"], strict=True))
    assert roles == {"LY0003.6": "outside", "LY0005.1": "outside", "LY0007.1": "counted", "LY0007.2": "counted"}
    assert set(lines["period"]) == {"2020-05-23/2020-05-24"}
    assert set(ledgers.explain(tables, start="2020-05-01", end="2020-05-31")["period"]) == {"2020-05"}
    assert ledgers.ledger(tables, claimant_bloc="gna")["naive_sum"].sum() == 0
    roles_now = ledgers.ledger_roles(tables)
    assert roles_now["LY0003.6"] == "counted" and set(roles_now.drop("LY0003.6")) == {"repeat"}


# -- an oracle that shares nothing with the module


def brute(units: list[tuple[int, int, int, bool]]) -> int:
    """Largest weight of a set of (start, end, weight, window) without conflict, by trying every set."""
    clash = [0] * len(units)
    for i, j in combinations(range(len(units)), 2):
        a, b = units[i], units[j]
        if (a[3] or b[3]) and a[0] <= b[1] and b[0] <= a[1]:
            clash[i] |= 1 << j
            clash[j] |= 1 << i

    def best(k: int, banned: int) -> int:
        if k == len(units):
            return 0
        without = best(k + 1, banned)
        if banned >> k & 1:
            return without
        return max(without, units[k][2] + best(k + 1, banned | clash[k]))

    return best(0, 0)


class Oracle:
    """The rules read literally, one cell and voice at a time, over plain rows."""

    def __init__(self, claims: list[Row], incidents: dict[str, tuple[int | None, int]], last: int) -> None:
        self.claims = {c["claim_id"]: c for c in claims}
        self.incidents = {k: (0 if s is None else s, e) for k, (s, e) in incidents.items()}
        self.last = last
        order = sorted(self.claims, key=lambda c: (len(c.split(".")[0]), c.split(".")[0], int(c.split(".")[1])))
        self.rank = {c: i for i, c in enumerate(order)}
        taken = {c["claim_id"] for c in claims for r in claims if self.takes_back(r, c)}
        self.figure_rows = [
            c
            for c in order
            if self.claims[c]["stance"] == "asserts"
            and c not in taken
            and self.claims[c]["count_low"] is not None
            and self.claims[c]["lost_by_bloc"] != "mixed"
            and group_of()[self.claims[c]["outcome"]] != "constraint"
        ]
        self.same: dict[str, str] = {}
        first: dict[Any, str] = {}
        asserted = [c for c in order if self.claims[c]["stance"] == "asserts"]
        for c in sorted(asserted, key=lambda c: (self.depth(c), self.rank[c])):
            row = self.claims[c]
            above = row.get("part_of")
            if row["lost_by_bloc"] == "mixed":
                state = "mixed"
            elif group_of()[row["outcome"]] == "constraint":
                state = "joint"
            elif c in taken:
                state = "taken back"
            else:
                state = "no number" if row["count_low"] is None else "figure"
            says = (
                state,
                self.speaker(c),
                row["said_on"],
                row.get("incident_id"),
                row.get("item_id"),
                self.days(c),
                row["count_low"],
                row.get("count_high"),
                row["lost_by_id"],
                row["equipment_class"],
                row["outcome"],
                row.get("place_id"),
                row["figure_kind"],
                row["voice"],
                self.same.get(above, above) if above else None,
            )
            self.same[c] = first.setdefault(says, c)

    def takes_back(self, r: Row, c: Row) -> bool:
        if r["stance"] != "retracts" or c["stance"] != "asserts":
            return False
        same = r["claimant_id"] is not None and r["claimant_id"] == c["claimant_id"]
        if r.get("responds_to"):
            ally = {r["claimant_id"], c["claimant_id"]} == {"lna", "lna_press"}
            return bool(r["responds_to"] == c["claim_id"] and (same or ally))
        on = r.get("incident_id") and r.get("incident_id") == c.get("incident_id")
        items = {r.get("item_id"), c.get("item_id")} - {None}
        return bool(
            on and same and len(items) < 2 and r["lost_by_bloc"] == c["lost_by_bloc"] and c["said_on"] <= r["said_on"]
        )

    def depth(self, c: str) -> int:
        above = self.claims[c].get("part_of")
        return 0 if above is None else 1 + self.depth(above)

    def speaker(self, c: str) -> str:
        return self.claims[c]["claimant_id"] or "document " + c.split(".")[0]

    def days(self, c: str) -> tuple[int, int]:
        row = self.claims[c]
        a, b = row["s"], row["e"]
        a = 0 if a is None else a
        b = self.last if b is None else b
        incident = self.incidents.get(row.get("incident_id") or "")
        if incident is None:
            return min(a, b), b
        return incident if row["figure_kind"] == "incident" else (min(a, incident[0]), max(b, incident[1]))

    def in_cell(self, row: Row, bloc: str, kind: str, group: str) -> bool:
        mine = kind in ("all", row["equipment_class"])
        return mine and row["lost_by_bloc"] == bloc and group_of()[row["outcome"]] == group

    def units(self, bloc: str, kind: str, group: str, voice: str) -> list[tuple[int, int, int, bool, str | None]]:
        rows = [
            c
            for c in self.figure_rows
            if self.same[c] == c
            and self.in_cell(self.claims[c], bloc, kind, group)
            and self.claims[c]["voice"] == voice
        ]
        above: dict[str, str | None] = {}
        for c in rows:
            up = self.claims[c].get("part_of")
            while up is not None and self.same.get(up, up) not in rows:
                up = self.claims[up].get("part_of")
            above[c] = None if up is None else self.same.get(up, up)
        below = defaultdict(list)
        for c, up in above.items():
            if up is not None:
                below[up].append(c)

        def worth(c: str) -> int:
            return max(int(self.claims[c]["count_low"]), once(below[c]))

        def once(group_rows: list[str]) -> int:
            largest: dict[str, int] = {}
            total = 0
            for c in group_rows:
                item = self.claims[c].get("item_id")
                if item is None:
                    total += worth(c)
                else:
                    largest[item] = max(largest.get(item, 0), worth(c))
            return total + sum(largest.values())

        def family(c: str) -> list[str]:
            return [c] + [x for child in below[c] for x in family(child)]

        found: list[tuple[int, int, int, bool, str | None]] = []
        accounts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for c in rows:
            if above[c] is not None:
                continue
            members = family(c)
            on = {
                self.claims[m].get("incident_id") if self.claims[m]["figure_kind"] == "incident" else None
                for m in members
            }
            (incident,) = on if len(on) == 1 else (None,)
            if incident is None:
                spans = [self.days(m) for m in members]
                found.append((min(s for s, _ in spans), max(e for _, e in spans), worth(c), True, None))
            else:
                accounts[incident][self.speaker(c)].append(c)
        for incident, by in accounts.items():
            sums = []
            for statement in by.values():
                latest = max(self.claims[c]["said_on"] for c in statement)
                sums.append(once([c for c in statement if self.claims[c]["said_on"] == latest]))
            start, end = self.incidents[incident]
            found.append((start, end, min(sums), end - start + 1 > 2, incident))
        return found

    def total(self, cell: tuple[str, str, str], voice: str, start: int, end: int) -> int:
        inside = [u for u in self.units(*cell, voice) if start <= u[0] and u[1] <= end]
        return brute([u[:4] for u in inside])

    def agreed(self, cell: tuple[str, str, str], start: int, end: int) -> int:
        theirs = {u[4]: u for u in self.units(*cell, "opponent") if u[4]}
        ours = {u[4]: u for u in self.units(*cell, "own") if u[4]}
        both = [(u[0], u[1], min(u[2], ours[k][2]), u[3]) for k, u in theirs.items() if k in ours]
        return brute([u for u in both if start <= u[0] and u[1] <= end])

    def cells(self) -> set[tuple[str, str, str]]:
        return {
            (c["lost_by_bloc"], kind, group_of()[c["outcome"]])
            for c in self.claims.values()
            for kind in ("all", c["equipment_class"])
            if c["lost_by_bloc"] != "mixed" and group_of()[c["outcome"]] != "constraint"
        }

    def naive(self, cell: tuple[str, str, str]) -> int:
        rows = [c for c in self.claims.values() if c["stance"] == "asserts" and self.in_cell(c, *cell)]
        return sum(c["count_low"] or 0 for c in rows)


def random_set(draw: random.Random, number: int) -> tuple[list[Row], dict[str, tuple[int | None, int]]]:
    """One small war around the end of a month: straddling incidents, wholes and parts, open starts, accounts."""
    docs = [f"LY{number * 2 + i:06d}" for i in range(2)]
    incidents: dict[str, tuple[int | None, int]] = {}
    for i in range(draw.randint(0, 3)):
        start = draw.randint(25, 36)
        opened = draw.random() < 0.1
        incidents[f"LYI{number:05d}{i}"] = (None if opened else start, start + draw.choice([0, 0, 0, 1, 1, 2, 4]))
    claims: list[Row] = []
    next_id = {d: 0 for d in docs}
    narrow = draw.random() < 0.6
    for _ in range(draw.randint(1, 8)):
        doc = draw.choice(docs)
        next_id[doc] += 1
        claimant = draw.choice(["lna", "lna", "lna_press", "gna", "monitor", None])
        row: Row = {
            "claim_id": f"{doc}.{next_id[doc]}",
            "claimant_id": claimant,
            "attribution": "named" if claimant else "unnamed",
            "stance": draw.choices(["asserts", "denies", "retracts"], [20, 1, 1])[0],
            "lost_by_id": draw.choices(["gna", "turkey", "lna", "all_sides"], [12, 2, 3, 1])[0],
            "equipment_class": draw.choice(["uav", "tank"]),
            "outcome": draw.choices(["destroyed", "shot_down", "captured", "damaged", "hit"], [8, 3, 2, 2, 1])[0],
            "count_low": draw.choices([None, 0, 1, 2, 3, 5, 8, 13], [1, 1, 6, 4, 4, 3, 2, 2])[0],
            "figure_kind": draw.choices(["incident", "period", "cumulative"], [7, 2, 1])[0],
            "said_on": day(draw.randint(36, 38)),
            "place_id": draw.choice([None, None, "a"]),
        }
        if narrow:
            row |= {"claimant_id": row["claimant_id"] and "lna", "lost_by_id": "gna", "equipment_class": "uav"}
        if row["count_low"] is not None and draw.random() < 0.7:
            row["count_high"] = row["count_low"] + draw.randint(0, 2)
        start = draw.randint(24, 37)
        row["s"] = None if draw.random() < 0.12 else start
        row["e"] = None if draw.random() < 0.05 else start + draw.choice([0, 0, 1, 2, 3, 6])
        if incidents and draw.random() < 0.7:
            row["incident_id"] = draw.choice(list(incidents))
            if draw.random() < 0.25 and row["figure_kind"] == "incident":
                row["item_id"] = row["incident_id"] + ".1"
                row["count_low"] = row["count_high"] = 1
        wholes = [c for c in claims if c["claimant_id"] == row["claimant_id"] and c["stance"] == row["stance"]]
        if wholes and draw.random() < 0.35:
            whole = draw.choice(wholes)
            row |= {"part_of": whole["claim_id"], "said_on": whole["said_on"]}
        elif claims and draw.random() < 0.1:
            kept = {k: row.get(k) for k in ("claim_id", "responds_to")}
            row = {k: v for k, v in draw.choice(claims).items() if k != "part_of"} | kept
        if row["stance"] == "retracts" and claims and draw.random() < 0.8:
            row["responds_to"] = draw.choice(claims)["claim_id"]
        claims.append(row)
    return claims, incidents


def tables_of(sets: list[tuple[list[Row], dict[str, tuple[int | None, int]]]]) -> dict[str, pd.DataFrame]:
    """Tables in which every set is a war of its own."""
    claims, incidents, items, collections = [], [], [], []
    for i, (rows, events) in enumerate(sets):
        war = f"war-{i:03d}"
        collections.append({"collection_id": war, "date_start": FIRST, "date_end": LAST})
        for c in rows:
            dates = {
                "date_start": None if c["s"] is None else day(c["s"]),
                "date_end": None if c["e"] is None else day(c["e"]),
            }
            claims.append({**c, **dates, "collection_id": war})
        for name, (s, e) in events.items():
            dates = {"date_start": None if s is None else day(s), "date_end": day(e)}
            incidents.append({"incident_id": name, "collection_id": war, "evidence_level": "E1", **dates})
            items.append({"item_id": f"{name}.1", "incident_id": name, "outcome": "destroyed", "evidence_level": "E1"})
    # the side of each row was fixed when the set was drawn
    return make(claims, incidents, items, None, collections)


def voiced(sets: list[tuple[list[Row], dict[str, tuple[int | None, int]]]]) -> dict[str, pd.DataFrame]:
    """The tables of some sets, with the voices and sides written back into the rows."""
    tables = tables_of(sets)
    known = tables["claims"].set_index("claim_id")[["voice", "lost_by_bloc"]].astype("object")
    for rows, _ in sets:
        for c in rows:
            c["voice"], c["lost_by_bloc"] = known.loc[c["claim_id"]]
    return tables


def by_cell(table: pd.DataFrame, column: str) -> dict[tuple[str, str], int]:
    cells = table["cell_id"].str.split("/", n=1).str[1]
    return {(w, c): int(v) for w, c, v in zip(table["collection_id"], cells, table[column], strict=True)}


MONTHS = {"2020-01": (0, 30), "2020-02": (31, 59), "2020-03": (60, 90)}


@pytest.mark.parametrize("seed", range(24))
def test_equal_to_the_brute_force_oracle(seed: int) -> None:
    draw = random.Random(seed)
    sets = [random_set(draw, i) for i in range(100)]
    tables = voiced(sets)
    a, b = draw.randint(24, 32), draw.randint(32, 42)
    campaign = ledgers.ledger(tables, bounds=True)
    period = ledgers.ledger(tables, start=day(a), end=day(b))
    monthly = ledgers.ledger_monthly(tables)
    lines = ledgers.ledger_lines(tables)
    asked: list[tuple[pd.DataFrame, int, int]] = [(campaign, -(10**6), 10**6), (period, a, b)]
    asked += [(monthly[monthly["month"] == m], *span) for m, span in MONTHS.items()]
    last = 90
    oracles = [Oracle(rows, events, last) for rows, events in sets]
    assert set(by_cell(campaign, "n_used")) == {
        (f"war-{i:03d}", "/".join(c)) for i, o in enumerate(oracles) for c in o.cells()
    }
    for table, start, end in asked:
        found = {v: by_cell(table, f"{v}_low") for v in VOICES}
        agreed, naive = by_cell(table, "agreed_low"), by_cell(table, "naive_sum")
        for i, oracle in enumerate(oracles):
            for cell in oracle.cells():
                key = (f"war-{i:03d}", "/".join(cell))
                totals = []
                for voice in VOICES:
                    expected = oracle.total(cell, voice, start, end)
                    assert found[voice].get(key, 0) == expected, (seed, key, voice, start, sets[i])
                    heaviest = [u[2] for u in oracle.units(*cell, voice) if start <= u[0] and u[1] <= end]
                    assert expected >= max(heaviest, default=0)
                    totals.append(expected)
                assert agreed.get(key, 0) == oracle.agreed(cell, start, end), (seed, key, sets[i])
                assert sum(totals) <= naive.get(key, 0), (seed, key, sets[i])
                if table is campaign:
                    assert naive[key] == oracle.naive(cell)
    # the months never add up to more than the campaign, and the lines add up to the totals
    sums = monthly.groupby("cell_id", observed=True)[
        [f"{v}_low" for v in VOICES] + ["agreed_low", "naive_sum", "contradicted"]
    ].sum()
    assert (campaign.set_index("cell_id").loc[sums.index, sums.columns] >= sums).all(axis=None)
    for table, name in (
        (campaign.assign(period="campaign"), "campaign"),
        (monthly.rename(columns={"month": "period"}), "month"),
    ):
        these = lines[(lines["period"] == "campaign") == (name == "campaign")]
        added = these.groupby(["cell_id", "period", "voice"], observed=True)["counted"].sum().unstack(fill_value=0)
        indexed = table.set_index(["cell_id", "period"])
        assert set(added.index) == set(indexed.index)
        for voice in set(added.columns):
            assert added[voice].to_dict() == indexed[f"{voice}_low"].to_dict()
        used = (these["ledger_role"] == "counted").groupby([these["cell_id"], these["period"]]).agg(["sum", "size"])
        assert used["sum"].to_dict() == indexed["n_used"].to_dict()
        assert (used["size"] - used["sum"]).to_dict() == indexed["n_left_out"].to_dict()
    assert not lines.duplicated(["cell_id", "period", "claim_id"]).any()
    for voice in VOICES:
        high = campaign[f"{voice}_high"]
        assert (high.isna() | (high >= campaign[f"{voice}_low"])).all()
    counted = lines[lines["counted"] > 0]
    assert (counted["ledger_role"] == "counted").all() and (
        lines["reason"].str.startswith("used") == (lines["counted"] > 0)
    ).all()


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 14), st.integers(0, 6), st.integers(0, 9), st.booleans(), st.integers(-1, 1)),
        max_size=10,
    ),
    st.randoms(use_true_random=False),
)
def test_choice_is_the_heaviest_set(drawn: list[tuple[int, int, int, bool, int]], shuffle: random.Random) -> None:
    units = [(s, s + (n if w else n % 2), low, w, g) for s, n, low, w, g in drawn]

    def chosen(order: list[int]) -> set[int]:
        picked = [units[i] for i in order]
        group, start, end, low = (np.array([u[k] for u in picked], dtype=np.int64) for k in (4, 0, 1, 2))
        windows = np.array([u[3] for u in picked], dtype=bool)
        mask = ledgers.choose(group, start, end, low, windows, np.array(order, dtype=np.int64))
        return {i for i, keep in zip(order, mask.tolist(), strict=True) if keep}

    order = list(range(len(units)))
    taken = chosen(order)
    for group in (0, 1):
        members = [units[i] for i in taken if units[i][4] == group]
        assert sum(u[2] for u in members) == brute([u[:4] for u in units if u[4] == group])
        for a, b in combinations(members, 2):
            assert not ((a[3] or b[3]) and a[0] <= b[1] and b[0] <= a[1])
    assert all(units[i][4] >= 0 for i in taken)
    shuffle.shuffle(order)
    assert chosen(order) == taken


def test_choice_refuses_loose_incidents() -> None:
    one = np.array([0], dtype=np.int64)
    with pytest.raises(ValueError, match="at most 2 days"):
        ledgers.choose(one, one, one + 2, one + 1, np.array([False]), one)


# -- properties of the whole


def some_tables(seed: int, size: int = 60) -> dict[str, pd.DataFrame]:
    draw = random.Random(seed)
    return voiced([random_set(draw, i) for i in range(size)])


LOWS = [f"{v}_low" for v in VOICES] + ["agreed_low", "documented_low", "contradicted"]
seeds = st.integers(0, 10**6)
few = settings(
    max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)


@few
@given(seeds)
def test_order_and_further_copies_change_nothing(seed: int) -> None:
    tables = some_tables(seed)
    shuffled = {
        name: table.sample(frac=1, random_state=seed % 1000) for name, table in tables.items() if name != "terms"
    } | {"terms": tables["terms"]}
    copied = {**tables, "claims": tables["claims"].assign(n_sources=7, n_mentions=9)}
    for function in (ledgers.ledger, ledgers.ledger_monthly, ledgers.ledger_lines):
        made = function(tables)
        pd.testing.assert_frame_equal(made, function(shuffled))
        pd.testing.assert_frame_equal(made, function(copied))
    pd.testing.assert_series_equal(ledgers.ledger_roles(tables), ledgers.ledger_roles(shuffled))


@few
@given(seeds)
def test_duplicates_change_no_total(seed: int) -> None:
    tables = some_tables(seed)
    again = tables["claims"].copy()
    for name in ("claim_id", "part_of", "responds_to"):
        # same documents, further rows
        head, tail = again[name].str.split(".").str[0], again[name].str.split(".").str[1]
        again[name] = head + "." + (tail.astype("Int64") + 100).astype("string")
    doubled = {**tables, "claims": pd.concat([tables["claims"], again], ignore_index=True)}
    for function in (ledgers.ledger, ledgers.ledger_monthly):
        made, other = function(tables), function(doubled)
        pd.testing.assert_frame_equal(made[["cell_id", *LOWS, "n_used"]], other[["cell_id", *LOWS, "n_used"]])
        assert (other["naive_sum"] == 2 * made["naive_sum"]).all()


@few
@given(seeds)
def test_swapping_the_sides_swaps_the_rows(seed: int) -> None:
    tables = some_tables(seed)
    swap = {"gna": "lna", "lna": "gna"}
    other = {name: table.copy() for name, table in tables.items()}
    for name, column in (
        ("claims", "claimant_bloc"),
        ("claims", "lost_by_bloc"),
        ("blocs", "bloc"),
        ("items", "lost_by_bloc"),
    ):
        other[name][column] = other[name][column].replace(swap)
    made, mirrored = ledgers.ledger(tables, bounds=True), ledgers.ledger(other, bounds=True)
    mirrored["cell_id"] = (
        mirrored["cell_id"].str.replace("/gna/", "/x/").str.replace("/lna/", "/gna/").str.replace("/x/", "/lna/")
    )
    columns = [c for c in made if c not in ("lost_by_bloc", "accused_bloc")]
    mirrored = mirrored.sort_values("cell_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(made[columns], mirrored[columns])
    pd.testing.assert_series_equal(ledgers.ledger_roles(tables), ledgers.ledger_roles(other))


@few
@given(seeds, st.integers(1, 5))
def test_a_disjoint_incident_adds_its_figure(seed: int, low: int) -> None:
    draw = random.Random(seed)
    sets = [random_set(draw, i) for i in range(40)]
    before = ledgers.ledger(voiced(sets))
    for i, (rows, events) in enumerate(sets):
        events[f"LYI{i:05d}9"] = (80, 81)
        rows.append(
            {
                "claim_id": f"LY{i * 2:06d}.99",
                "claimant_id": "lna",
                "attribution": "named",
                "stance": "asserts",
                "lost_by_id": "gna",
                "equipment_class": "uav",
                "outcome": "shot_down",
                "count_low": low,
                "count_high": low,
                "figure_kind": "incident",
                "incident_id": f"LYI{i:05d}9",
                "s": 80,
                "e": 80,
                "said_on": day(81),
            }
        )
    after = ledgers.ledger(voiced(sets)).set_index("cell_id")
    same = after.loc[before["cell_id"]].reset_index()
    assert (same[LOWS] >= before[LOWS]).all(axis=None)
    # unless an open end reaches into its days
    closed = {f"war-{i:03d}/gna/uav/lost" for i, (rows, _) in enumerate(sets) if all(c["e"] is not None for c in rows)}
    grown = same[same["cell_id"].isin(closed)]
    old = before[before["cell_id"].isin(closed)]
    assert (grown["opponent_low"].reset_index(drop=True) == old["opponent_low"].reset_index(drop=True) + low).all()


@few
@given(seeds)
def test_filters_pick_cells_and_claimants(seed: int) -> None:
    tables = some_tables(seed)
    everything = ledgers.ledger(tables)
    some = ledgers.ledger(tables, lost_by_bloc="gna", equipment_class=["uav", "all"], outcome_group="lost")
    keep = (everything["lost_by_bloc"] == "gna") & (everything["outcome_group"] == "lost")
    keep &= everything["equipment_class"].isin(["uav", "all"])
    pd.testing.assert_frame_equal(some, everything[keep].reset_index(drop=True))
    of_lna = tables["claims"]["claimant_bloc"] == "lna"
    only = {**tables, "claims": tables["claims"][of_lna.fillna(False)]}
    pd.testing.assert_frame_equal(ledgers.ledger(tables, claimant_bloc="lna"), ledgers.ledger(only))
    lines = ledgers.explain(tables)
    campaign = ledgers.ledger_lines(tables)
    pd.testing.assert_frame_equal(lines, campaign[campaign["period"] == "campaign"].reset_index(drop=True))


# -- single rules


def claim(n: int, low: int | None, on: tuple[int, int], **more: Any) -> Row:
    return {
        "claim_id": f"LY0001.{n}",
        "count_low": low,
        "count_high": low,
        "date_start": day(on[0]),
        "date_end": day(on[1]),
        "said_on": day(on[1]),
        **more,
    }


def event(n: int, on: tuple[int, int], **more: Any) -> Row:
    return {
        "incident_id": f"LYI000{n}",
        "collection_id": "war",
        "date_start": day(on[0]),
        "date_end": day(on[1]),
        "evidence_level": "E1",
        **more,
    }


def test_a_whole_of_another_class_leaves_its_part_in_the_cell() -> None:
    tables = make(
        [
            claim(1, 9, (5, 7), equipment_class="vehicle", figure_kind="period"),
            claim(2, 4, (5, 7), equipment_class="tank", figure_kind="period", part_of="LY0001.1"),
            claim(3, 3, (6, 6), equipment_class="tank", figure_kind="period", part_of="LY0001.2"),
            claim(4, 3, (5, 5), equipment_class="tank", figure_kind="period", part_of="LY0001.2", place_id="a"),
        ]
    )
    made = ledgers.ledger(tables)
    assert lows(made, "gna/vehicle/lost")[0] == 9
    assert lows(made, "gna/tank/lost")[0] == 6
    assert lows(made, "gna/all/lost")[0] == 9
    roles = ledgers.ledger_roles(tables)
    assert list(roles) == ["counted", "part", "counted", "counted"]
    reasons = ledgers.explain(tables, equipment_class="all")["reason"].tolist()
    assert reasons[1] == "left out: part of LY0001.1, which stands in the cell"


def test_a_joint_whole_passes_its_place_to_the_whole_above() -> None:
    people: Row = {"domain": "personnel", "personnel_category": "fighter", "figure_kind": "period"}
    tables = make(
        [
            claim(1, 50, (5, 7), **people, outcome="killed"),
            claim(2, 40, (5, 7), **people, outcome="killed_or_wounded", part_of="LY0001.1"),
            claim(3, 30, (5, 7), **people, outcome="killed", part_of="LY0001.2"),
            claim(4, 20, (9, 9), **people, outcome="killed", lost_by_id="all_sides"),
        ]
    )
    made = ledgers.ledger(tables)
    assert lows(made, "gna/fighter/killed")[0] == 50
    assert set(made["cell_id"]) == {"gna/fighter/killed", "gna/all/killed"}
    assert list(ledgers.ledger_roles(tables)) == ["counted", "constraint", "part", "constraint"]
    lines = ledgers.explain(tables, personnel_category="fighter")
    assert lines["reason"].tolist()[3] == "left out: a figure for several sides"
    assert row_of(made, "gna/fighter/killed")["n_left_out"] == 3


def test_the_latest_statement_and_the_lowest_account() -> None:
    incident = [event(1, (5, 5))]
    on: Row = {"incident_id": "LYI0001"}
    tables = make(
        [
            claim(1, 8, (5, 5), **on),
            claim(2, 3, (5, 6), **on),
            claim(3, 2, (5, 6), **on, place_id="a"),
            claim(4, 9, (5, 7), **on, claimant_id="lna_press"),
            claim(5, 4, (5, 5), **on, claimant_id="gna"),
            claim(6, None, (5, 8), **on),
        ],
        incident,
    )
    row = row_of(ledgers.ledger(tables), "gna/uav/lost")
    assert (row["opponent_low"], row["own_low"], row["agreed_low"]) == (5, 4, 4)
    reasons = ledgers.explain(tables, equipment_class="uav")["reason"].tolist()
    assert reasons[0] == "left out: LY0001.2 is a later statement of the same claimant on LYI0001"
    assert reasons[1] == "used: lowest account of LYI0001"
    assert reasons[3] == "left out: the account of LY0001.2 on LYI0001 is no higher"
    assert reasons[5] == "left out: no number under this convention"


def test_an_object_is_lost_once_whatever_its_history() -> None:
    on: Row = {"incident_id": "LYI0001", "item_id": "LYI0001.1"}
    items = [
        {
            "item_id": "LYI0001.1",
            "incident_id": "LYI0001",
            "outcome": "destroyed",
            "evidence_level": "E4",
            "equipment_class": "uav",
            "lost_by_bloc": "gna",
        }
    ]
    tables = make(
        [
            claim(1, 1, (5, 5), **on, outcome="abandoned"),
            claim(2, 1, (5, 5), **on, outcome="captured"),
            claim(3, 1, (5, 5), **on, outcome="destroyed"),
        ],
        [event(1, (5, 5), evidence_level="E4")],
        items,
    )
    row = row_of(ledgers.ledger(tables), "gna/uav/lost")
    assert (row["opponent_low"], row["naive_sum"], row["documented_low"], row["n_used"]) == (1, 3, 1, 1)


def test_windows_of_loose_incidents_and_open_days() -> None:
    tables = make(
        [
            claim(1, 5, (5, 5), incident_id="LYI0001"),
            claim(2, 4, (7, 7), incident_id="LYI0002"),
            claim(3, 3, (6, 6), incident_id="LYI0003"),
            claim(4, 7, (9, 9), date_start=None),
            claim(5, 2, (20, 20), date_end=None),
        ],
        [event(1, (5, 7)), event(2, (7, 8)), event(3, (8, 9))],
    )
    # the loose first incident and the third, eight, weigh more than the other two or what may be any of them
    assert lows(ledgers.ledger(tables), "gna/uav/lost")[0] == 10
    lines = ledgers.explain(tables, equipment_class="uav").set_index("claim_id")
    assert lines.loc["LY0001.4", "date_start"] == pd.Timestamp(FIRST)
    assert lines.loc["LY0001.5", "date_end"] == pd.Timestamp(LAST)
    assert lines.loc["LY0001.2", "reason"] == "left out: overlaps LY0001.1, LY0001.3, which together weigh more"


def test_what_was_taken_back_supports_nothing() -> None:
    tables = make(
        [
            claim(1, 5, (5, 5)),
            claim(2, None, (6, 6), stance="retracts", disputes="loss", responds_to="LY0001.1"),
            claim(3, 2, (8, 8)),
            claim(4, None, (9, 9), stance="retracts", disputes="cause", responds_to="LY0001.3"),
            claim(5, 0, (9, 9), stance="denies", claimant_id="gna"),
        ]
    )
    assert lows(ledgers.ledger(tables), "gna/uav/lost") == (2, 0, 0, 0)
    assert list(ledgers.ledger_roles(tables)) == ["denial", "denial", "counted", "denial", "denial"]


def test_civilians_are_split_by_the_accused() -> None:
    dead: Row = {
        "domain": "personnel",
        "personnel_category": "civilian",
        "lost_by_id": "civilians",
        "outcome": "killed",
    }
    tables = make(
        [
            claim(1, 3, (5, 5), **dead, incident_id="LYI0001", accused_id="lna", claimant_id="gna"),
            claim(2, 2, (5, 5), **dead, incident_id="LYI0001", accused_id="gna", claimant_id="lna"),
            claim(3, 4, (6, 6), **dead, incident_id="LYI0002", claimant_id="monitor"),
            claim(4, 9, (6, 6), **dead, incident_id="LYI0002", claimant_id="monitor", accused_id="all_sides"),
        ],
        [event(1, (5, 5), evidence_level="E4"), event(2, (6, 6))],
        None,
        [
            {
                "evidence_id": f"LYI0001.e{n}",
                "incident_id": "LYI0001",
                "source_id": source,
                "lost_by_id": "civilians",
                "personnel_category": kind,
                "outcome": "killed",
                "rank": rank,
                "shows": "loss",
                "count_low": low,
            }
            for n, source, kind, rank, low in (
                (1, "LY0002", "civilian", "preferred", 2),
                (2, "LY0003", "civilian", "normal", 1),
                (3, "LY0003", "medic", "normal", 1),
                (4, "LY0003", "civilian", "deprecated", 50),
            )
        ],
    )
    made = ledgers.ledger(tables)
    assert {c for c in made["cell_id"] if "civilian" in c} == {
        "none/civilian/killed",
        "none/civilian/killed/by-lna",
        "none/civilian/killed/by-gna",
    }
    assert lows(made, "none/civilian/killed") == (2, 0, 13, 0)
    assert lows(made, "none/civilian/killed/by-lna") == (3, 0, 0, 0)
    split = made.set_index("cell_id")
    assert split.loc["none/civilian/killed/by-lna", "accused_bloc"] == "lna"
    # two documents may record the same people
    assert split.loc[["none/civilian/killed", "none/medic/killed", "none/all/killed"], "documented_low"].tolist() == [
        2,
        1,
        2,
    ]
    assert split.loc["none/civilian/killed/by-lna", "documented_low"] == 0


def test_evidence_of_another_type_alone_contradicts_no_owner() -> None:
    def shown(owner: str) -> dict[str, pd.DataFrame]:
        return make(
            [
                claim(1, 4, (5, 5), incident_id="LYI0001", verdict="misidentified"),
                claim(2, 4, (6, 6), incident_id="LYI0001", verdict="misidentified", claimant_id="lna_press"),
                claim(3, 4, (6, 6), incident_id="LYI0002", verdict="contradicted"),
            ],
            [event(1, (5, 5)), event(2, (6, 6))],
            None,
            [
                {
                    "evidence_id": "LYI0001.e1",
                    "incident_id": "LYI0001",
                    "source_id": "LY0002",
                    "lost_by_id": owner,
                    "rank": "preferred",
                    "shows": "type_and_owner",
                }
            ],
        )

    assert row_of(ledgers.ledger(shown("turkey")), "gna/uav/lost")["contradicted"] == 1
    assert row_of(ledgers.ledger(shown("uae")), "gna/uav/lost")["contradicted"] == 2


def test_two_rows_of_one_statement_that_say_the_same_are_one() -> None:
    people: Row = {"domain": "personnel", "personnel_category": "fighter", "incident_id": "LYI0001"}
    rows = [
        claim(1, 100, (5, 5), **people, outcome="killed_or_wounded"),
        claim(2, 30, (5, 5), **people, outcome="killed", part_of="LY0001.1"),
        claim(3, 100, (5, 5), **people, outcome="killed_or_wounded"),
        claim(4, 30, (5, 5), **people, outcome="killed", part_of="LY0001.3"),
        claim(5, 2, (5, 5), **people, outcome="killed", place_id="a"),
    ]
    tables = make(rows, [event(1, (5, 5))])
    assert lows(ledgers.ledger(tables), "gna/fighter/killed")[0] == 32
    reasons = ledgers.explain(tables, personnel_category="fighter")["reason"].tolist()
    assert reasons[3] == "left out: says the same as LY0001.2"


def test_circles_of_parts_are_one_figure() -> None:
    tables = make(
        [
            claim(1, 5, (5, 7), figure_kind="period", part_of="LY0001.3"),
            claim(2, 4, (5, 7), figure_kind="period", part_of="LY0001.1"),
            claim(3, 3, (5, 7), figure_kind="period", part_of="LY0001.2"),
        ]
    )
    assert lows(ledgers.ledger(tables), "gna/uav/lost")[0] == 5


def test_nothing_gives_nothing() -> None:
    tables = make([])
    schema_columns = {
        name: [f["use"].split(".")[-1] if "use" in f else f["name"] for f in _fields(name)]
        for name in ("ledger", "ledger_monthly", "ledger_lines")
    }
    assert list(ledgers.ledger(tables)) == schema_columns["ledger"]
    assert list(ledgers.ledger_monthly(tables)) == schema_columns["ledger_monthly"]
    assert list(ledgers.ledger_lines(tables)) == schema_columns["ledger_lines"]
    assert list(ledgers.explain(tables, start="2020-01-01")) == schema_columns["ledger_lines"]
    assert all(len(f(tables)) == 0 for f in (ledgers.ledger, ledgers.ledger_monthly, ledgers.ledger_lines))
    assert len(ledgers.ledger_roles(tables)) == 0


def _fields(name: str) -> list[Row]:
    text = (ROOT / "schemas" / "tables" / f"{name}.yaml").read_text(encoding="utf-8")
    fields: list[Row] = yaml.safe_load(text)["fields"]
    return fields


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        ({"lost_by_bloc": "turkey"}, "gna"),
        ({"claimant_bloc": ["lna", "x"]}, "lna"),
        ({"equipment_class": "drone"}, "uav.*all"),
        ({"personnel_category": "soldier"}, "fighter.*all"),
        ({"outcome_group": "destroyed"}, "lost"),
        ({"start": "May"}, "2020-06-01"),
        ({"start": "2020-06-01", "end": "2020-05-01"}, "after"),
    ],
)
def test_unknown_words_and_days_are_refused(filters: Row, accepted: str) -> None:
    with pytest.raises(ValueError, match=accepted):
        ledgers.ledger(drones(), **filters)
