"""Data test: the two articles with which the dataset began, claim by claim as a reader of them would list it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import lossclaims as lc
from lossclaims._names import TableName

# source, claimant, attribution, lost by, thing or people, outcome, low, high, kind, start, end, place
EXPECTED = [
    ("LY0003", "gna", "named", "russian_pmc", "contractor", "killed", 1, 1, "incident", None, "2020-05-25", "tripoli_salah_al_din"),
    ("LY0003", "south_front", "narrator", "lna", "wing_loong_ii", "crashed", 1, 1, "incident", None, "2020-05-25", "bani_walid"),
    ("LY0003", "south_front", "narrator", "lna", "wing_loong_ii", "crashed", 1, 1, "incident", None, "2020-05-25", "al_qaryat"),
    ("LY0003", "gna", "bloc", "lna", "fighter", "killed_or_wounded", 101, None, "period", None, "2020-05-25", "northwest_libya"),
    ("LY0003", None, "unnamed", "syrian_fighters_gna", "foreign_fighter", "killed", 311, 311, "cumulative", None, "2020-05-25", "libya"),
    ("LY0003", "lna", "named", "turkey", "ucav", "shot_down", 13, 13, "period", "2020-05-22", "2020-05-25", None),
    ("LY0004", "south_front", "narrator", "lna", "weapon_unspecified", "abandoned", 12, 99, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "lna", "tank", "abandoned", 2, None, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "lna", "t_55", "abandoned", 1, None, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "lna", "t_62", "abandoned", 1, None, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "lna", "howitzer", "abandoned", 2, None, "incident", None, "2020-06-08", None),
    ("LY0004", "gna", "bloc", "lna", "pantsir", "destroyed", 1, 1, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "turkish_backed_unspecified", "fighter", "killed_or_wounded", 1, None, "incident", "2020-06-06", "2020-06-07", None),
    ("LY0004", None, "unnamed", "turkish_backed_unspecified", "fighter", "killed", 31, None, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "turkey", "bayraktar_tb2", "shot_down", 1, 1, "incident", None, "2020-06-08", None),
    ("LY0004", "south_front", "narrator", "lna", "wing_loong_ii", "shot_down", 1, 1, "incident", None, "2020-06-08", None),
]  # fmt: skip


def rows(table: TableName) -> list[dict[str, Any]]:
    """Rows as plain values, days as text, None where missing."""
    listed = lc.load(table, backend="arrow").to_pylist()
    return [{k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()} for row in listed]


def test_the_articles_hold_these_claims_and_no_other() -> None:
    mentions = rows("mentions")
    claims = {row["claim_id"]: row for row in rows("claims")}
    found = []
    for row in mentions:
        if row["source_id"] not in ("LY0003", "LY0004"):
            continue
        claim = claims[row["claim_id"]]
        values = [row["source_id"], *(claim[c] for c in ("claimant_id", "attribution", "lost_by_id"))]
        values += [claim["equipment_id"] or claim["personnel_category"], claim["outcome"]]
        values += [row["count_low"], row["count_high"], claim["figure_kind"]]
        values += [row["date_start"], row["date_end"], claim["place_id"]]
        found.append(tuple(values))
    assert found == EXPECTED


@pytest.mark.parametrize(
    ("claim", "column", "value"),
    [
        ("LY0003.2", "supplier_id", "uae"),
        ("LY0003.2", "count_rule", "distributed"),
        ("LY0003.6", "accused_id", "lna"),
        ("LY0003.6", "lost_by_bloc", "gna"),
        ("LY0003.6", "voice", "opponent"),
        ("LY0003.1", "lost_by_bloc", "lna"),
        ("LY0003.5", "voice", "press"),
        ("LY0004.2", "part_of", "LY0004.1"),
        ("LY0004.3", "part_of", "LY0004.2"),
        ("LY0004.6", "supplier_id", "uae"),
        ("LY0004.10", "operator_id", "lna"),
        ("LY0004.10", "accused_id", "turkey"),
    ],
)
def test_what_the_articles_say_besides(claim: str, column: str, value: str) -> None:
    assert {row["claim_id"]: row for row in rows("claims")}[claim][column] == value


def test_days_of_reference_are_the_originals() -> None:
    sources = {row["source_id"]: row for row in rows("sources")}
    for copy, original, day in (("LY0003", "LY0001", "2020-05-25"), ("LY0004", "LY0002", "2020-06-08")):
        assert sources[copy]["republication_of"] == original
        assert sources[original]["read_as"] == "not_read"
        assert sources[original]["published_latest"] == day


def test_every_claim_can_be_followed() -> None:
    names: tuple[TableName, ...] = ("equipment_claims", "casualty_claims")
    for name in names:
        assert all(row["url"].startswith("http") for row in rows(name))
