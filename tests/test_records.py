"""Are records read as text, refused with their place, and canonical?"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossclaims.builder import main
from lossclaims.checking import check
from lossclaims.house import House
from lossclaims.problems import Problems
from lossclaims.records import canonical_record, read_records, record_files, stated_languages
from lossclaims.schema import load_schema
from lossclaims.vocabulary import read_vocabulary
from lossclaims.yamltext import Map, Scalar, parse_yaml, write_yaml

REPORT = "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"


def plant(house: House, file: str, old: str, new: str) -> int:
    """Replace the first occurrence; the line of the change."""
    path = house.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        (REPORT, "claimant_id: lna", "claimant_id: lma", "name_is_known"),
        (REPORT, "outcome: shot_down", "outcome: shot_dwn", "value_is_a_term"),
        (REPORT, "outcome: shot_down", "outcome: killed", "outcome_fits_domain"),
        (REPORT, "published_latest: 2020-05-26", "published_latest: 2020-05-36", "value_is_a_valid_date"),
        (REPORT, "published_latest: 2020-05-26", "published_latest: 2020-05-16", "published_earliest_not_after_latest"),
        (REPORT, "count_text: over 100", "count_text: ovr 100", "figure_can_be_read"),
        (REPORT, "when_text: during the last 3 days", "when_text: durng the last 3 days", "time_can_be_read"),
        (REPORT, "  stance: asserts\n", "", "required_key_is_there"),
        (REPORT, "  stance: asserts\n", "  stance: asserts\n  stance: asserts\n", "key_stands_once"),
        (REPORT, "  stance: asserts\n", "  stanc: asserts\n", "key_is_known"),
        (REPORT, "  stance: asserts\n", "  stance:\n", "key_has_a_value"),
        (REPORT, "  stance: asserts\n", "  stance: denies\n", "denial_says_what_it_disputes"),
        (REPORT, "mention_id: LY0003.2", "mention_id: LY0003.1", "key_is_unique"),
        (REPORT, "mention_id: LY0003.2", "mention_id: LY0004.2", "id_begins_with_the_record_id"),
        (REPORT, "source_id: LY0003", "source_id: LY0005", "file_is_named_as_its_id"),
        (REPORT, "republication_of: LY0001", "republication_of: LY0099", "reference_exists"),
        (REPORT, "  place_precision: 2\n", "", "place_has_a_precision"),
        (REPORT, "figure_kind: cumulative", "figure_kind: cumulativ", "value_is_a_term"),
        (REPORT, "mentions:\n", "mentions: [\n", "file_is_yaml"),
        (REPORT, "outlet_id: global_research", "outlet_id: lna", "name_is_known"),
        (REPORT, "coder: c01\n", "coder: c01\nreviewer: c01\n", "reviewer_is_another_person"),
        (REPORT, "  count_rule: distributed\n", "", "file_is_current"),
        (
            "datasets/vocabulary/places.csv",
            "bani_walid,Bani Walid,city",
            "bani_walid,Bani Walid,cty",
            "value_is_a_term",
        ),
        ("datasets/vocabulary/places.csv", "place_id,name", "place_ix,name", "header_is_the_schema"),
        ("datasets/vocabulary/terms.csv", "stance,asserts", "stance,assertz", "example_is_valid"),
        (
            "datasets/vocabulary/equipment.csv",
            "bayraktar_tb2,Bayraktar TB2",
            "bayraktar_tbz,Bayraktar TB2",
            "name_is_known",
        ),
        ("datasets/vocabulary/actors.csv", "\nturkey,Turkey,state", "\nturkey,Turkey,state,", "row_has_all_columns"),
    ],
)
def test_planted_fault_is_named_with_its_place(house: House, file: str, old: str, new: str, rule: str) -> None:
    line = plant(house, file, old, new)
    if rule == "file_is_current":
        # two drones in one row are a valid reading, and another number
        follows = {"distributed_figure_has_all_its_rows", "item_claim_is_about_one_thing"}
        assert {p.rule for p in check(house).errors} <= follows
        return
    hits = [p for p in check(house).errors if p.rule == rule]
    assert hits, [str(p) for p in check(house).errors]
    if rule == "example_is_valid":
        # only those who use the lost word can miss it, and they name the list that it is gone from
        assert file in hits[0].remedy
    elif rule != "name_is_known" or file == REPORT:
        assert hits[0].file == file
        assert abs(hits[0].line - line) <= 24
    assert hits[0].remedy


def test_a_withdrawn_id_is_gone_and_its_replacement_stands(house: House) -> None:
    withdrawn = (house.root / REPORT).parents[2] / "withdrawn.csv"
    head = "id,replaced_by,reason,version\n"
    # gone; a statement that restates its replacement; a word of a vocabulary
    withdrawn.write_text(f"{head}LY0008.1,LY0003.6,x,0.3.0\nLY0900.1,LY0003.1,x,0.3.0\nold_name,lna,x,0.3.0\n")
    assert not check(house).errors
    withdrawn.write_text(f"{head}LY0003.1,LY0003.2,x,0.3.0\nLY0900.1,LY0900.2,x,0.3.0\nlna,turkey,x,0.3.0\n")
    assert {(p.rule, p.line) for p in check(house).errors} == {
        ("withdrawn_id_is_gone", 2),
        ("replacement_stands", 3),
        ("withdrawn_id_is_gone", 4),
    }


def test_all_faults_are_named_at_once(house: House) -> None:
    plant(house, REPORT, "claimant_id: lna", "claimant_id: lma")
    plant(house, REPORT, "count_text: over 100", "count_text: ovr 100")
    plant(house, REPORT.replace("05/LY0003", "06/LY0004"), "outcome: abandoned", "outcome: abandonned")
    plant(house, "datasets/vocabulary/places.csv", "bani_walid,Bani Walid,city", "bani_walid,Bani Walid,cty")
    assert {"name_is_known", "figure_can_be_read", "value_is_a_term"} <= {p.rule for p in check(house).errors}
    assert len({p.file for p in check(house).errors}) >= 3


def test_unknown_name_shows_the_nearest_and_how_to_add(house: House) -> None:
    plant(house, REPORT, "equipment_id: wing_loong_ii", "equipment_id: Wing Long II")
    (problem,) = [p for p in check(house).errors if p.rule == "name_is_known"]
    assert "wing_loong_ii" in problem.remedy
    assert "datasets/vocabulary/equipment.csv" in problem.remedy and "aliases.csv" in problem.remedy


def test_names_are_accepted_and_rewritten_as_ids(house: House) -> None:
    plant(house, REPORT, "equipment_id: wing_loong_ii", "equipment_id: Wing Loong II")
    assert {p.rule for p in check(house).errors} == {"file_is_canonical"}
    before = (house.root / REPORT).read_text(encoding="utf-8")
    result = check(house, [house.root / REPORT], fix=True)
    assert result.errors == [] and [p.name for p in result.rewritten] == ["LY0003.yaml"]
    assert (house.root / REPORT).read_text(encoding="utf-8") == before.replace("Wing Loong II\n", "wing_loong_ii\n", 1)


def test_fix_leaves_a_comment_alone(house: House) -> None:
    plant(house, REPORT, "mentions:\n", "# ask again\nmentions:\n")
    assert check(house, fix=True).rewritten == []
    assert "# ask again" in (house.root / REPORT).read_text(encoding="utf-8")


def test_hand_written_files_are_canonical(checkout: House) -> None:
    problems = Problems()
    schema = load_schema(checkout, problems)
    vocabulary = read_vocabulary(checkout, schema, problems)
    records = read_records(checkout, schema, vocabulary, problems)
    assert problems.errors == []
    for record in records.found:
        assert canonical_record(record, checkout, schema) == record.path.read_text(encoding="utf-8")


def test_record_schemas_accept_the_records(checkout: House) -> None:
    import yaml
    from jsonschema.validators import validator_for

    validators = {}
    for path in checkout.record_schemas.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        validators[path.stem] = validator_for(schema)(schema)
    # days stay texts, as editors read them
    resolvers = yaml.CSafeLoader.yaml_implicit_resolvers.items()
    kept = {k: [r for r in v if "timestamp" not in r[0]] for k, v in resolvers}
    loader = type("Loader", (yaml.CSafeLoader,), {"yaml_implicit_resolvers": kept})
    seen = set()
    for path in checkout.records.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        name = text.split("\n")[0].rpartition("/")[2].removesuffix(".json")
        validators[name].validate(yaml.load(text, Loader=loader))
        seen.add(name)
    assert {"report", "collection"} <= seen


def test_record_schema_refuses_an_unknown_key(checkout: House) -> None:
    import jsonschema

    schema = json.loads((checkout.record_schemas / "report.json").read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"source_id": "LY0001", "sauce": "x"}, schema)


@pytest.mark.parametrize("text", ["NO", "on", "~", "null", "1_000", "0x1F", "2020-05-24", "1e3", ".5", "y", "12:30:45"])
def test_scalars_stay_text(text: str) -> None:
    problems = Problems()
    top = parse_yaml(f"key: {text}\n", "x.yaml", problems)
    assert isinstance(top, Map)
    assert top.get("key") == Scalar(text, 1) and not problems


@given(st.text(min_size=1).filter(lambda s: s == s.strip() and all(ord(c) >= 32 for c in s)))
def test_any_text_survives_a_round_trip(text: str) -> None:
    import yaml

    written = write_yaml({"key": (text, False), "day": ("2020-05-24", True), "n": ("12", True)})
    problems = Problems()
    top = parse_yaml(written, "x.yaml", problems)
    assert isinstance(top, Map) and not problems.found
    value = top.get("key")
    assert isinstance(value, Scalar) and value.text == text
    # and every other reader of YAML sees that text too, not a number or a truth value
    assert yaml.safe_load(written)["key"] == text
    assert "day: 2020-05-24\n" in written and "n: 12\n" in written


def test_mutated_files_never_crash_the_check(house: House) -> None:
    chance = random.Random(20200525)
    files = [house.root / REPORT, *sorted(house.vocabulary.glob("*.csv")), *sorted(house.table_schemas.glob("*.yaml"))]
    for _ in range(12):
        path = chance.choice(files)
        original = path.read_text(encoding="utf-8")
        at = chance.randrange(len(original))
        path.write_text(
            original[:at] + chance.choice("x0 :-'\"\n,[{\u0663\u00e9") + original[at + 1 :],
            encoding="utf-8",
            newline="",
        )
        result = check(house)
        assert all(p.file and p.rule and p.remedy for p in result.problems)
        path.write_text(original, encoding="utf-8", newline="")


def test_stray_file_is_refused(house: House) -> None:
    (house.records / "libya-2019-2020" / "reports" / "LY0099.yaml").write_text("source_id: LY0099\n", encoding="utf-8")
    assert "file_is_a_record" in {p.rule for p in check(house).errors}


def test_bytes_that_are_no_text_are_named(house: House) -> None:
    path = house.root / REPORT
    path.write_bytes(path.read_bytes().replace(b"title", b"t\xfftle", 1))
    assert "file_is_utf_8" in {p.rule for p in check(house).errors}


def test_check_of_one_file_names_only_its_faults(house: House) -> None:
    plant(house, REPORT, "claimant_id: lna", "claimant_id: lma")
    other = house.root / REPORT.replace("05/LY0003", "06/LY0004")
    assert check(house, [other]).errors == []
    assert check(house, [Path(house.root / REPORT)]).errors != []


def test_norwegian_is_read_in_one_file_as_among_all(checkout: House) -> None:
    # its code is a boolean to YAML and stands in quotes
    quoted = [p for p, _, _ in record_files(checkout) if "\nlanguage: 'no'\n" in p.read_text(encoding="utf-8")]
    assert quoted and all("no" in stated_languages(p) for p in quoted)
    assert check(checkout, quoted).errors == []


@pytest.mark.parametrize(
    ("told", "again", "agrees"),
    [
        ("unknown", "migrant", True),
        ("medic", "civilian", True),
        ("fighter", "regular_soldier", True),
        ("medic", "migrant", False),
        ("civilian", "fighter", False),
    ],
)
def test_people_of_one_statement_are_of_one_branch(house: House, told: str, again: str, agrees: bool) -> None:
    first = house.root / "datasets/records/libya-2019-2020/reports/2019-04/LY0014.yaml"
    second = next(p for p, _, _ in record_files(house) if "restates: LY0014.6" in p.read_text(encoding="utf-8"))
    for path, mark, category in ((first, "mention_id: LY0014.6", told), (second, "restates: LY0014.6", again)):
        text = path.read_text(encoding="utf-8")
        head, _, rest = text.partition(mark)
        path.write_text(
            head + mark + rest.replace("personnel_category: unknown", f"personnel_category: {category}", 1),
            encoding="utf-8",
        )
    assert ("restated_claim_agrees" in {p.rule for p in check(house, [second]).errors}) is not agrees


@pytest.mark.parametrize(
    ("words", "start"), [("on 12 April", "2019-04-12"), ("on Tuesday", "2019-04-09"), ("since 4 April", "2019-04-04")]
)
def test_a_report_of_an_uncertain_day_does_not_speak_of_what_was_before_the_war(
    house: House, words: str, start: str
) -> None:
    path = house.root / "datasets/records/libya-2019-2020/reports/2019-04/LY0014.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("published_earliest: 2019-04-14", "published_earliest: 2019-04-01")
    text = text.replace("published_latest: 2019-04-14", "published_latest: 2019-04-30")
    head, mark, rest = text.partition("- mention_id: LY0014.1\n")
    one, following, others = rest.partition("- mention_id:")
    one = "".join(x for x in one.splitlines(keepends=True) if not x.startswith(("  when_", "  said_")))
    one = one.replace("  claimant_id:", f"  when_text: {words}\n  claimant_id:", 1)
    path.write_text(head + mark + one + following + others, encoding="utf-8")
    assert check(house, [path], fix=True).errors == []
    assert main(["--root", str(house.root)]) == 0
    rows = csv.DictReader((house.tables / "mentions.csv").read_text(encoding="utf-8").splitlines())
    (row,) = [r for r in rows if r["mention_id"] == "LY0014.1"]
    assert row["date_start"] == start


@pytest.mark.parametrize(("words", "day"), [("on Sunday", "2020-05-24"), ("yesterday", ""), ("last Sunday", "")])
def test_an_undated_report_dates_a_statement_by_a_weekday_alone(house: House, words: str, day: str) -> None:
    path = house.root / "datasets/records/libya-2019-2020/reports/undated/LY0008.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  said_text: on Sunday\n", f"  said_text: {words}\n", 1), encoding="utf-8")
    assert main(["--root", str(house.root)]) == 0
    rows = csv.DictReader((house.tables / "mentions.csv").read_text(encoding="utf-8").splitlines())
    (row,) = [r for r in rows if r["mention_id"] == "LY0008.1"]
    assert row["said_on"] == day
