"""Data test: the worked examples of docs/method.md, from the public interface; and faults that only links can have."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import lossclaims as lc
from lossclaims.checking import check
from lossclaims.house import House


def rows(table: str, **where: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = lc.load(table, backend="arrow").to_pylist()  # type: ignore[call-overload]
    return [row for row in found if all(row[k] == v for k, v in where.items())]


def claims_on(incident: str) -> dict[str, dict[str, object]]:
    return {str(row["claim_id"]): row for row in rows("claims", incident_id=incident)}


def incident_of(number: str) -> dict[str, object]:
    (found,) = rows("incidents", incident_id=number)
    return found


BANI_WALID, QARYAT, AIRCRAFT, WATIYA = "LYI0001", "LYI0002", "LYI0004", "LYI0005"


@pytest.mark.parametrize("number", [BANI_WALID, QARYAT])
def test_a_wrong_identification_is_misidentified_and_the_loss_confirmed(number: str) -> None:
    incident = incident_of(number)
    assert incident["status"] == "confirmed"
    claims = claims_on(str(incident["incident_id"]))
    lna = [c for c in claims.values() if c["claimant_id"] == "lna"]
    assert lna and {c["verdict"] for c in lna} == {"misidentified"}
    (item,) = rows("items", incident_id=str(incident["incident_id"]))
    assert item["equipment_id"] == "wing_loong_ii" and item["lost_by_bloc"] == "lna"
    # the false identification stays
    assert {c["lost_by_bloc"] for c in lna} == {"gna"}


def test_an_agreed_loss_with_a_disputed_cause_is_not_contested() -> None:
    incident = incident_of(AIRCRAFT)
    assert (incident["evidence_level"], incident["status"]) == ("E3", "corroborated")
    claims = claims_on(str(incident["incident_id"])).values()
    assert {"opponent", "own"} <= {c["voice"] for c in claims}
    assert len({c["cause"] for c in claims}) > 1


def test_an_admission_known_only_through_the_opponent_is_no_admission() -> None:
    incident = incident_of(WATIYA)
    assert incident["evidence_level"] == "E1"
    assert any(
        c["lost_by_bloc"] == c["claimant_bloc"] == "lna" for c in claims_on(str(incident["incident_id"])).values()
    )


def test_thirteen_drones_hold_all_the_others() -> None:
    statement = next(row for row in rows("claims", claim_id="LY0003.6"))
    assert (statement["count_low"], statement["count_high"]) == (13, None)
    assert [str(statement[c]) for c in ("said_on", "date_start", "date_end")] == [
        "2020-05-24",
        "2020-05-21",
        "2020-05-24",
    ]
    assert statement["n_origins"] == 1 and int(str(statement["n_sources"])) > 1
    asked = {"lost_by_bloc": "gna", "equipment_class": "uav", "start": "2020-05-21", "end": "2020-05-24"}
    (cell,) = lc.ledger(**asked).to_dict("records")  # type: ignore[arg-type]
    assert cell["opponent_low"] == 13
    assert cell["naive_sum"] > 15
    assert cell["contradicted"] == 2
    lines = lc.explain(**asked).set_index("claim_id")
    counted = lines[(lines["counted"] > 0) & (lines["voice"] == "opponent")]
    assert list(counted.index) == ["LY0003.6"]
    assert lines["reason"].str.len().min() > 10
    (other,) = lc.ledger(lost_by_bloc="lna", equipment_class="uav").to_dict("records")
    shown = [row for row in rows("items") if row["lost_by_bloc"] == "lna" and str(row["evidence_level"]) >= "E4"]
    drones = {row["incident_id"] for row in shown if row["equipment_class"] == "uav"}
    assert {BANI_WALID, QARYAT} <= drones and other["documented_low"] == len(drones)


def test_a_series_never_falls_and_makes_no_incident() -> None:
    points = [c for c in rows("claims") if c["series_id"] == "LYS01"]
    assert len(points) > 5
    assert all(c["incident_id"] is None and c["figure_kind"] == "cumulative" for c in points)
    sure = {
        row["source_id"]
        for row in rows("sources")
        if row["published_latest"] and row["published_earliest"] == row["published_latest"]
    }
    dated = [
        c for c in points
        if c["said_on"] or (c["first_published"] and str(c["claim_id"]).partition(".")[0] in sure)
    ]  # fmt: skip
    dated.sort(key=lambda c: str(c["said_on"] or c["first_published"]))
    assert len(dated) > 10
    for before, after in itertools.combinations(dated, 2):
        assert after["count_high"] is None or int(str(before["count_low"])) <= int(str(after["count_high"]))


def test_an_outlet_that_leaves_the_time_out_does_not_undo_another() -> None:
    """Of every claim that some reports date in words and others do not, the words make the window."""
    told: dict[object, list[dict[str, object]]] = {}
    for mention in rows("mentions"):
        told.setdefault(mention["claim_id"], []).append(mention)
    met = 0
    for claim in rows("claims"):
        mentions = told[claim["claim_id"]]
        timed = [m for m in mentions if m["when_text"] and (m["date_start"] or m["date_end"])]
        if any(m["said_on"] for m in mentions) or not timed or len(timed) == len(mentions):
            continue
        met += 1
        starts, ends = [m["date_start"] for m in timed], [m["date_end"] for m in timed]
        assert claim["date_start"] == (None if None in starts else min(starts)), claim  # type: ignore[type-var]
        assert claim["date_end"] == (None if None in ends else max(ends)), claim  # type: ignore[type-var]
    assert met > 10


def test_a_person_sees_who_said_what_and_why() -> None:
    text = str(lc.incident(str(incident_of(BANI_WALID)["incident_id"])))
    for words in ("misidentified", "Libyan National Army", "Wing Loong II", "grade_reason", "wreck_photo", "http"):
        assert words in text


def test_as_of_grades_by_what_was_known() -> None:
    incident = incident_of(AIRCRAFT)
    then = lc.load("incidents", as_of="2019-04-14")
    assert str(incident["incident_id"]) in set(then["incident_id"])
    assert len(lc.load("incidents", as_of="2019-04-01")) == 0
    assert len(lc.load("ledger", as_of="2020-01-31")) < len(lc.load("ledger"))


def test_the_ledger_takes_a_convention() -> None:
    def total(convention: str) -> int:
        return int(lc.ledger(convention=convention)["naive_sum"].sum())

    assert total("acled") != total("default")


def only(house: House, glob: str, word: str) -> Path:
    return next(p for p in sorted(house.records.glob(glob)) if word in p.read_text(encoding="utf-8"))


def replaced(path: Path, old: str, new: str, last: bool = False) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    at = text.rindex(old) if last else text.index(old)
    path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")


def test_link_to_an_unknown_incident(house: House) -> None:
    replaced(only(house, "*/reports/*/*.yaml", "incident_id: LYI0001"), "incident_id: LYI0001", "incident_id: LYI0999")
    assert {"reference_exists", "item_belongs_to_incident"} <= {p.rule for p in check(house).errors}


def test_object_without_an_identification(house: House) -> None:
    path = only(house, "*/incidents/*/*.yaml", "items:")
    text = path.read_text(encoding="utf-8")
    number = text.split("incident_id: ")[1][:7]
    replaced(path, "items:\n", f"items:\n- item_id: {number}.9\n  outcome: destroyed\n")
    (problem,) = [p for p in check(house).errors if p.rule == "item_has_an_identification"]
    assert problem.value == f"{number}.9" and problem.line == text[: text.index("items:")].count("\n") + 2


def test_two_preferred_identifications(house: House) -> None:
    path = only(house, "*/incidents/*/*.yaml", "rank: preferred")
    text = path.read_text(encoding="utf-8")
    entry = "- evidence_id" + text.split("- evidence_id")[1].split("\n- ")[0].rstrip("\n") + "\n"
    path.write_text(text.rstrip("\n") + "\n" + entry.replace(".e1", ".e9", 1), encoding="utf-8")
    (problem,) = [p for p in check(house).errors if p.rule == "one_preferred_identification"]
    assert problem.file.endswith(path.name) and problem.value == "preferred"


REPORT = "*/reports/2020-06/LY0004.yaml"


@pytest.mark.parametrize("link", ["part_of", "restates", "responds_to"])
def test_circles_of_links(house: House, link: str) -> None:
    path = only(house, REPORT, "LY0004.1")
    text = path.read_text(encoding="utf-8")
    if link == "part_of":
        text = text.replace("  figure_kind: incident\n", "  figure_kind: incident\n  part_of: LY0004.3\n", 1)
        rule = "parts_form_no_cycle"
    elif link == "restates":
        text = text.replace("mention_id: LY0004.9\n", "mention_id: LY0004.9\n  restates: LY0004.10\n")
        text = text.replace("mention_id: LY0004.10\n", "mention_id: LY0004.10\n  restates: LY0004.9\n")
        rule = "chain_has_an_end"
    else:
        for a, b in (("9", "10"), ("10", "9")):
            head, tail = text.split(f"mention_id: LY0004.{a}\n")
            text = (
                head
                + f"mention_id: LY0004.{a}\n"
                + tail.replace("  lost_by_id:", f"  responds_to: LY0004.{b}\n  lost_by_id:", 1)
            )
        rule = "responses_form_no_cycle"
    path.write_text(text, encoding="utf-8")
    hits = [p for p in check(house).errors if p.rule == rule]
    assert hits and all(p.key == link and p.file.endswith("LY0004.yaml") for p in hits)


def test_a_series_that_falls(house: House) -> None:
    # dated reports of the house: an undated one says nothing of the order
    there = {p.stem for p in house.records.glob("*/reports/2*/*.yaml")}
    claims = [
        c for c in rows("claims")
        if c["series_id"] == "LYS01" and c["first_published"] and str(c["claim_id"]).partition(".")[0] in there
    ]  # fmt: skip
    last = max(claims, key=lambda c: str(c["said_on"] or c["first_published"]))
    source = str(last["claim_id"]).partition(".")[0]
    path = next(house.records.glob(f"*/reports/*/{source}.yaml"))
    text = path.read_text(encoding="utf-8")
    mention = text.index(f"mention_id: {last['claim_id']}\n")
    old = f"count_text: '{last['count_text']}'"
    at = text.index(old, mention)
    path.write_text(text[:at] + "count_text: '5'" + text[at + len(old) :], encoding="utf-8")
    assert [p.value for p in check(house).errors if p.rule == "series_never_falls"] == ["LYS01"]
    at = path.read_text(encoding="utf-8").index("  series_basis:", mention)
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:at] + text[at:].replace("\n", "\n  series_revision: counted anew\n", 1), encoding="utf-8")
    assert "series_never_falls" not in {p.rule for p in check(house).errors}
