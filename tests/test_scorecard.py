"""Counts and intervals of the scorecard, on small worlds and against the definition of the interval."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossclaims.incidents import grade
from lossclaims.scorecard import FEWEST, OUTCOMES, Z95, scorecard, wilson
from tests.test_incidents import World, swap_labels, worlds

ROOT = Path(__file__).resolve().parents[1]


def card(world: World) -> pd.DataFrame:
    tables = world.tables()
    return scorecard(tables | grade(tables))


def counts(world: World, claimant: str, attribution: str = "named") -> dict[str, int]:
    table = card(world)
    rows = table[(table["claimant_id"] == claimant) & (table["attribution"] == attribution)]
    assert len(rows) == 1
    return {name: int(rows[f"n_{name}"].iloc[0]) for name in ("claims", "checkable", *OUTCOMES)}


def expect(**given: int) -> dict[str, int]:
    return dict.fromkeys(("claims", "checkable", *OUTCOMES), 0) | given


def test_a_claim_that_nobody_else_speaks_to_is_not_checkable() -> None:
    world = World()
    world.claim("lna")
    world.claim("lna", incident="")
    world.claim("egypt")
    world.claim("reuters")
    world.claim("un", via="lna")
    assert counts(world, "lna") == expect(claims=2)


def test_what_makes_a_claim_checkable() -> None:
    world = World()
    world.claim("lna")
    world.claim("un")
    assert counts(world, "lna") == counts(world, "un") == expect(claims=1, checkable=1)


def test_photographs_of_the_claimants_side_do_not_check_its_claims_unless_preferred() -> None:
    world = World()
    world.claim("lna")
    world.shown("type", "lna_tv", equipment_id="mig_21", rank="normal")
    assert counts(world, "lna") == expect(claims=1)
    world.evidence[0]["rank"] = "preferred"
    assert counts(world, "lna") == expect(claims=1, checkable=1, misidentified=1)


def test_documented_needs_the_right_identification() -> None:
    world = World()
    world.claim("lna", "gna", "bayraktar_tb2")
    world.claim("lna", "gna", "mig_21")
    world.claim("lna", "gna", "mig_21", attribution="anonymous_of")
    world.shown("type_and_owner", equipment_id="bayraktar_tb2", lost_by_id="gna")
    assert counts(world, "lna") == expect(claims=2, checkable=2, documented=1, misidentified=1)
    assert counts(world, "lna", "anonymous_of") == expect(claims=1, checkable=1, misidentified=1)


def test_admitted_and_contested() -> None:
    world = World()
    world.claim("lna", "gna")
    world.claim("gna", "gna", outlets=["gna_tv"])
    world.denial("gna_air_force", disputes="count")
    assert counts(world, "lna") == expect(claims=1, checkable=1, admitted=1, contested=1)
    # an admission is not itself checked
    assert counts(world, "gna") == expect(claims=1)


def test_an_admission_known_only_from_the_claimants_side_is_none() -> None:
    world = World()
    world.claim("lna", "gna")
    world.claim("gna", "gna", outlets=["lna_tv"])
    assert counts(world, "lna") == expect(claims=1)


def test_narrators_unnamed_voices_and_denials_have_no_row() -> None:
    world = World()
    world.claim("reuters")
    world.claim("")
    world.denial("gna")
    assert card(world).empty


def test_shares_from_twenty_checkable_claims() -> None:
    world = World()
    for _ in range(FEWEST - 1):
        world.claim("lna")
    world.shown("type", equipment_id="uav")
    shares = [c for c in card(world).columns if c.startswith("share")]
    assert len(shares) == 12
    assert card(world)[shares].isna().all(axis=None)
    world.claim("lna", thing="mig_21")
    row = card(world).iloc[0]
    assert row["share_documented"] == (FEWEST - 1) / FEWEST
    assert (row["share_documented_low"], row["share_documented_high"]) == wilson(FEWEST - 1, FEWEST)
    assert (row["share_contested"], row["share_contested_low"]) == (0, 0)
    assert row["share_contested_high"] == pytest.approx(0.16113, abs=1e-5)


def test_columns_are_those_of_the_schema() -> None:
    text = (ROOT / "schemas" / "tables" / "scorecard.yaml").read_text(encoding="utf-8")
    names = [n.split(".")[-1] for n in re.findall(r"^  - (?:name|use): (\S+)", text, re.M)]
    for world in (World(), World()):
        assert [*card(world).columns] == names
        world.claim("lna")
        assert [*card(world).columns] == names


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_shares_from_which_the_score_test_does_not_differ(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = wilson(hits, n)
    assert 0 <= low <= hits / n <= high <= 1
    for end in (low, high):
        # the ends solve |share - end| = z * sqrt(end (1 - end) / n)
        assert abs(hits / n - end) == pytest.approx(Z95 * math.sqrt(end * (1 - end) / n), abs=1e-9) or end in (0, 1)
    mirrored = wilson(n - hits, n)
    assert mirrored == pytest.approx((1 - high, 1 - low))


def test_published_values_of_the_interval() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_counts_nest_and_do_not_depend_on_labels_of_sides(world: World) -> None:
    tables = world.tables()
    made = scorecard(tables | grade(tables))
    assert (made["n_checkable"] <= made["n_claims"]).all()
    for name in OUTCOMES:
        assert (made[f"n_{name}"] <= made["n_checkable"]).all()
    assert ((made["n_documented"] + made["n_misidentified"]) <= made["n_checkable"]).all()
    swapped = swap_labels(tables)
    pd.testing.assert_frame_equal(made, scorecard(swapped | grade(swapped)))
    asserted = tables["claims"].query("stance == 'asserts' and attribution == 'named'")
    assert made["n_claims"].sum() == len(asserted)
