"""Suggestions of links: planted duplicates are found, unlike claims are not, and nothing else decides."""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("splink")

from lossclaims.links import BLOCK, COLUMNS, KINDS, evaluate, suggest_links

ROOT = Path(__file__).resolve().parents[1]
Tables = dict[str, pd.DataFrame]


def _benchmark() -> Any:
    spec = importlib.util.spec_from_file_location("benchmarks_links", ROOT / "benchmarks" / "links.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmarks_links"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def planted() -> Any:
    return _benchmark().synthetic(700, seed=3)


@pytest.fixture(scope="module")
def suggested(planted: Any) -> pd.DataFrame:
    return suggest_links(planted.tables)


TEXT = ("claim_id", "mention_id", "source_id", "item_text", "count_text", "title", "language")
CLAIM = {
    "collection_id": "c",
    "domain": "equipment",
    "claimant_id": "north",
    "claimant_bloc": "n",
    "stance": "asserts",
    "lost_by_id": "south",
    "lost_by_bloc": "s",
    "equipment_id": "kite_2",
    "equipment_class": "kite",
    "personnel_category": None,
    "subgroup": None,
    "outcome": "destroyed",
    "count_text": "13",
    "count_low": 13,
    "count_high": 13,
    "figure_kind": "incident",
    "part_of": None,
    "incident_id": None,
    "place_id": "hill",
    "place_precision": 1,
    "date_start": "2020-05-21",
    "date_end": "2020-05-24",
    "said_on": "2020-05-24",
    "first_published": "2020-05-25",
    "item_text": "large kites",
    "title": None,
}
OTHER = {
    "claimant_id": "south",
    "claimant_bloc": "s",
    "lost_by_id": "north",
    "lost_by_bloc": "n",
    "equipment_id": "cart",
    "equipment_class": "cart",
    "outcome": "captured",
    "count_text": "40",
    "count_low": 40,
    "count_high": 40,
    "place_id": "far",
    "date_start": "2020-05-25",
    "date_end": "2020-05-25",
    "said_on": "2020-05-25",
    "item_text": "wagon",
}
NUMBERS = ("count_low", "count_high", "place_precision")
DAYS = ("date_start", "date_end", "said_on", "first_published")


def tables(*claims: dict[str, Any]) -> Tables:
    """One source per claim; each claim is ``CLAIM`` with changes."""
    rows = [{**CLAIM, **changes} for changes in claims]
    frame = pd.DataFrame(rows, columns=list(CLAIM)).astype("object")
    ids = [row.get("source_id", f"AA{i:04d}") for i, row in enumerate(rows, 1)]
    seen: dict[str, int] = {}
    for source in ids:
        seen[source] = seen.get(source, 0) + 1
    frame["source_id"] = ids
    frame["claim_id"] = [row.get("claim_id", f"{source}.1") for row, source in zip(rows, ids, strict=True)]
    for column in frame.columns:
        if column in NUMBERS:
            frame[column] = frame[column].astype("Int64")
        elif column in DAYS:
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        else:
            frame[column] = frame[column].astype("string")
    frame["mention_id"] = frame["claim_id"]
    shared = ["mention_id", "claim_id", "source_id", "item_text", "count_text", "count_low", "count_high"]
    sources = frame[["source_id", "title", "collection_id", "first_published"]].drop_duplicates("source_id")
    sources = sources.rename(columns={"first_published": "published_latest"})
    sources["language"] = pd.Series("en", index=sources.index, dtype="string")
    sources["republication_of"] = pd.Series(pd.NA, index=sources.index, dtype="string")
    places = [
        ("hill", "land", 30.0, 15.0, 2.0),
        ("well", "land", 30.1, 15.05, 2.0),
        ("far", "land", 32.5, 11.0, 2.0),
        ("lost", None, None, None, None),
        ("land", None, 29.0, 15.0, 700.0),
    ]
    place = pd.DataFrame(places, columns=["place_id", "parent_id", "latitude", "longitude", "uncertainty_km"])
    numbers = ["latitude", "longitude", "uncertainty_km"]
    place[numbers] = place[numbers].astype("Float64")
    equipment = pd.DataFrame({"equipment_id": ["kite_2", "kite", "cart"], "parent_id": ["kite", None, None]})
    incidents = pd.DataFrame({"incident_id": ["AAI1", "AAI2"], "distinct_from": ["AAI2", None]})
    return {
        "claims": frame.drop(columns=["mention_id", "source_id", "item_text", "title"]),
        "mentions": frame[[*shared, "date_start", "date_end", "said_on"]],
        "sources": sources.reset_index(drop=True),
        "places": place.astype({"place_id": "string", "parent_id": "string"}),
        "equipment": equipment.astype("string"),
        "incidents": incidents.astype("string"),
    }


def pairs(frame: pd.DataFrame, kind: str) -> set[tuple[str, str]]:
    rows = frame[frame["kind"] == kind]
    return set(zip(rows["left"], rows["right"], strict=True))


@pytest.mark.parametrize(("kind", "recall"), [("claim", 0.9), ("incident", 0.9), ("text", 0.9)])
def test_planted_links_are_found(planted: Any, suggested: pd.DataFrame, kind: str, recall: float) -> None:
    links = planted.planted(kind)
    assert len(links & pairs(suggested, kind)) / len(links) >= recall
    nearest = suggested[suggested["kind"] == kind].head(len(links) // 2)
    assert len(links & pairs(nearest, kind)) / len(nearest) >= 0.7


def test_the_frame_is_typed_and_sorted(suggested: pd.DataFrame) -> None:
    assert tuple(suggested.columns) == COLUMNS
    dtypes = ["category", "string", "string", "Float64", "string", "boolean"]
    assert [str(d) for d in suggested.dtypes] == dtypes
    assert suggested["score"].is_monotonic_decreasing
    assert suggested["score"].between(0, 1).all()
    assert (suggested["left"] < suggested["right"]).all()
    assert not suggested.duplicated(["kind", "left", "right"]).any()
    assert (suggested["reasons"].str.len() > 0).all()


def test_the_order_of_rows_changes_nothing(planted: Any, suggested: pd.DataFrame) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=5) for name, frame in planted.tables.items()}
    pd.testing.assert_frame_equal(suggest_links(shuffled), suggested)


def test_swapping_the_sides_changes_no_score(planted: Any, suggested: pd.DataFrame) -> None:
    swapped = dict(planted.tables)
    claims = planted.tables["claims"].copy()
    for column in ("claimant_id", "claimant_bloc", "lost_by_id", "lost_by_bloc"):
        claims[column] = claims[column].str.replace("^a", "x", regex=True).str.replace("^b", "a", regex=True)
        claims[column] = claims[column].str.replace("^x", "b", regex=True)
    swapped["claims"] = claims
    columns = ["kind", "left", "right", "score"]
    pd.testing.assert_frame_equal(suggest_links(swapped)[columns], suggested[columns])


def test_reasons_name_what_agrees_and_what_differs() -> None:
    more = {"count_text": "more than 13", "count_low": 14, "count_high": None, "place_id": "well", "item_text": "toys"}
    found = suggest_links(tables({}, {**more, "date_start": "2020-05-23", "outcome": "captured"}), kinds=["claim"])
    assert found["reasons"].tolist() == [
        "dates overlap 23 to 24 May 2020; 12 km apart (hill and well); same equipment kite_2; figures 13 and 14+; "
        "same claimant north; same losing body south; same day of statement 24 May 2020; same stance asserts; "
        "same kind of figure incident | but other outcome: destroyed and captured"
    ]


def test_nothing_is_suggested_for_different_claims() -> None:
    assert suggest_links(tables({}, OTHER)).empty
    assert suggest_links(tables({}, {"collection_id": "d"})).empty


@pytest.mark.parametrize(
    "change",
    [
        {"equipment_id": "kite"},
        {"date_start": None},
        {"place_id": "land", "place_precision": 6},
        {"place_id": None, "place_precision": None},
        {"said_on": None},
        {"claimant_id": "north_command"},
        {"count_low": 12, "count_high": 99},
    ],
)
def test_one_difference_does_not_hide_a_claim(change: dict[str, Any]) -> None:
    found = suggest_links(tables({}, change))
    assert pairs(found, "claim") == {("AA0001.1", "AA0002.1")}


def test_what_is_missing_is_neutral() -> None:
    def score(change: dict[str, Any]) -> float:
        found = suggest_links(tables({}, change), kinds=["claim"])
        return float(found["score"].iloc[0]) if len(found) else 0.0

    assert score({"place_id": "far"}) < score({"place_id": "lost"}) == score({"place_id": None}) < score({})
    assert score({"claimant_id": "south", "claimant_bloc": "s"}) < score({"claimant_id": None, "claimant_bloc": None})


def test_claims_of_which_nearly_nothing_is_known() -> None:
    nothing = dict.fromkeys(
        [*DAYS, "claimant_id", "claimant_bloc", "place_id", "place_precision", "count_high", "title"]
    )
    found = suggest_links(tables(nothing, nothing))
    assert set(found["kind"]) <= set(KINDS)
    assert "NA" not in " ".join(found["reasons"]) and "None" not in " ".join(found["reasons"])


@pytest.mark.parametrize("rows", [(), ({},)])
def test_no_claims_and_one_claim(rows: tuple[dict[str, Any], ...]) -> None:
    found = suggest_links(tables(*rows))
    assert found.empty
    assert [str(d) for d in found.dtypes] == ["category", "string", "string", "Float64", "string", "boolean"]
    measured = evaluate(tables(*rows))
    assert measured["links"].tolist() == [0, 0, 0]
    assert measured["recall"].isna().all()


def test_rival_claimants_are_one_incident_and_two_claims() -> None:
    rival = {
        "claimant_id": "south",
        "claimant_bloc": "s",
        "count_low": 2,
        "count_high": 2,
        "said_on": "2020-05-29",
        "item_text": "toys",
    }
    found = suggest_links(tables({}, rival))
    assert pairs(found, "incident") == {("AA0001.1", "AA0002.1")}
    assert not pairs(found, "claim")


def test_links_and_distinctions_of_coders() -> None:
    linked = suggest_links(tables({"incident_id": "AAI1"}, {"incident_id": "AAI1"}), kinds=["incident"])
    assert linked["already_linked"].tolist() == [True]
    assert suggest_links(tables({"incident_id": "AAI1"}, {"incident_id": "AAI2"}), kinds=["incident"]).empty
    assert suggest_links(tables({}, {"part_of": "AA0001.1"}), kinds=["claim"]).empty
    total = {"figure_kind": "cumulative"}
    assert suggest_links(tables(total, total), kinds=["incident"]).empty
    assert len(suggest_links(tables(total, total), kinds=["claim"])) == 1


def test_copies_of_a_document() -> None:
    told = [
        {},
        {"equipment_id": "cart", "equipment_class": "cart", "count_low": 2, "count_high": 2, "count_text": "two"},
    ]
    told.append({**told[1], "outcome": "captured", "item_text": "carts"})
    original = [{**c, "source_id": "AA0001", "claim_id": f"AA0001.{i}"} for i, c in enumerate(told, 1)]
    copy = [{**c, "source_id": "AA0010", "claim_id": f"AA0010.{i}"} for i, c in enumerate(told, 1)]
    titles = ({"title": "Kites fall near hill"}, {"title": "Video: Kites fall near hill"})
    rows = [{**c, **titles[0]} for c in original] + [{**c, **titles[1]} for c in copy]
    frames = tables(*rows, {**OTHER, "source_id": "AA0009", "claim_id": "AA0009.1", "title": "Weather"})
    found = suggest_links(frames, kinds=["text"])
    assert found[["left", "right"]].to_numpy().tolist() == [["AA0001", "AA0010"]]
    assert found["reasons"].iloc[0] == (
        "titles alike; the same 3 claims in the same order; 3 claims in the same words; both published 25 May 2020; "
        "same claimants"
    )
    assert not found["already_linked"].any()
    sources = frames["sources"]
    sources.loc[sources["source_id"] == "AA0010", "republication_of"] = "AA0001"
    assert suggest_links(frames, kinds=["text"])["already_linked"].all()


def test_only_and_most(planted: Any, suggested: pd.DataFrame) -> None:
    claim = suggested.loc[suggested["kind"] == "claim", "left"].iloc[0]
    source = claim.split(".")[0]
    own = suggest_links(planted.tables, only=[source])
    assert "claim" in set(own["kind"])
    assert all(
        source in (left.split(".")[0], right.split(".")[0])
        for left, right in zip(own["left"], own["right"], strict=True)
    )
    one = suggest_links(planted.tables, kinds=["claim"], only=[claim])
    assert claim in set(one["left"]) | set(one["right"])
    assert suggest_links(planted.tables, only=[]).empty
    nearest = suggest_links(planted.tables, most=3)
    assert nearest["kind"].value_counts().to_dict() == dict.fromkeys(KINDS, 3)
    pd.testing.assert_frame_equal(
        nearest[nearest["kind"] == "claim"].reset_index(drop=True),
        suggested[suggested["kind"] == "claim"].head(3).reset_index(drop=True),
    )


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="no kind 'war'; one of claim, incident, text"):
        suggest_links(tables({}), kinds=["war"])
    with pytest.raises(ValueError, match="most is -1"):
        suggest_links(tables({}), most=-1)


def test_evaluation_against_the_links_of_coders(planted: Any) -> None:
    measured = evaluate(planted.linked()).set_index("kind")
    assert (measured["found"] <= measured["reached"]).all()
    assert (measured["reached"] <= measured["links"]).all()
    assert (measured["recall"] >= 0.9).all()
    assert (measured["top_share"] >= 0.7).all()
    assert measured.loc["claim", "links"] == len(planted.planted("claim"))


def test_the_number_of_comparisons_grows_with_the_number_of_claims() -> None:
    def compared(n: int) -> int:
        frames = tables(*({"count_low": i, "count_high": i} for i in range(1, n + 1)))
        return int(evaluate(frames)["compared"].iloc[KINDS.index("claim")])

    few, many = compared(3 * BLOCK), compared(6 * BLOCK)
    assert many <= 2.3 * few
    assert many < 6 * BLOCK * 100


def test_ids_are_ordered_by_their_numbers() -> None:
    same = [{"source_id": f"AA{n}", "claim_id": f"AA{n}.1"} for n in (10000, 9999)]
    found = suggest_links(tables(*same), kinds=["claim"])
    assert list(itertools.chain(found["left"], found["right"])) == ["AA9999.1", "AA10000.1"]
