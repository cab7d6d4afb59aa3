"""Are two codings paired by content, and is their agreement measured and shown as it is?"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossclaims.agreement import (
    Result,
    agreement,
    alpha,
    alpha_draws,
    pair,
    ratio_distance,
    render,
    second_files,
    to_json,
    write,
)
from lossclaims.house import House
from lossclaims.problems import InputError, Problems
from lossclaims.records import canonical_record, read_records, record_files
from lossclaims.rows import Row
from lossclaims.schema import Schema, Value, load_schema
from lossclaims.vocabulary import Vocabulary, read_csv_rows, read_vocabulary
from lossclaims.yamltext import write_yaml

COLLECTION = "libya-2019-2020"
ID = "LY8801"
OTHER = "LY8802"
HASH = "11de8e1da279bb91c9ea3b6a8f3b9d6f4f0f2a6c0b6f2b2d8a1e5b8f7c6d5e4f"

# four figures of one report: words, place in the text, what they are about
TANKS = {"char_start": 100, "item_text": "LNA tanks", "count_text": "two", "equipment_id": "tank"}
DRONE = {"char_start": 220, "item_text": "combat drone", "count_text": "a", "equipment_id": "ucav"}
TRUCKS = {"char_start": 340, "item_text": "lorries of the LNA", "count_text": "300", "equipment_id": "truck"}
MEN = {"char_start": 460, "item_text": "fighters", "count_text": "over 30", "personnel_category": "fighter"}
THINGS = [TANKS, DRONE, TRUCKS]


def mention(number: int, values: Mapping[str, object], report: str = ID, **more: object) -> dict[str, object]:
    """One mention as a coder writes it."""
    about = {
        "paragraph": 3,
        "claimant_text": "the GNA",
        "claimant_id": "gna",
        "attribution": "named",
        "stance": "asserts",
        "lost_by_id": "lna",
        "cause": "not_stated",
        "outcome": "killed" if "personnel_category" in values else "destroyed",
        "figure_kind": "incident",
    }
    return {"mention_id": f"{report}.{number}"} | about | dict(values) | more


def small(checkout: House, root: Path) -> House:
    """A copy of the checkout without its reports and with few names, for speed."""
    for name in ("schemas", "datasets/vocabulary"):
        shutil.copytree(checkout.root / name, root / name)
    house = House(root)
    aliases = house.vocabulary / "aliases.csv"
    header, *rows = aliases.read_text(encoding="utf-8").splitlines(keepends=True)
    names = ("actor,", "equipment,", "place,")
    # rows of English and of no one language
    kept = [r for r in rows if re.search(r",(en|[a-z]{3})$", r) and not r.startswith(names)]
    aliases.write_text("".join([header, *kept]), encoding="utf-8")
    folder = house.records / COLLECTION
    folder.mkdir(parents=True)
    shutil.copy(checkout.records / COLLECTION / "collection.yaml", folder)
    return house


@pytest.fixture
def house(checkout: House, tmp_path: Path) -> House:
    return small(checkout, tmp_path / "house")


@cache
def lists(house: House) -> tuple[Schema, Vocabulary]:
    schema = load_schema(house, Problems())
    return schema, read_vocabulary(house, schema, Problems())


def path_of(house: House, report: str, second: bool) -> Path:
    folder = house.records / COLLECTION / ("second" if second else "")
    return folder / "reports" / "2020-05" / f"{report}.yaml"


def put(house: House, mentions: Sequence[dict[str, object]], report: str = ID, *, second: bool, **top: object) -> Path:
    """Write one coding of a report, in canonical form where it can be read."""
    head: dict[str, object] = {
        "source_id": report,
        "outlet_id": "south_front",
        "title": "A report",
        "published_earliest": "2020-05-26",
        "published_latest": "2020-05-26",
        "language": "en",
        "read_as": "full_text",
        "text_sha256": HASH,
        "coder": "c02" if second else "c01",
    } | top
    path = path_of(house, report, second)
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{k: (str(v), False) for k, v in m.items() if v is not None} for m in mentions]
    tree: dict[str, Any] = {k: (str(v), False) for k, v in head.items() if v is not None}
    path.write_text(write_yaml(tree | ({"mentions": listed} if listed else {})), encoding="utf-8")
    entry = next(e for e in [*record_files(house), *second_files(house)] if e[0] == path)
    schema, vocabulary = lists(house)
    problems = Problems()
    found = read_records(house, schema, vocabulary, problems, [entry]).found
    if {p.rule for p in problems.found} == {"file_is_canonical"}:
        path.write_text(canonical_record(found[0], house, schema), encoding="utf-8")
    return path


def both(house: House, first: Sequence[dict[str, object]], second: Sequence[dict[str, object]]) -> Result:
    put(house, first, second=False)
    put(house, second, second=True)
    return agreement(house, seed=1, draws=50)


def row_of(result: Result, field: str) -> dict[str, Any]:
    table = result.table.set_index("field").astype("object")
    return {str(k): v for k, v in table.loc[field].items()}


def numbered(values: Sequence[dict[str, object]], report: str = ID) -> list[dict[str, object]]:
    return [mention(i, v, report) for i, v in enumerate(values, 1)]


# -- the whole way -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted(checkout: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Result]:
    """Two reports with planted disagreements, coded in another order and with other ids."""
    house = small(checkout, tmp_path_factory.mktemp("planted") / "house")
    put(house, numbered([*THINGS, MEN]), second=False)
    second = [
        mention(1, MEN, cause="enemy_fire"),
        # starts at the item and words it otherwise
        mention(2, TRUCKS | {"item_text": "lorries", "char_start": 345, "count_text": "over 300"}),
        mention(4, TANKS, when_text="on May 24, 2020"),
        mention(7, {"char_start": 900, "item_text": "howitzers", "count_text": "five", "equipment_id": "artillery"}),
    ]
    put(house, second, second=True)
    put(house, numbered(THINGS, OTHER), OTHER, second=False)
    put(house, numbered(THINGS, OTHER), OTHER, second=True)
    return house, agreement(house, seed=7, draws=200)


def test_every_planted_disagreement_is_listed(planted: tuple[House, Result]) -> None:
    _, result = planted
    assert not result.problems
    found = result.disagreements.astype("object").where(result.disagreements.notna(), None)
    listed = {(r.first_id, r.second_id, r.field, r.first, r.second) for r in found.itertuples(index=False)}
    assert listed == {
        ("LY8801.4", "LY8801.1", "cause", "not_stated", "enemy_fire"),
        ("LY8801.3", "LY8801.2", "count_low", "300", "301"),
        ("LY8801.3", "LY8801.2", "count_high", "300", None),
        ("LY8801.3", "LY8801.2", "count_rule", "exact", "more_than"),
        ("LY8801.1", "LY8801.4", "date_start", None, "2020-05-24"),
        ("LY8801.1", "LY8801.4", "date_end", "2020-05-26", "2020-05-24"),
        ("LY8801.2", None, "mention", "a combat drone", None),
        (None, "LY8801.7", "mention", None, "five howitzers"),
    }


def test_disagreements_name_the_line_of_both(planted: tuple[House, Result]) -> None:
    house, result = planted
    for row in result.disagreements.to_dict("records"):
        for side in ("first", "second"):
            path, line, value = house.root / str(row[f"{side}_file"]), row[f"{side}_line"], str(row[side])
            assert path.is_file()
            if row["field"] in ("cause", "mention") and not pd.isna(line):
                text = path.read_text(encoding="utf-8").splitlines()[int(line) - 1]
                assert (value if row["field"] == "cause" else "mention_id") in text
    count = result.disagreements[result.disagreements["field"] == "count_low"].iloc[0]
    lines = (house.root / str(count["second_file"])).read_text(encoding="utf-8").splitlines()
    assert lines[int(count["second_line"]) - 1] == "  count_text: over 300"


def test_a_link_to_a_row_that_the_second_coder_numbered_otherwise_means_nothing(house: House) -> None:
    third = "LY8803"
    put(house, numbered([MEN | {"speaker": "A spokesman"}]), second=False)
    # what the other report restates is not this row of the second coding, which has no speaker
    put(
        house,
        numbered([MEN | {"claimant_text": None, "attribution": "narrator", "claimant_id": "south_front"}]),
        second=True,
    )
    put(house, numbered([MEN | {"speaker": "A spokesman", "restates": f"{ID}.1"}], OTHER), OTHER, second=False)
    for second in (False, True):
        put(house, numbered([MEN | {"restates": f"{OTHER}.1"}], third), third, second=second)
    result = agreement(house, seed=1, draws=20)
    assert [p for p in result.problems if not p.warning] == []
    assert set(result.table["n_reports"]) == {2}


def test_table_counts_units(planted: tuple[House, Result]) -> None:
    _, result = planted
    # six pairs, and one row of either coder alone
    assert (row_of(result, "mention")["n_units"], row_of(result, "mention")["agreement"]) == (8, 0.75)
    assert pd.isna(row_of(result, "mention")["alpha"])
    assert (row_of(result, "cause")["n_units"], row_of(result, "cause")["agreement"]) == (6, 0.8333)
    assert set(result.table["n_reports"]) == {2}
    # neither coder says who supplied anything: alike, and without variation no alpha
    assert row_of(result, "supplier_id")["agreement"] == 1
    assert pd.isna(row_of(result, "supplier_id")["alpha"])


def test_table_holds_what_the_schema_says(planted: tuple[House, Result]) -> None:
    house, result = planted
    schema = load_schema(house, Problems())
    schema["reliability"].pandera().validate(result.table, lazy=True)
    fields = set(result.table["field"])
    assert {
        "claimant_id",
        "lost_by_id",
        "equipment_class",
        "count_low",
        "count_high",
        "date_start",
        "part_of",
    } <= fields
    assert not fields & {
        "mention_id",
        "char_start",
        "paragraph",
        "note",
        "hedge",
        "item_text",
        "speaker",
        "incident_id",
    }


def test_written_file_is_canonical_and_read_by_the_build(planted: tuple[House, Result]) -> None:
    house, result = planted
    [path] = write(result, house)
    problems = Problems()
    rows = read_csv_rows(path, "reliability.csv", load_schema(house, Problems())["reliability"], problems)
    assert not problems.found
    assert [r.text("field") for r in rows] == list(result.table["field"])
    before = path.read_bytes()
    write(result, house)
    assert path.read_bytes() == before


def test_text_shows_all(planted: tuple[House, Result]) -> None:
    _, result = planted
    text = render(result)
    assert "2 reports coded twice" in text
    assert "LY8801.3 and LY8801.2: '300 lorries of the LNA'" in text
    assert "LY8801.2 in the first coding only: 'a combat drone'" in text
    for row in result.disagreements.dropna().itertuples(index=False):
        assert f"{row.first}  {row.first_file}:{row.first_line}" in text
        assert f"{row.second}  {row.second_file}:{row.second_line}" in text


def test_json_holds_all(planted: tuple[House, Result]) -> None:
    _, result = planted
    whole = json.loads(to_json(result))
    assert (whole["seed"], whole["draws"]) == (7, 200)
    assert len(whole["table"]) == len(result.table)
    assert len(whole["disagreements"]) == len(result.disagreements) == 8
    assert next(r for r in whole["table"] if r["field"] == "mention")["alpha"] is None


def test_same_seed_same_intervals(planted: tuple[House, Result]) -> None:
    house, result = planted
    again = agreement(house, seed=7, draws=200)
    pd.testing.assert_frame_equal(again.table, result.table)
    pd.testing.assert_frame_equal(again.disagreements, result.disagreements)


def test_perfect_agreement_is_alpha_one(house: House) -> None:
    coded = numbered([*THINGS, MEN])
    result = both(house, coded, [m | {"mention_id": f"{ID}.{9 - i}"} for i, m in enumerate(coded)])
    assert result.disagreements.empty
    assert (result.table["agreement"] == 1).all()
    assert set(result.table["alpha"].dropna()) == {1.0}
    assert row_of(result, "equipment_id")["alpha"] == 1
    # one report says nothing of how much reports differ
    assert result.table["alpha_low"].isna().all()
    # figures of codings that are gone go
    [path] = write(result, house)
    assert path.read_text(encoding="utf-8").count("\n") > 1
    path_of(house, ID, True).unlink()
    write(agreement(house, seed=1), house)
    assert path.read_text(encoding="utf-8").count("\n") == 1


def test_alpha_by_hand_and_links_through_the_pairs(house: House) -> None:
    first = numbered(
        [
            TRUCKS,
            TANKS | {"part_of": f"{ID}.1"},
            DRONE | {"part_of": f"{ID}.1", "outcome": "captured"},
        ]
    )
    second = [
        mention(5, TRUCKS),
        mention(6, TANKS, part_of=f"{ID}.5", outcome="captured"),
        mention(1, DRONE, outcome="captured"),
    ]
    # a report without losses can be coded twice
    put(house, [], OTHER, second=False)
    put(house, [], OTHER, second=True)
    result = both(house, first, second)
    # three of each word in six values, one pair unlike: 1 - (6 - 1) * 2 / (2 * 3 * 3)
    assert row_of(result, "outcome")["alpha"] == round(1 - 5 * 2 / 18, 4)
    assert row_of(result, "outcome")["agreement"] == 0.6667
    assert row_of(result, "outcome")["n_reports"] == 2
    links = result.disagreements[result.disagreements["field"] == "part_of"]
    assert list(links["first_id"]) == [f"{ID}.3"]


def test_without_second_codings_there_is_nothing_to_write(house: House) -> None:
    result = agreement(house, seed=1)
    assert result.table.empty and not result.problems
    assert write(result, house) == []
    assert "no report has a second coding" in render(result)


# -- what is refused -----------------------------------------------------------------------------------


def test_all_faults_are_named_at_once(house: House) -> None:
    coded = numbered(THINGS)
    put(house, coded, second=False)
    put(house, coded, second=True, text_sha256=HASH[::-1])
    put(house, numbered(THINGS, OTHER), OTHER, second=True)
    put(house, numbered(THINGS, "LY8803"), "LY8803", second=False)
    put(house, [mention(1, TANKS, "LY8803", outcome="shot_dwn")], "LY8803", second=True)
    put(house, numbered(THINGS, "LY8804"), "LY8804", second=False)
    put(house, [mention(1, TANKS, "LY8804", stance="denies")], "LY8804", second=True)
    put(house, numbered(THINGS, "LY8805"), "LY8805", second=False)
    put(house, [mention(1, TANKS | {"count_text": "ovr 2"}, "LY8805")], "LY8805", second=True)
    put(house, [mention(1, TANKS | {"count_text": "ovr 2"}, "LY8806")], "LY8806", second=False)
    stray = house.records / COLLECTION / "second" / "notes.txt"
    stray.write_text("x", encoding="utf-8")
    result = agreement(house, seed=1)
    assert result.table.empty and result.disagreements.empty
    found = {(Path(p.file).stem, p.rule) for p in result.errors}
    assert found == {
        (ID, "codings_are_of_one_text"),
        (OTHER, "second_coding_has_a_first"),
        ("LY8803", "value_is_a_term"),
        ("LY8804", "denial_says_what_it_disputes"),
        ("LY8805", "figure_can_be_read"),
        ("LY8806", "figure_can_be_read"),
        ("notes", "file_is_a_second_coding"),
    }
    assert [Path(p.file).stem for p in result.errors if "/second/" not in p.file] == ["LY8806"]
    assert "nothing was compared" in render(result)
    with pytest.raises(InputError):
        write(result, house)


def test_one_coder_twice_and_form_are_warnings(house: House) -> None:
    coded = numbered(THINGS)
    put(house, coded, second=False)
    path = put(house, coded, second=True, coder="c01")
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    result = agreement(house, seed=1, draws=10)
    assert not result.errors and not result.table.empty
    assert {p.rule for p in result.problems} == {"codings_are_by_two_coders", "file_is_canonical"}
    # what one coder repeats is not published as agreement of two
    with pytest.raises(InputError, match="codings_are_by_two_coders"):
        write(result, house)


@pytest.mark.parametrize(("seed", "draws"), [(-1, 10), (1, 0)])
def test_seed_and_draws_are_checked(house: House, seed: int, draws: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        agreement(house, seed=seed, draws=draws)


# -- pairs ---------------------------------------------------------------------------------------------


def coded_row(number: int, values: Mapping[str, Value], file: str = "a", **more: Value) -> Row:
    return Row(file, number, {"mention_id": f"{ID}.{number}", **values, **more})


def ids(pairs: Sequence[tuple[Row | None, Row | None]]) -> list[tuple[str, str]]:
    return [(a.text("mention_id") if a else "", b.text("mention_id") if b else "") for a, b in pairs]


def test_two_rows_at_one_place_are_told_apart_by_place_names() -> None:
    words: dict[str, Value] = {
        "char_start": 870,
        "item_text": "combat drones",
        "count_text": "two",
        "count_low": 1,
        "count_high": 1,
    }
    first = [coded_row(1, words, place_text="near Bani Walid"), coded_row(2, words, place_text="Qaryat")]
    second = [coded_row(1, words, "b", place_text="Qaryat"), coded_row(2, words, "b", place_text="near Bani Walid")]
    assert sorted(ids(pair(first, second))) == [(f"{ID}.1", f"{ID}.2"), (f"{ID}.2", f"{ID}.1")]


def test_different_things_side_by_side_stay_single() -> None:
    tanks = coded_row(1, {}, char_start=100, item_text="tanks", count_text="two", count_low=2, count_high=2)
    men = coded_row(1, {}, "b", char_start=120, item_text="soldiers", count_text="three", count_low=3, count_high=3)
    assert sorted(ids(pair([tanks], [men]))) == [("", f"{ID}.1"), (f"{ID}.1", "")]


def test_two_poor_pairs_do_not_outweigh_a_good_one() -> None:
    two: dict[str, Value] = {"count_text": "two", "count_low": 2, "count_high": 2}
    first = [coded_row(i, two, char_start=at, item_text="tanks") for i, at in ((1, 100), (2, 140))]
    second = [coded_row(1, two, "b", char_start=140, item_text="tanks")]
    second.append(coded_row(2, two, "b", char_start=180, item_text="lorries"))
    assert (f"{ID}.2", f"{ID}.1") in ids(pair(first, second))


def test_excerpts_pair_by_figure_and_item() -> None:
    two: dict[str, Value] = {"count_text": "two", "count_low": 2, "count_high": 2, "item_text": "soldiers"}
    first = [coded_row(1, two, outcome="killed"), coded_row(2, two, outcome="wounded")]
    second = [coded_row(5, two, "b", outcome="wounded"), coded_row(6, two | {"item_text": "lorries"}, "b")]
    assert sorted(ids(pair(first, second))) == [("", f"{ID}.6"), (f"{ID}.1", ""), (f"{ID}.2", f"{ID}.5")]


def test_codes_do_not_make_a_pair() -> None:
    codes: dict[str, Value] = {
        "equipment_id": "tank",
        "outcome": "destroyed",
        "claimant_id": "gna",
        "lost_by_id": "lna",
    }
    one = coded_row(1, codes, char_start=100, item_text="tanks", count_text="two", count_low=2, count_high=2)
    two = coded_row(1, codes, "b", char_start=900, item_text="armour", count_text="five", count_low=5, count_high=5)
    assert len(pair([one], [two])) == 2


def test_unlike_codes_do_not_part_a_pair() -> None:
    words: dict[str, Value] = {"char_start": 100, "item_text": "tanks", "count_text": "two"}
    one = coded_row(1, words, outcome="destroyed", claimant_id="gna", lost_by_id="lna", stance="asserts")
    two = coded_row(1, words, "b", outcome="captured", claimant_id="lna", lost_by_id="gna", stance="denies")
    assert len(pair([one], [two])) == 1


ROWS = st.lists(
    st.fixed_dictionaries(
        {"item_text": st.sampled_from(["tanks", "T-55 tanks", "drones", "fighters"])},
        optional={
            "char_start": st.integers(0, 200),
            "paragraph": st.integers(0, 2),
            "count_text": st.sampled_from(["two", "2", "dozens"]),
            "count_low": st.integers(1, 3),
            "outcome": st.sampled_from(["destroyed", "captured"]),
            "place_id": st.sampled_from(["tripoli", "sirte"]),
        },
    ),
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_pairing_is_one_to_one_symmetric_and_order_free(
    first: list[dict[str, Value]], second: list[dict[str, Value]], random: Any
) -> None:
    a = [coded_row(i, v) for i, v in enumerate(first)]
    b = [coded_row(i, v, "b") for i, v in enumerate(second)]
    pairs = ids(pair(a, b))
    assert sorted(x for x, _ in pairs if x) == sorted(r.text("mention_id") for r in a)
    assert sorted(y for _, y in pairs if y) == sorted(r.text("mention_id") for r in b)
    assert [(x, y) for y, x in ids(pair(b, a))] == pairs
    random.shuffle(a)
    random.shuffle(b)
    assert ids(pair(a, b)) == pairs


@settings(max_examples=50, deadline=None)
@given(ROWS)
def test_a_coding_pairs_with_itself(rows: list[dict[str, Value]]) -> None:
    placed = [coded_row(i, v | {"char_start": 100 * i, "count_text": "two"}) for i, v in enumerate(rows)]
    again = [replace(row, file="b") for row in placed]
    assert all(x == y for x, y in ids(pair(placed, again)))


# -- alpha ---------------------------------------------------------------------------------------------


def test_alpha_of_published_examples() -> None:
    # Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections A and B
    assert alpha(list("0100000010"), list("1110010000"), "nominal") == pytest.approx(0.095, abs=5e-4)
    assert alpha(list("aabbdcccedda"), list("babbbccceddd"), "nominal") == pytest.approx(0.692, abs=5e-4)


def test_ratio_alpha_by_hand() -> None:
    # values 1, 1 and 2, 4: observed 2 (2/6)^2, expected 2 (2 (1/3)^2 + 2 (3/5)^2 + (2/6)^2), three degrees
    expected = 2 * (2 / 9 + 2 * 9 / 25 + 1 / 9)
    assert alpha([1.0, 2.0], [1.0, 4.0], "ratio") == pytest.approx(1 - 3 * (2 / 9) / expected)


def test_open_bound_is_as_far_as_can_be() -> None:
    numbers = np.array([1.0, 10.0, 1e12, math.inf])
    found = ratio_distance(numbers[:, None], numbers[None, :])
    assert (found.diagonal() == 0).all()
    assert (found[3, :3] == 1).all() and (found <= 1).all()
    assert ratio_distance(np.array([0.0]), np.array([0.0])) == 0
    assert found[0, 2] == pytest.approx(1)


def test_alpha_without_variation_is_undefined() -> None:
    assert alpha(["a", "a"], ["a", "a"], "nominal") is None
    assert alpha([], [], "ratio") is None


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "nominal": st.sampled_from(["", "x", "y"]),
    "ratio": st.sampled_from([1.0, 2.0, 12.0, math.inf]),
}


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["nominal", "ratio"]), st.integers(1, 12))
def test_draws_are_what_the_library_gives_for_their_units(data: st.DataObject, scale: Any, n: int) -> None:
    first = data.draw(st.lists(VALUES[scale], min_size=n, max_size=n))
    second = data.draw(st.lists(VALUES[scale], min_size=n, max_size=n))
    groups = data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    weights = np.array(data.draw(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=3)))
    found = alpha_draws(first, second, scale, groups, weights)
    for weight, one in zip(weights, found, strict=True):
        units = [i for i in range(n) for _ in range(weight[groups[i]])]
        again = alpha([first[i] for i in units], [second[i] for i in units], scale)
        assert math.isnan(one) if again is None else one == pytest.approx(again)


def test_finite_ratios_are_those_of_the_library() -> None:
    first, second = [1.0, 5.0, 30.0, 300.0], [1.0, 6.0, 30.0, 280.0]
    own = krippendorff.alpha(reliability_data=[first, second], level_of_measurement="ratio")
    assert alpha(first, second, "ratio") == pytest.approx(own)
