"""What must hold across columns and tables.

Each rule is a function whose name says what must hold. It takes the published tables and returns, for
the rows of its table, whether it holds; missing values count as holding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lossclaims.claims import lookup, root_sources

Tables = Mapping[str, pd.DataFrame]
Holds = Callable[[Tables], "pd.Series[bool]"]


@dataclass(frozen=True)
class Rule:
    """A rule, the table whose rows it judges, the column to blame and the remedy."""

    name: str
    table: str
    column: str
    remedy: str
    holds: Holds


RULES: list[Rule] = []


def rule(table: str, column: str, *, remedy: str) -> Callable[[Holds], Holds]:
    """Register a rule under its function's name."""

    def register(holds: Holds) -> Holds:
        RULES.append(Rule(holds.__name__, table, column, remedy, holds))
        return holds

    return register


def _not(bad: pd.Series[bool]) -> pd.Series[bool]:
    return ~bad.fillna(False).astype(bool)


def _ordered(frame: pd.DataFrame, low: str, high: str) -> pd.Series[bool]:
    return _not(frame[low] > frame[high])


def _given(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    return frame[column].notna()


def _lookup(values: pd.Series[str], frame: pd.DataFrame, key: str, column: str) -> pd.Series[str]:
    return lookup(values, frame.drop_duplicates(key).set_index(key)[column])


def _record_id(ids: pd.Series[str]) -> pd.Series[str]:
    """Id of the record that an entry's id begins with."""
    return ids.str.replace(r"\.[^.]*$", "", regex=True)


# -- windows and bounds --------------------------------------------------------------------------------


@rule("mentions", "count_text", remedy="a low that is not above the high")
def mention_low_not_above_high(t: Tables) -> pd.Series[bool]:
    return _ordered(t["mentions"], "count_low", "count_high")


@rule("claims", "count_low", remedy="a low that is not above the high")
def claim_low_not_above_high(t: Tables) -> pd.Series[bool]:
    return _ordered(t["claims"], "count_low", "count_high")


@rule("mentions", "when_text", remedy="a start that is not after the end")
def mention_start_not_after_end(t: Tables) -> pd.Series[bool]:
    return _ordered(t["mentions"], "date_start", "date_end")


@rule("incidents", "date_start", remedy="a start that is not after the end")
def incident_start_not_after_end(t: Tables) -> pd.Series[bool]:
    return _ordered(t["incidents"], "date_start", "date_end")


@rule("collections", "date_start", remedy="a start that is not after the end")
def collection_start_not_after_end(t: Tables) -> pd.Series[bool]:
    return _ordered(t["collections"], "date_start", "date_end")


@rule("outlets", "affiliation_from", remedy="a start that is not after the end")
def affiliation_start_not_after_end(t: Tables) -> pd.Series[bool]:
    return _ordered(t["outlets"], "affiliation_from", "affiliation_to")


@rule("sources", "published_earliest", remedy="an earliest day that is not after the latest")
def published_earliest_not_after_latest(t: Tables) -> pd.Series[bool]:
    return _ordered(t["sources"], "published_earliest", "published_latest")


# -- mentions and sources ------------------------------------------------------------------------------


@rule("mentions", "when_text", remedy="a day not after the day of publication; a forecast is no loss")
def event_not_after_report(t: Tables) -> pd.Series[bool]:
    mentions = t["mentions"]
    published = _lookup(mentions["source_id"], t["sources"], "source_id", "published_latest")
    return _not(mentions["date_end"] > published)


@rule("mentions", "said_on", remedy="a day not after the day of publication")
def statement_not_after_report(t: Tables) -> pd.Series[bool]:
    mentions = t["mentions"]
    published = _lookup(mentions["source_id"], t["sources"], "source_id", "published_latest")
    return _not(mentions["said_on"] > published)


@rule("mentions", "source_id", remedy="no mentions in a source that was not read")
def mentions_come_from_read_sources(t: Tables) -> pd.Series[bool]:
    read = _lookup(t["mentions"]["source_id"], t["sources"], "source_id", "read_as")
    return _not(read == "not_read")


@rule("mentions", "paragraph", remedy="paragraph and char_start, since the full text was read from a file")
def full_text_gives_place_of_words(t: Tables) -> pd.Series[bool]:
    mentions = t["mentions"]
    hashed = _lookup(mentions["source_id"], t["sources"], "source_id", "text_sha256").notna()
    return ~(hashed & (mentions["paragraph"].isna() | mentions["char_start"].isna()))


@rule("mentions", "char_start", remedy="no char_start without text_sha256, which says in which file it counts")
def char_start_has_a_hash(t: Tables) -> pd.Series[bool]:
    mentions = t["mentions"]
    hashed = _lookup(mentions["source_id"], t["sources"], "source_id", "text_sha256").notna()
    return ~(mentions["char_start"].notna() & ~hashed)


@rule("mentions", "when_reading", remedy="the words in when_text beside it")
def reading_of_time_has_words(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["mentions"], "when_reading") & t["mentions"]["when_text"].isna())


@rule("mentions", "count_reading", remedy="the words in count_text beside it")
def reading_of_figure_has_words(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["mentions"], "count_reading") & t["mentions"]["count_text"].isna())


@rule("mentions", "count_rule", remedy="as many rows as the figure says, each with the same words at the same place")
def distributed_figure_has_all_its_rows(t: Tables) -> pd.Series[bool]:
    mentions = t["mentions"]
    shared = mentions["count_rule"].astype("string") == "distributed"
    rows = (
        mentions[shared]
        .groupby(["source_id", "count_text", "char_start"], dropna=False)["mention_id"]
        .transform("size")
    )
    expected = mentions.loc[shared, "count_point"]
    holds = pd.Series(True, index=mentions.index)
    holds.loc[rows.index] = (rows == expected).fillna(True).astype(bool)
    return holds


@rule("sources", "text_sha256", remedy="read_as: full_text together with text_sha256")
def hash_means_full_text(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["sources"], "text_sha256") & (t["sources"]["read_as"].astype("string") != "full_text"))


@rule("sources", "published_earliest", remedy="both published_earliest and published_latest, or neither")
def publication_has_both_ends(t: Tables) -> pd.Series[bool]:
    return t["sources"]["published_earliest"].isna() == t["sources"]["published_latest"].isna()


@rule("sources", "published_latest", remedy="a day not before the original's")
def copy_not_before_original(t: Tables) -> pd.Series[bool]:
    sources = t["sources"]
    original = _lookup(sources["republication_of"], sources, "source_id", "published_earliest")
    return _not(sources["published_latest"] < original)


# -- claims --------------------------------------------------------------------------------------------


@rule("claims", "equipment_id", remedy="equipment_id or personnel_category, one of the two")
def claim_is_about_things_or_people(t: Tables) -> pd.Series[bool]:
    return t["claims"]["equipment_id"].isna() != t["claims"]["personnel_category"].isna()


@rule("claims", "outcome", remedy="an outcome of the claim's domain, see terms")
def outcome_fits_domain(t: Tables) -> pd.Series[bool]:
    claims, terms = t["claims"], t["terms"]
    words = {d: set(terms.loc[terms["vocabulary"] == f"{d}_outcome", "term"]) for d in ("equipment", "personnel")}
    outcome = claims["outcome"].astype("string")
    things = claims["equipment_id"].notna()
    return (things & outcome.isin(words["equipment"])) | (~things & outcome.isin(words["personnel"]))


@rule("claims", "subgroup", remedy="no subgroup in a claim about equipment")
def subgroup_is_of_people(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["claims"], "subgroup") & t["claims"]["equipment_id"].notna())


@rule("claims", "claimant_id", remedy="no claimant where attribution is unnamed, else one")
def claimant_fits_attribution(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    return (claims["attribution"].astype("string") == "unnamed") == claims["claimant_id"].isna()


@rule("claims", "claimant_id", remedy="the outlet of the report, or of its original, where the narrator speaks")
def narrator_is_the_outlet(t: Tables) -> pd.Series[bool]:
    claims, sources = t["claims"], t["sources"]
    original = root_sources(_record_id(claims["claim_id"]), sources)
    outlet = _lookup(original, sources, "source_id", "outlet_id")
    narrator = claims["attribution"].astype("string") == "narrator"
    return ~(narrator & (claims["claimant_id"] != outlet).fillna(True))


@rule("claims", "speaker", remedy="no speaker unless attribution is named")
def speaker_is_named(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["claims"], "speaker") & (t["claims"]["attribution"].astype("string") != "named"))


@rule("claims", "disputes", remedy="disputes with denies and retracts, and only there")
def denial_says_what_it_disputes(t: Tables) -> pd.Series[bool]:
    return (t["claims"]["stance"].astype("string") == "asserts") == t["claims"]["disputes"].isna()


@rule("claims", "count_rule", remedy="a low of at least 1, or stance denies")
def asserted_loss_is_not_zero(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    return _not((claims["stance"].astype("string") == "asserts") & (claims["count_low"] < 1))


@rule("claims", "place_precision", remedy="place_id and place_precision, both or neither")
def place_has_a_precision(t: Tables) -> pd.Series[bool]:
    return t["claims"]["place_id"].isna() == t["claims"]["place_precision"].isna()


@rule("claims", "incident_id", remedy="no incident on a running total")
def running_total_has_no_incident(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    return ~(_given(claims, "incident_id") & (claims["figure_kind"].astype("string") == "cumulative"))


@rule("claims", "series_id", remedy="figure_kind: cumulative for a point of a series")
def series_point_is_cumulative(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    return ~(_given(claims, "series_id") & (claims["figure_kind"].astype("string") != "cumulative"))


@rule("claims", "series_basis", remedy="series_id and series_basis, both or neither")
def series_link_has_a_basis(t: Tables) -> pd.Series[bool]:
    return t["claims"]["series_id"].isna() == t["claims"]["series_basis"].isna()


@rule("claims", "series_id", remedy="a series of the same claimant, loser, thing and outcome")
def series_fits_claim(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    holds = pd.Series(True, index=claims.index)
    for column in ("claimant_id", "lost_by_id", "equipment_id", "personnel_category", "outcome"):
        own = claims[column].astype("string").fillna("")
        holds &= own == _lookup(claims["series_id"], t["series"], "series_id", column).fillna("")
    return holds | claims["series_id"].isna()


@rule("claims", "series_id", remedy="a total not below the one before, or series_revision with the reason")
def series_never_falls(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    points = claims[claims["series_id"].notna()].copy()
    points["day"] = points["said_on"].fillna(points["first_published"])
    points = points.dropna(subset=["day"]).sort_values(["series_id", "day", "claim_id"], kind="stable")
    # a revision starts the comparison anew
    points["era"] = points["series_revision"].notna().astype(int).groupby(points["series_id"]).cumsum()
    before = points.groupby(["series_id", "era"])["count_low"].transform(lambda s: s.cummax().shift())
    holds = pd.Series(True, index=claims.index)
    # as intervals: the highest reading of this point lies below the lowest of an earlier one
    holds.loc[points.index] = _not(points["count_high"] < before)
    return holds


@rule("claims", "item_id", remedy="an object of the linked incident")
def item_belongs_to_incident(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    return ~(_given(claims, "item_id") & (_record_id(claims["item_id"]) != claims["incident_id"]).fillna(True))


@rule("claims", "item_id", remedy="one object, figure 1 and equipment")
def item_claim_is_about_one_thing(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    many = (claims["count_low"] > 1).fillna(False).astype(bool)
    return ~(_given(claims, "item_id") & (claims["equipment_id"].isna() | many))


@rule("claims", "part_of", remedy="a whole of the same claimant and stance")
def part_has_the_claimant_of_its_whole(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    holds = pd.Series(True, index=claims.index)
    for column in ("claimant_id", "stance"):
        whole = _lookup(claims["part_of"], claims, "claim_id", column)
        holds &= claims[column].astype("string").fillna("") == whole.fillna("")
    return holds | claims["part_of"].isna()


@rule("claims", "part_of", remedy="a part that is not larger than its whole")
def part_not_larger_than_whole(t: Tables) -> pd.Series[bool]:
    claims = t["claims"]
    high = _lookup(claims["part_of"], claims, "claim_id", "count_high")
    return _not(claims["count_low"] > high)


def _without_cycle(frame: pd.DataFrame, key: str, link: str) -> pd.Series[bool]:
    linked = frame.dropna(subset=[link])
    parent = dict(zip(linked[key], linked[link], strict=True))
    clear: set[str] = set()
    holds = []
    for start in frame[key]:
        seen = []
        node = start
        while node in parent and node not in clear and node not in seen:
            seen.append(node)
            node = parent[node]
        in_cycle = node in seen
        if not in_cycle:
            clear.update(seen)
        holds.append(not in_cycle or start not in seen[seen.index(node) :])
    return pd.Series(holds, index=frame.index)


@rule("claims", "part_of", remedy="a whole that is not a part of its own part")
def parts_form_no_cycle(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["claims"], "claim_id", "part_of")


@rule("claims", "responds_to", remedy="an earlier claim")
def responses_form_no_cycle(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["claims"], "claim_id", "responds_to")


@rule("sources", "republication_of", remedy="an original that is not a copy of its own copy")
def copies_form_no_cycle(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["sources"], "source_id", "republication_of")


@rule("actors", "parent_id", remedy="a parent outside the actor's own branch")
def actors_form_a_tree(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["actors"], "actor_id", "parent_id")


@rule("places", "parent_id", remedy="a parent outside the place's own branch")
def places_form_a_tree(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["places"], "place_id", "parent_id")


@rule("equipment", "parent_id", remedy="a parent outside the item's own branch")
def equipment_forms_a_tree(t: Tables) -> pd.Series[bool]:
    return _without_cycle(t["equipment"], "equipment_id", "parent_id")


# -- incidents, objects, evidence ------------------------------------------------------------------------


@rule("incidents", "place_precision", remedy="place_id and place_precision, both or neither")
def incident_place_has_a_precision(t: Tables) -> pd.Series[bool]:
    return t["incidents"]["place_id"].isna() == t["incidents"]["place_precision"].isna()


@rule("incidents", "override_reason", remedy="status_override and override_reason, both or neither")
def override_has_a_reason(t: Tables) -> pd.Series[bool]:
    return t["incidents"]["status_override"].isna() == t["incidents"]["override_reason"].isna()


@rule("incidents", "distinct_basis", remedy="distinct_from and distinct_basis, both or neither")
def distinction_has_a_basis(t: Tables) -> pd.Series[bool]:
    return t["incidents"]["distinct_from"].isna() == t["incidents"]["distinct_basis"].isna()


@rule("incidents", "distinct_from", remedy="ids of other incidents")
def distinct_incidents_exist(t: Tables) -> pd.Series[bool]:
    incidents = t["incidents"]
    known = set(incidents["incident_id"])
    pairs = zip(incidents["incident_id"], incidents["distinct_from"].fillna(""), strict=True)
    return pd.Series(
        [own not in (ids := str(text).split()) and known.issuperset(ids) for own, text in pairs], index=incidents.index
    ).astype(bool)


@rule("incidents", "incident_id", remedy="distinct_from with a distinct_basis, or one incident for both")
def alike_incidents_say_why_distinct(t: Tables) -> pd.Series[bool]:
    incidents, claims = t["incidents"], t["claims"]
    linked = claims.dropna(subset=["incident_id"])
    kind = linked["equipment_class"].astype("string").fillna(linked["personnel_category"].astype("string"))
    marks = linked.assign(kind=kind, side=linked["lost_by_bloc"].astype("string"))[["incident_id", "side", "kind"]]
    marks = marks.drop_duplicates().merge(incidents, on="incident_id")
    marks = marks.dropna(subset=["place_id", "date_start"])
    said = {
        frozenset((own, other))
        for own, text in zip(incidents["incident_id"], incidents["distinct_from"].fillna(""), strict=True)
        for other in str(text).split()
    }
    alike = set()
    for _, group in marks.groupby(["side", "kind", "place_id", "date_start", "date_end"], observed=True):
        ids = sorted(set(group["incident_id"]))
        alike |= {b for i, a in enumerate(ids) for b in ids[i + 1 :] if frozenset((a, b)) not in said}
    return ~incidents["incident_id"].isin(alike)


@rule("claims", "incident_id", remedy="an incident whose dates touch the claim's window")
def incident_touches_claim(t: Tables) -> pd.Series[bool]:
    claims, incidents = t["claims"], t["incidents"]
    start = _lookup(claims["incident_id"], incidents, "incident_id", "date_start")
    return _not(claims["date_end"] < start)


@rule("items", "item_id", remedy="a claim or an evidence row with this item_id, saying what it was")
def item_has_an_identification(t: Tables) -> pd.Series[bool]:
    said = set(t["claims"]["item_id"].dropna()) | set(t["evidence"]["item_id"].dropna())
    return t["items"]["item_id"].isin(said)


@rule("evidence", "item_id", remedy="an object of the same incident")
def evidence_item_belongs_to_incident(t: Tables) -> pd.Series[bool]:
    evidence = t["evidence"]
    other = (_record_id(evidence["item_id"]) != evidence["incident_id"]).fillna(False).astype(bool)
    return ~(_given(evidence, "item_id") & other)


@rule("evidence", "rank", remedy="at most one preferred identification of an object; the others normal or deprecated")
def one_preferred_identification(t: Tables) -> pd.Series[bool]:
    evidence = t["evidence"]
    preferred = evidence[(evidence["rank"].astype("string") == "preferred") & evidence["item_id"].notna()]
    again = preferred[preferred.duplicated("item_id")]["evidence_id"]
    return ~evidence["evidence_id"].isin(again)


@rule("evidence", "shows", remedy="equipment_id where it shows the type, lost_by_id where it shows the owner")
def evidence_says_what_it_shows(t: Tables) -> pd.Series[bool]:
    evidence = t["evidence"]
    shows = evidence["shows"].astype("string")
    kind = evidence["equipment_id"].fillna(evidence["personnel_category"].astype("string"))
    no_type = shows.isin(["type", "type_and_owner"]) & kind.isna()
    no_owner = shows.isin(["owner", "type_and_owner"]) & evidence["lost_by_id"].isna()
    return ~(no_type | no_owner)


# -- reference -----------------------------------------------------------------------------------------


@rule("places", "latitude", remedy="latitude, longitude, uncertainty_km and coordinate_source, all or none")
def coordinates_are_whole_and_cited(t: Tables) -> pd.Series[bool]:
    places = t["places"]
    given = places[["latitude", "longitude", "uncertainty_km", "coordinate_source"]].notna().sum(axis=1)
    return given.isin([0, 4])


@rule("equipment", "parent_id", remedy="a parent for every row but the classes")
def equipment_hangs_in_the_tree(t: Tables) -> pd.Series[bool]:
    equipment = t["equipment"]
    return equipment["level"].astype("string").isin(["class", "unknown"]) == equipment["parent_id"].isna()


@rule("equipment", "origin", remedy="a reference for every origin")
def origin_has_a_reference(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["equipment"], "origin") & t["equipment"]["reference"].isna())


@rule("equipment", "equipment_id", remedy="a row of terms.csv in the vocabulary equipment_class for every class")
def class_has_a_term(t: Tables) -> pd.Series[bool]:
    equipment, terms = t["equipment"], t["terms"]
    words = set(terms.loc[terms["vocabulary"] == "equipment_class", "term"])
    return equipment["parent_id"].notna() | equipment["equipment_id"].isin(words)


@rule("outlets", "affiliation", remedy="affiliation, affiliation_by and affiliation_url, all or none")
def affiliation_is_whole_and_cited(t: Tables) -> pd.Series[bool]:
    outlets = t["outlets"]
    given = outlets[["affiliation", "affiliation_by", "affiliation_url"]].notna().sum(axis=1)
    return given.isin([0, 3])


@rule("outlets", "aligned_bloc", remedy="a cited affiliation for every aligned bloc")
def alignment_is_cited(t: Tables) -> pd.Series[bool]:
    return ~(_given(t["outlets"], "aligned_bloc") & t["outlets"]["affiliation"].isna())


@rule("terms", "outcome_group", remedy="an outcome_group for every outcome, and for nothing else")
def outcome_has_a_group(t: Tables) -> pd.Series[bool]:
    return t["terms"]["vocabulary"].str.endswith("_outcome") == t["terms"]["outcome_group"].notna()
