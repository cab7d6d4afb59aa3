"""Evidence levels, statuses, verdicts and identifications of small worlds made by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossclaims.claims import bloc_of, families_of, root_sources, voice_of
from lossclaims.incidents import admitted_by, contradicted_by, denied_by, grade

ROOT = Path(__file__).resolve().parents[1]
Rows = list[dict[str, Any]]

ACTORS = {
    # id: kind, parent, side
    "lna": ("armed_force", "", "lna"),
    "lna_air_force": ("armed_force", "lna", ""),
    "egypt": ("state", "", "lna"),
    "gna": ("government", "", "gna"),
    "gna_air_force": ("armed_force", "gna", ""),
    "turkey": ("state", "", "gna"),
    "un": ("international_organisation", "", ""),
    "un_office": ("international_organisation", "un", ""),
    "italy": ("state", "", ""),
    "hospital": ("hospital", "", ""),
    "unspecified": ("collective", "", ""),
    "civilians": ("collective", "", ""),
}
OUTLETS = {
    "reuters": "",
    "ap": "",
    "oryx": "",
    "lna_tv": "lna",
    "lna_daily": "lna",
    "gna_tv": "gna",
    "gna_daily": "gna",
}
# what each of these is on the other side
MIRROR = {
    a: b
    for pair in (
        ("lna", "gna"),
        ("lna_air_force", "gna_air_force"),
        ("egypt", "turkey"),
        ("lna_tv", "gna_tv"),
        ("lna_daily", "gna_daily"),
    )
    for a, b in (pair, pair[::-1])
}
EQUIPMENT = {
    # id: level, parent
    "uav": ("class", ""),
    "ucav": ("subclass", "uav"),
    "bayraktar": ("family", "uav"),
    "bayraktar_tb2": ("model", "bayraktar"),
    "wing_loong": ("family", "ucav"),
    "wing_loong_ii": ("model", "wing_loong"),
    "aircraft": ("class", ""),
    "mig_21": ("model", "aircraft"),
    "tank": ("class", ""),
    "t_55": ("model", "tank"),
    "something": ("unknown", ""),
}
OUTCOMES = {
    "equipment": {
        "shot_down": "lost",
        "crashed": "lost",
        "captured": "lost",
        "damaged": "damaged",
        "hit": "constraint",
    },
    "personnel": {"killed": "killed", "captured": "captured"},
}
DERIVED = {
    "incidents": ["date_precision", "evidence_level", "status", "grade_reason", "n_claims", "n_origins"],
    "items": ["equipment_id", "equipment_class", "lost_by_id", "lost_by_bloc", "evidence_level"],
}
COLUMNS = {
    "sources": "source_id collection_id outlet_id republication_of published_latest",
    "mentions": "mention_id claim_id source_id via_id",
    "claims": "claim_id collection_id domain claimant_id attribution stance disputes responds_to said_on lost_by_id "
    "accused_id cause equipment_id equipment_class personnel_category outcome count_low count_high incident_id item_id "
    "first_published note",
    "incidents": "incident_id collection_id label date_start date_end place_id place_precision status_override "
    "override_reason distinct_from distinct_basis basis",
    "items": "item_id incident_id outcome note",
    "evidence": "evidence_id incident_id item_id kind source_id viewed equipment_id lost_by_id personnel_category "
    "outcome count_low rank shows reason content_warning",
    "outlets": "outlet_id aligned_bloc",
    "actors": "actor_id name kind parent_id",
    "blocs": "collection_id actor_id bloc",
    "equipment": "equipment_id name level parent_id",
    "terms": "vocabulary term outcome_group",
}
DAYS = ("said_on", "first_published", "date_start", "date_end", "published_latest")
COUNTS = ("count_low", "count_high", "place_precision")
WAR = "libya-2019-2020"


def frame(table: str, rows: Rows) -> pd.DataFrame:
    """Typed frame; what a row leaves out is missing."""
    made = {}
    for column in COLUMNS[table].split():
        values = [row.get(column) or None for row in rows]
        if column in DAYS:
            made[column] = pd.Series(pd.to_datetime(pd.Series(values, dtype="object")).astype("datetime64[s]"))
        else:
            made[column] = pd.Series(values, dtype="Int64" if column in COUNTS else "string")
    return pd.DataFrame(made)


class World:
    """Rows of a small war; each method adds some and returns their id."""

    def __init__(self) -> None:
        self.sources: Rows = []
        self.mentions: Rows = []
        self.claims: Rows = []
        self.items: Rows = []
        self.evidence: Rows = []
        self.incidents: Rows = []
        self.incident()

    def incident(self, **fields: Any) -> str:
        row = {
            "incident_id": f"LYI{len(self.incidents) + 1:04}",
            "collection_id": WAR,
            "label": "Event",
            "date_start": "2020-05-24",
            "date_end": "2020-05-24",
            "basis": "one place, one day",
        }
        self.incidents.append(row | fields)
        return row["incident_id"]

    def source(self, outlet: str, copy_of: str = "") -> str:
        row = {
            "source_id": f"LY{len(self.sources) + 1:04}",
            "collection_id": WAR,
            "outlet_id": outlet,
            "republication_of": copy_of,
            "published_latest": "2020-05-26",
        }
        self.sources.append(row)
        return row["source_id"]

    def mention(self, claim: str, source: str, via: str = "") -> str:
        number = sum(m["source_id"] == source for m in self.mentions) + 1
        mention = f"{source}.{number}"
        self.mentions.append({"mention_id": mention, "claim_id": claim or mention, "source_id": source, "via_id": via})
        return mention

    def claim(
        self,
        claimant: str,
        lost_by: str = "gna",
        thing: str = "bayraktar_tb2",
        outlets: Iterable[str] = ("reuters",),
        via: str = "",
        incident: str = "LYI0001",
        **fields: Any,
    ) -> str:
        """One claim carried by one new source of each outlet; an outlet as claimant narrates, none is unnamed."""
        first = ""
        for outlet in outlets:
            mention = self.mention(first, self.source(outlet), via)
            first = first or mention
        attribution = "unnamed" if not claimant else "narrator" if claimant in OUTLETS else "named"
        row = {
            "claim_id": first,
            "collection_id": WAR,
            "domain": "equipment" if thing else "personnel",
            "claimant_id": claimant,
            "attribution": attribution,
            "stance": "asserts",
            "lost_by_id": lost_by,
            "cause": "not_stated",
            "equipment_id": thing,
            "personnel_category": "" if thing else "fighter",
            "outcome": "shot_down" if thing else "killed",
            "count_low": 1,
            "count_high": 1,
            "incident_id": incident,
            "first_published": "2020-05-26",
        }
        assert not fields.keys() - set(COLUMNS["claims"].split())
        self.claims.append(row | fields)
        return first

    def denial(self, claimant: str, lost_by: str = "gna", disputes: str = "loss", **fields: Any) -> str:
        return self.claim(claimant, lost_by, **({"stance": "denies", "disputes": disputes} | fields))

    def retraction(self, claimant: str, lost_by: str = "gna", disputes: str = "loss", **fields: Any) -> str:
        return self.claim(claimant, lost_by, **({"stance": "retracts", "disputes": disputes} | fields))

    def item(self, incident: str = "LYI0001") -> str:
        number = sum(i["incident_id"] == incident for i in self.items) + 1
        self.items.append({"item_id": f"{incident}.{number}", "incident_id": incident, "outcome": "crashed"})
        return f"{incident}.{number}"

    def shown(self, shows: str, outlet: str = "ap", incident: str = "LYI0001", source: str = "", **fields: Any) -> str:
        """One evidence row."""
        number = sum(e["incident_id"] == incident for e in self.evidence) + 1
        row = {
            "evidence_id": f"{incident}.e{number}",
            "incident_id": incident,
            "kind": "wreck_photo",
            "source_id": source or self.source(outlet),
            "viewed": "reported",
            "rank": "preferred",
            "shows": shows,
            "reason": "markings",
        }
        self.evidence.append(row | fields)
        return row["evidence_id"]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Published tables, derived columns of claims and mentions filled in."""
        reference: dict[str, Rows] = {
            "actors": [{"actor_id": a, "name": a.upper(), "kind": k, "parent_id": p} for a, (k, p, _) in ACTORS.items()]
            + [{"actor_id": o, "name": o.upper(), "kind": "outlet"} for o in OUTLETS],
            "blocs": [{"collection_id": WAR, "actor_id": a, "bloc": b} for a, (_, _, b) in ACTORS.items() if b],
            "outlets": [{"outlet_id": o, "aligned_bloc": b} for o, b in OUTLETS.items()],
            "equipment": [
                {"equipment_id": e, "name": e, "level": v, "parent_id": p} for e, (v, p) in EQUIPMENT.items()
            ],
            "terms": [
                {"vocabulary": f"{domain}_outcome", "term": term, "outcome_group": group}
                for domain, words in OUTCOMES.items()
                for term, group in words.items()
            ],
        }
        tables = {name: frame(name, rows) for name, rows in reference.items()}
        for name in ("sources", "mentions", "claims", "incidents", "items", "evidence"):
            tables[name] = frame(name, getattr(self, name))
        claims = tables["claims"]

        def bloc(column: str) -> pd.Series[str]:
            return bloc_of(
                claims["collection_id"], claims[column], tables["blocs"], tables["actors"], tables["outlets"]
            )

        claims["claimant_bloc"], claims["lost_by_bloc"] = bloc("claimant_id"), bloc("lost_by_id")
        claims["voice"] = voice_of(claims, bloc("accused_id"))
        claims["equipment_class"] = claims["equipment_id"].map({e: top_of(e) for e in EQUIPMENT}).astype("string")
        joined = tables["mentions"].merge(tables["sources"][["source_id", "outlet_id"]], on="source_id", how="left")
        joined["root"] = root_sources(joined["source_id"], tables["sources"])
        tables["mentions"]["family_id"] = families_of(joined)
        return tables


def top_of(thing: str) -> str:
    return top_of(EQUIPMENT[thing][1]) if EQUIPMENT[thing][1] else thing


def graded(world: World) -> pd.Series[Any]:
    """The one incident of a world."""
    return grade(world.tables())["incidents"].iloc[0]


def level(world: World) -> str:
    return str(graded(world)["evidence_level"])


def status(world: World) -> str:
    return str(graded(world)["status"])


def verdict(world: World, claim: str) -> str:
    claims = grade(world.tables())["claims"].set_index("claim_id")
    return str(claims.loc[claim, "verdict"])


def outcome(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, object]]:
    """Every grade, status, verdict and origin that grading gives, by id, without the wording of reasons."""
    made = grade(tables)
    return {
        "level": dict(made["incidents"].set_index("incident_id")["evidence_level"]),
        "status": dict(made["incidents"].set_index("incident_id")["status"]),
        "verdict": dict(made["claims"].set_index("claim_id")["verdict"]),
        "item": dict(made["items"].set_index("item_id")["evidence_level"]),
    }


# -- the worked examples of docs/method.md


def bani_walid() -> tuple[World, str]:
    """24 May 2020: one side claims another's drone, photographs show its own."""
    world = World()
    item = world.item()
    claim = world.claim("lna", "turkey", "bayraktar_tb2", ["lna_tv", "reuters"], item_id=item)
    world.shown("type_and_owner", "oryx", item_id=item, equipment_id="wing_loong_ii", lost_by_id="lna")
    return world, claim


def test_bani_walid_is_confirmed_and_the_claim_misidentified() -> None:
    world, claim = bani_walid()
    made = grade(world.tables())
    incident, item = made["incidents"].iloc[0], made["items"].iloc[0]
    assert (incident["evidence_level"], incident["status"]) == ("E5", "confirmed")
    assert incident["grade_reason"] == (
        "E5: LYI0001.e1 (wreck_photo) from a source independent of the claimants, "
        "type and owner settled by LYI0001.e1; confirmed"
    )
    assert verdict(world, claim) == "misidentified"
    assert (item["equipment_id"], item["equipment_class"]) == ("wing_loong_ii", "uav")
    assert (item["lost_by_id"], item["lost_by_bloc"], item["evidence_level"]) == ("lna", "lna", "E5")
    assert contradicted_by(world.tables())[claim] == "LYI0001.e1"


def test_bani_walid_told_by_the_opponents_outlets_alone() -> None:
    world, claim = bani_walid()
    world.sources[-1]["outlet_id"] = "gna_tv"
    assert (level(world), status(world), verdict(world, claim)) == ("E1", "claimed", "misidentified")


def test_rival_claims_on_one_object_without_evidence() -> None:
    world = World()
    item = world.item()
    for claimant, loser, thing in (("lna", "turkey", "bayraktar_tb2"), ("gna", "lna", "wing_loong_ii")):
        world.claim(claimant, loser, thing, item_id=item)
    made = grade(world.tables())
    assert level(world) == "E2"
    row = made["items"].iloc[0]
    assert row[["equipment_id", "lost_by_id", "lost_by_bloc"]].isna().all()
    # both say that it was a drone
    assert row["equipment_class"] == "uav"


def test_mig_21_is_agreed_and_not_contested() -> None:
    world = World()
    own = world.claim("lna_air_force", "lna", "mig_21", ["lna_tv"], outcome="crashed", cause="technical")
    opponent = world.claim("gna", "lna", "mig_21", ["gna_tv"], cause="enemy_fire", accused_id="gna")
    world.denial("lna", "lna", "cause", thing="mig_21", outlets=["lna_tv"], responds_to=opponent)
    row = graded(world)
    assert (row["evidence_level"], row["status"]) == ("E3", "corroborated")
    assert row["grade_reason"] == f"E3: {own} admits the loss that {opponent} claims; corroborated"
    assert denied_by(world.tables()).isna().all()
    assert admitted_by(world.tables())[opponent] == "LNA_AIR_FORCE"
    assert pd.isna(admitted_by(world.tables())[own])


@pytest.mark.parametrize(
    ("outlets", "via", "expected"),
    [
        (["gna_tv"], "", "E1"),
        (["gna_tv", "gna_daily"], "", "E1"),
        (["reuters"], "gna", "E1"),
        (["reuters"], "turkey", "E1"),
        (["gna_tv", "reuters"], "", "E3"),
        (["reuters"], "", "E3"),
        (["lna_tv"], "", "E3"),
    ],
)
def test_an_admission_known_only_from_the_opponent(outlets: list[str], via: str, expected: str) -> None:
    world = World()
    admission = world.claim("lna", "lna", outlets=outlets, via=via)
    assert level(world) == "E1"
    claim = world.claim("gna", "lna", outlets=["gna_daily"])
    assert level(world) == expected
    assert admitted_by(world.tables()).fillna("")[claim] == ("LNA" if expected == "E3" else "")
    assert (f"{admission} known only through the opponent" in graded(world)["grade_reason"]) == (expected == "E1")


def test_a_copy_by_another_outlet_does_not_free_an_admission() -> None:
    world = World()
    world.claim("gna", "lna")
    admission = world.claim("lna", "lna", outlets=["gna_tv"])
    world.mention(admission, world.source("reuters", copy_of=world.mentions[-1]["source_id"]))
    assert level(world) == "E1"


# -- every level


def test_e0_narrators_and_unnamed_voices() -> None:
    world = World()
    world.claim("reuters")
    world.claim("ap")
    world.claim("", outlets=["ap", "reuters"])
    row = graded(world)
    assert (row["evidence_level"], row["status"], row["n_claims"], row["n_origins"]) == ("E0", "claimed", 3, 4)


def test_e1_one_side_in_many_outlets() -> None:
    world = World()
    world.claim("lna", outlets=["reuters", "ap", "lna_tv", "oryx"])
    world.claim("lna_air_force")
    world.claim("egypt")
    row = graded(world)
    assert (row["evidence_level"], row["status"], row["n_origins"]) == ("E1", "claimed", 3)


def test_e2_a_third_party_with_access_of_its_own() -> None:
    world = World()
    world.claim("lna")
    world.claim("un")
    assert (level(world), status(world)) == ("E2", "corroborated")


def test_e2_two_third_parties_but_not_two_offices_of_one() -> None:
    world = World()
    world.claim("un")
    world.claim("un_office")
    assert level(world) == "E1"
    world.claim("hospital")
    assert level(world) == "E2"


@pytest.mark.parametrize("via", ["lna", "egypt", "lna_air_force"])
def test_a_statement_relayed_by_the_other_claimants_side_adds_nothing(via: str) -> None:
    world = World()
    world.claim("lna")
    statement = world.claim("un", via=via)
    assert level(world) == "E1"
    world.mention(statement, world.source("ap"))
    assert level(world) == "E2"


def test_an_outlet_cited_by_name_has_no_access_of_its_own() -> None:
    world = World()
    world.claim("lna")
    world.claim("reuters", attribution="named")
    assert level(world) == "E1"


def test_an_aligned_outlet_cannot_admit_for_its_side() -> None:
    world = World()
    world.claim("gna", "lna")
    world.claim("lna_tv", "lna", attribution="named")
    assert level(world) == "E1"


def test_boasts_of_both_sides_in_one_battle_do_not_bear_each_other_out() -> None:
    world = World()
    world.claim("lna", "gna", "t_55", count_low=3, count_high=3)
    world.claim("gna", "lna", "t_55", count_low=2, count_high=2)
    world.claim("lna", "gna", "", count_low=20, count_high=20)
    world.claim("gna", "lna", "", count_low=30, count_high=30)
    assert level(world) == "E1"


def test_two_sides_that_each_admit_a_loss_of_their_own_do_not_speak_of_one() -> None:
    world = World()
    world.claim("lna", "lna")
    world.claim("gna", "gna")
    assert level(world) == "E1"


def test_a_thing_of_no_stated_kind_may_be_the_same_thing() -> None:
    world = World()
    world.claim("lna", "gna", "something", count_low=2, count_high=3)
    world.claim("un", "gna", "t_55", count_low=2, count_high=2)
    assert level(world) == "E2"


def test_who_says_that_it_was_somebody_elses_does_not_agree_with_the_admission() -> None:
    world = World()
    item = world.item()
    world.claim("lna", "lna", item_id=item)
    world.claim("gna", "italy", item_id=item)
    assert level(world) == "E2"


def test_an_admitted_tank_does_not_admit_the_dead() -> None:
    world = World()
    world.claim("gna", "lna", "", count_low=30, count_high=30)
    world.claim("lna", "lna", "t_55")
    assert level(world) == "E1"
    world.claim("lna", "lna", "", outcome="captured")
    assert level(world) == "E1"
    world.claim("lna", "lna", "", count_low=2, count_high=2)
    assert level(world) == "E3"


def test_two_objects_are_two_losses() -> None:
    world = World()
    one, other = world.item(), world.item()
    world.claim("gna", "lna", item_id=one)
    world.claim("lna", "lna", item_id=other)
    assert level(world) == "E1"
    world.claim("lna", "lna", "uav", item_id=one)
    assert level(world) == "E3"
    levels = grade(world.tables())["items"].set_index("item_id")["evidence_level"]
    assert levels.to_dict() == {one: "E3", other: "E1"}


def test_the_dead_of_no_side_are_admitted_by_the_accused() -> None:
    world = World()
    dead = {"personnel_category": "civilian", "accused_id": "lna"}
    claim = world.claim("gna", "civilians", "", **dead)
    world.claim("lna", "civilians", "", **dead)
    assert level(world) == "E3"
    assert admitted_by(world.tables())[claim] == "LNA"


@pytest.mark.parametrize(
    ("outlet", "viewed", "expected"),
    [
        ("reuters", "reported", "E4"),
        ("gna_tv", "reported", "E4"),
        ("lna_tv", "reported", "E1"),
        ("lna_tv", "coder", "E4"),
    ],
)
def test_e4_needs_a_source_independent_of_the_claimant(outlet: str, viewed: str, expected: str) -> None:
    world = World()
    world.claim("lna", "gna")
    world.shown("loss", outlet, viewed=viewed)
    assert (level(world), status(world)) == (expected, "confirmed" if expected == "E4" else "claimed")


def test_an_outlet_does_not_document_its_own_word() -> None:
    world = World()
    world.claim("oryx")
    world.shown("loss", "oryx")
    assert level(world) == "E0"
    world.claim("lna")
    assert level(world) == "E4"


def test_a_third_party_does_not_free_photographs_of_the_claimants_side() -> None:
    world = World()
    world.claim("lna")
    world.claim("un")
    world.shown("loss", "lna_tv")
    assert level(world) == "E2"
    world.claim("gna", "gna", outlets=["gna_tv"])
    assert level(world) == "E4"


def test_deprecated_evidence_shows_nothing() -> None:
    world = World()
    claim = world.claim("lna")
    world.shown("type_and_owner", rank="deprecated", equipment_id="mig_21", lost_by_id="lna")
    world.shown("no_loss", rank="deprecated")
    assert (level(world), status(world), verdict(world, claim)) == ("E1", "claimed", "open")
    assert contradicted_by(world.tables()).isna().all()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("type", "bayraktar_tb2", "", "preferred")], "E4"),
        ([("type_and_owner", "bayraktar_tb2", "gna", "normal")], "E5"),
        ([("type", "bayraktar_tb2", "", "preferred"), ("owner", "", "turkey", "normal")], "E5"),
        ([("type", "bayraktar_tb2", "", "normal"), ("owner", "", "turkey", "deprecated")], "E4"),
        ([("type_and_owner", "bayraktar_tb2", "gna", "normal"), ("type", "mig_21", "", "normal")], "E4"),
        ([("type_and_owner", "bayraktar_tb2", "gna", "preferred"), ("type", "mig_21", "", "normal")], "E5"),
        ([("type_and_owner", "ucav", "gna", "normal"), ("type", "wing_loong_ii", "", "normal")], "E5"),
    ],
)
def test_e5_settles_type_and_owner(rows: list[tuple[str, str, str, str]], expected: str) -> None:
    world = World()
    world.claim("lna", "gna")
    for shows, thing, owner, rank in rows:
        world.shown(shows, equipment_id=thing, lost_by_id=owner, rank=rank)
    assert level(world) == expected


def test_evidence_on_the_incident_and_on_its_only_object_go_together() -> None:
    world = World()
    world.claim("lna", "gna")
    world.shown("type", item_id=world.item(), equipment_id="bayraktar_tb2")
    world.shown("owner", lost_by_id="gna")
    assert level(world) == "E5"


def test_e5_needs_both_of_one_object() -> None:
    world = World()
    one, other = world.item(), world.item()
    world.claim("lna", "gna")
    world.shown("type", item_id=one, equipment_id="bayraktar_tb2")
    world.shown("owner", item_id=other, lost_by_id="gna")
    assert level(world) == "E4"


def test_a_record_of_people() -> None:
    world = World()
    claim = world.claim("lna", "gna", "", count_low=5, count_high=5)
    other = world.claim("gna", "civilians", "", personnel_category="civilian")
    world.shown("type_and_owner", kind="record", personnel_category="fighter", outcome="killed", lost_by_id="gna")
    assert level(world) == "E5"
    assert (verdict(world, claim), verdict(world, other)) == ("consistent", "open")


# -- every status


def test_refuted_by_evidence() -> None:
    world = World()
    claim = world.claim("lna")
    world.claim("un")
    world.shown("no_loss")
    row = graded(world)
    assert (row["status"], verdict(world, claim)) == ("refuted", "contradicted")
    assert row["grade_reason"].endswith("refuted: LYI0001.e1 shows that nothing was lost")


def test_one_object_that_was_not_lost_does_not_refute_the_other() -> None:
    world = World()
    one, other = world.item(), world.item()
    first, second = world.claim("lna", item_id=one), world.claim("lna", item_id=other)
    world.shown("no_loss", item_id=one)
    assert (status(world), verdict(world, first), verdict(world, second)) == ("claimed", "contradicted", "open")
    world.shown("no_loss", item_id=other)
    assert status(world) == "refuted"


@pytest.mark.parametrize(
    ("outlet", "rank", "expected"),
    [("ap", "normal", "refuted"), ("gna_tv", "normal", "claimed"), ("gna_tv", "preferred", "refuted")],
)
def test_the_losing_sides_own_pictures_refute_only_when_preferred(outlet: str, rank: str, expected: str) -> None:
    world = World()
    world.claim("lna", "gna")
    world.shown("no_loss", outlet, rank=rank)
    assert status(world) == expected


def test_refuted_when_every_assertion_is_retracted() -> None:
    world = World()
    first = world.claim("lna")
    world.retraction("lna", responds_to=first)
    row = graded(world)
    assert (row["evidence_level"], row["status"], row["n_origins"], row["n_claims"]) == ("E0", "refuted", 0, 2)
    world.claim("egypt")
    assert (level(world), status(world)) == ("E1", "claimed")


@pytest.mark.parametrize("disputes", ["type", "owner", "cause", "responsibility", "count"])
def test_taking_back_anything_but_the_loss_leaves_the_loss(disputes: str) -> None:
    world = World()
    first = world.claim("lna")
    world.retraction("lna", disputes=disputes, responds_to=first)
    assert (level(world), status(world)) == ("E1", "claimed")


def test_a_retraction_does_not_reach_others_or_what_was_said_later() -> None:
    world = World()
    world.claim("lna", said_on="2020-05-24")
    world.retraction("lna", said_on="2020-05-25")
    assert status(world) == "refuted"
    world.claim("lna", said_on="2020-05-27")
    assert status(world) == "claimed"
    world = World()
    world.retraction("gna", responds_to=world.claim("lna"))
    assert status(world) == "claimed"


def test_retracting_does_not_undo_evidence() -> None:
    world = World()
    world.retraction("lna", responds_to=world.claim("lna"))
    world.shown("loss")
    assert (level(world), status(world)) == ("E4", "confirmed")


@pytest.mark.parametrize(
    ("disputes", "expected"),
    [
        ("loss", "contested"),
        ("count", "contested"),
        ("type", "claimed"),
        ("owner", "claimed"),
        ("cause", "claimed"),
        ("responsibility", "claimed"),
    ],
)
def test_contested_by_a_denial_of_loss_or_count(disputes: str, expected: str) -> None:
    world = World()
    claim = world.claim("lna")
    denial = world.denial("gna", disputes=disputes, incident="", responds_to=claim)
    world.denial("gna_air_force", disputes=disputes)
    row = graded(world)
    assert row["status"] == expected
    deniers = "GNA;GNA_AIR_FORCE" if expected == "contested" else ""
    assert denied_by(world.tables()).fillna("")[claim] == deniers
    assert (f"contested by {denial}" in row["grade_reason"]) == (expected == "contested")


def test_a_denial_outweighs_agreement_and_evidence_outweighs_a_denial() -> None:
    world = World()
    world.claim("lna")
    world.claim("un")
    world.denial("gna")
    assert (level(world), status(world)) == ("E2", "contested")
    world.shown("loss")
    assert (level(world), status(world)) == ("E4", "confirmed")


def test_a_denial_taken_back_no_longer_stands() -> None:
    world = World()
    claim = world.claim("lna")
    denial = world.denial("gna", said_on="2020-05-24")
    assert status(world) == "contested"
    world.retraction("gna", responds_to=denial)
    assert status(world) == "claimed"
    assert pd.isna(denied_by(world.tables())[claim])
    world = World()
    world.claim("lna")
    world.denial("gna", said_on="2020-05-24")
    world.claim("gna", "gna", said_on="2020-05-25")
    assert (level(world), status(world)) == ("E3", "corroborated")


def test_a_denial_of_another_loss_does_not_contest_this_one() -> None:
    world = World()
    claim = world.claim("lna", "gna")
    world.denial("lna", "lna")
    world.denial("gna", "gna", thing="")
    assert status(world) == "claimed"
    assert pd.isna(denied_by(world.tables())[claim])


@pytest.mark.parametrize("override", ["unresolvable", "claimed", "refuted"])
def test_an_override_wins(override: str) -> None:
    world, claim = bani_walid()
    world.incidents[0] |= {"status_override": override, "override_reason": "two wrecks were mixed up"}
    row = graded(world)
    assert (row["evidence_level"], row["status"]) == ("E5", override)
    assert row["grade_reason"].endswith(f"; confirmed; set by hand to {override}")
    assert verdict(world, claim) == "misidentified"


# -- verdicts and identification


@pytest.mark.parametrize(
    ("thing", "loser", "expected"),
    [
        ("bayraktar_tb2", "gna", "consistent"),
        ("bayraktar", "turkey", "consistent"),
        ("uav", "gna_air_force", "consistent"),
        ("something", "gna", "consistent"),
        ("bayraktar_tb2", "unspecified", "consistent"),
        ("wing_loong_ii", "gna", "misidentified"),
        ("ucav", "gna", "misidentified"),
        ("mig_21", "gna", "misidentified"),
        ("bayraktar_tb2", "lna", "misidentified"),
        ("bayraktar_tb2", "italy", "misidentified"),
    ],
)
def test_verdicts(thing: str, loser: str, expected: str) -> None:
    world = World()
    claim = world.claim("un", loser, thing)
    denial = world.denial("gna", loser, thing=thing)
    world.shown("type_and_owner", equipment_id="bayraktar_tb2", lost_by_id="turkey")
    assert (verdict(world, claim), verdict(world, denial)) == (expected, "open")
    assert status(world) == "confirmed"
    assert pd.isna(contradicted_by(world.tables())[claim]) == (expected == "consistent")


def test_only_preferred_evidence_gives_a_verdict() -> None:
    world = World()
    claim = world.claim("lna")
    evidence = world.shown("type", equipment_id="mig_21", rank="normal")
    assert verdict(world, claim) == "open"
    assert contradicted_by(world.tables())[claim] == evidence


def test_evidence_on_one_of_two_objects_says_nothing_of_the_other_or_the_whole() -> None:
    world = World()
    one, other = world.item(), world.item()
    claims = [world.claim("lna", item_id=item) for item in (one, other, "")]
    world.shown("type", item_id=one, equipment_id="mig_21")
    assert [verdict(world, claim) for claim in claims] == ["misidentified", "open", "open"]


def test_evidence_on_the_only_object_speaks_to_the_whole() -> None:
    world = World()
    item = world.item()
    claim = world.claim("lna")
    assert verdict(world, claim) == "open"
    world.shown("type", item_id=item, equipment_id="mig_21")
    assert verdict(world, claim) == "misidentified"


def test_claims_outside_any_incident_stay_open() -> None:
    world = World()
    claim = world.claim("lna", incident="")
    world.shown("type", equipment_id="mig_21")
    assert verdict(world, claim) == "open"


def identified(world: World) -> list[str | None]:
    row = grade(world.tables())["items"].iloc[0]
    return [None if pd.isna(row[c]) else str(row[c]) for c in DERIVED["items"][:4]]


def test_an_object_is_what_all_claims_agree_on() -> None:
    world = World()
    item = world.item()
    world.claim("lna", "gna", "uav", item_id=item)
    world.claim("gna", "gna_air_force", "bayraktar_tb2", item_id=item)
    world.claim("reuters", "unspecified", "something", item_id=item)
    assert identified(world) == ["bayraktar_tb2", "uav", "gna_air_force", "gna"]
    world.claim("un", "turkey", "mig_21", item_id=item)
    assert identified(world) == [None, None, None, "gna"]


def test_a_part_that_the_preferred_evidence_leaves_open_comes_from_what_agrees_with_it() -> None:
    world = World()
    item = world.item()
    world.claim("lna", "gna", "bayraktar_tb2", item_id=item)
    world.claim("un", "lna", "uav", item_id=item)
    world.shown("type", item_id=item, equipment_id="wing_loong_ii")
    assert identified(world) == ["wing_loong_ii", "uav", "lna", "lna"]
    assert level(world) == "E4"


# -- what must change nothing


LOSERS = ["lna", "gna", "turkey", "egypt", "unspecified"]
SPEAKERS = [
    "lna",
    "gna",
    "turkey",
    "egypt",
    "lna_air_force",
    "un",
    "un_office",
    "hospital",
    "reuters",
    "lna_tv",
    "gna_tv",
    "",
]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to two incidents with claims, denials, retractions, objects and evidence of all kinds."""
    world = World()
    incidents = ["LYI0001"] + ([world.incident()] if draw(st.booleans()) else [])
    for incident in incidents:
        for _ in range(draw(st.integers(0, 2))):
            world.item(incident)
    outlets = st.lists(st.sampled_from(sorted(OUTLETS)), min_size=1, max_size=3)
    for _ in range(draw(st.integers(0, 7))):
        incident = draw(st.sampled_from(incidents))
        items = ["", *(i["item_id"] for i in world.items if i["incident_id"] == incident)]
        stance = draw(st.sampled_from(["asserts", "asserts", "asserts", "denies", "retracts"]))
        disputes = "" if stance == "asserts" else draw(st.sampled_from(["loss", "count", "owner"]))
        answered = "" if stance == "asserts" else draw(st.sampled_from(["", *(c["claim_id"] for c in world.claims)]))
        thing = draw(st.sampled_from(["bayraktar_tb2", "wing_loong_ii", "uav", "mig_21", "something", ""]))
        world.claim(
            draw(st.sampled_from(SPEAKERS)),
            draw(st.sampled_from(LOSERS)),
            thing,
            draw(outlets),
            draw(st.sampled_from(["", "", "lna", "gna", "un"])),
            incident,
            stance=stance,
            disputes=disputes,
            responds_to=answered,
            item_id=draw(st.sampled_from(items)) if thing else "",
            accused_id=draw(st.sampled_from(["", "lna", "gna"])),
            said_on=draw(st.sampled_from(["", "2020-05-24", "2020-05-25"])),
            count_high=draw(st.sampled_from([1, 3])),
        )
    for _ in range(draw(st.integers(0, 3))):
        incident = draw(st.sampled_from(incidents))
        items = ["", *(i["item_id"] for i in world.items if i["incident_id"] == incident)]
        world.shown(
            draw(st.sampled_from(["loss", "type", "owner", "type_and_owner", "no_loss"])),
            draw(st.sampled_from(sorted(OUTLETS))),
            incident,
            item_id=draw(st.sampled_from(items)),
            equipment_id=draw(st.sampled_from(["wing_loong_ii", "bayraktar_tb2", "uav"])),
            lost_by_id=draw(st.sampled_from(LOSERS)),
            rank=draw(st.sampled_from(["preferred", "normal", "deprecated"])),
            viewed=draw(st.sampled_from(["reported", "coder"])),
        )
    return world


def swap_labels(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The words of the two sides exchanged wherever a column names a side."""
    words = {"lna": "gna", "gna": "lna"}
    made = {}
    for name, table in tables.items():
        made[name] = table.copy()
        for column in [c for c in table.columns if c.endswith("bloc")]:
            made[name][column] = table[column].replace(words)
    return made


def swap_roles(world: World) -> World:
    """Every body and outlet exchanged with its counterpart on the other side."""
    swapped = World()
    columns = ("claimant_id", "lost_by_id", "accused_id", "via_id", "outlet_id")
    for name in ("sources", "mentions", "claims", "items", "evidence", "incidents"):
        rows = [row | {c: MIRROR.get(row[c], row[c]) for c in columns if c in row} for row in getattr(world, name)]
        setattr(swapped, name, rows)
    return swapped


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_swapping_the_sides_changes_nothing(world: World) -> None:
    tables = world.tables()
    expected = outcome(tables)
    assert outcome(swap_labels(tables)) == expected
    assert outcome(swap_roles(world).tables()) == expected


@settings(max_examples=100, deadline=None)
@given(worlds(), st.data())
def test_copies_and_further_outlets_of_the_same_side_change_nothing(world: World, data: st.DataObject) -> None:
    expected = outcome(world.tables())
    if not world.mentions:
        return
    copied = data.draw(st.sampled_from([*world.sources]))
    copy = world.source(data.draw(st.sampled_from(sorted(OUTLETS))), copy_of=copied["source_id"])
    for mention in [m for m in world.mentions if m["source_id"] == copied["source_id"]]:
        world.mention(mention["claim_id"], copy, data.draw(st.sampled_from(["", mention["via_id"]])))
    assert outcome(world.tables()) == expected
    # an outlet of the same alignment that carries the same statement in its own report
    carried = data.draw(st.sampled_from(world.mentions))
    origin = next(s for s in world.sources if s["source_id"] == carried["source_id"])
    if not origin["republication_of"]:
        alike = [o for o, side in OUTLETS.items() if side == OUTLETS[origin["outlet_id"]]]
        further = world.source(data.draw(st.sampled_from(alike)))
        world.mention(carried["claim_id"], further, carried["via_id"])
        assert outcome(world.tables()) == expected


@settings(max_examples=60, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_row_order_and_stale_columns_change_nothing(world: World, random: Any) -> None:
    tables = world.tables()
    shuffled = {name: table.sample(frac=1, random_state=random.randrange(2**32)) for name, table in tables.items()}
    shuffled["claims"]["verdict"] = "misidentified"
    shuffled["incidents"]["status"] = "refuted"
    made, again = grade(tables), grade(shuffled)
    for name, key in (("claims", "claim_id"), ("incidents", "incident_id"), ("items", "item_id")):
        left, right = (t[name].set_index(key).sort_index() for t in (made, again))
        pd.testing.assert_frame_equal(left, right[left.columns], check_dtype=False)
        assert again[name].index.equals(shuffled[name].index)
    for flat in (denied_by, admitted_by, contradicted_by):
        pd.testing.assert_series_equal(flat(tables).sort_index(), flat(shuffled).sort_index())


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_overrides_win_and_every_grade_says_why(world: World) -> None:
    for row in world.incidents:
        row |= {"status_override": "unresolvable", "override_reason": "sources cannot be told apart"}
    made = grade(world.tables())["incidents"]
    assert (made["status"] == "unresolvable").all()
    for level, reason in zip(made["evidence_level"], made["grade_reason"], strict=True):
        assert reason.startswith(f"{level}: ")
        assert reason.endswith("set by hand to unresolvable")


@pytest.mark.parametrize(
    "gone", ["claims", "mentions", "sources", "incidents", "items", "evidence", "blocs", "outlets"]
)
def test_any_table_may_be_empty(gone: str) -> None:
    world, _ = bani_walid()
    tables = world.tables()
    tables[gone] = tables[gone].iloc[:0]
    made = grade(tables)
    for name in ("claims", "incidents", "items"):
        assert len(made[name]) == len(tables[name])
    assert made["claims"]["verdict"].notna().all()
    assert made["incidents"][DERIVED["incidents"]].notna().all(axis=None)
    for flat in (denied_by, admitted_by, contradicted_by):
        assert len(flat(tables)) == len(tables["claims"])


def test_columns_come_in_the_order_of_the_schemas() -> None:
    made = grade(bani_walid()[0].tables())
    for name in ("incidents", "items"):
        text = (ROOT / "schemas" / "tables" / f"{name}.yaml").read_text(encoding="utf-8")
        assert [*made[name].columns] == [n.split(".")[-1] for n in re.findall(r"^  - (?:name|use): (\S+)", text, re.M)]
    assert [*made["claims"].columns].index("verdict") == [*made["claims"].columns].index("note") - 1
    assert str(made["incidents"]["n_claims"].dtype) == str(made["incidents"]["date_precision"].dtype) == "Int64"
