"""What must hold across columns and tables.

Each rule is a function whose name says what must hold. A rule of rows takes a row and the book of all rows, and
returns whether it holds; a rule of tables takes the book and returns the keys of the rows that break it. They work on
plain rows, in which what is missing is absent, so that one record can be checked without a frame.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lossclaims.claims import roots_of

Line = Mapping[str, Any]


class Book:
    """Rows of all tables, with an index of each.

    Parameters
    ----------
    rows : Mapping of str to sequence of mappings
        Table name to its rows; claims with what their mentions come to.
    keys : Mapping of str to str
        Table name to the column of its ids.
    """

    def __init__(self, rows: Mapping[str, Sequence[Line]], keys: Mapping[str, str]) -> None:
        self.rows = rows
        self.keys = keys
        self._index: dict[str, dict[Any, Line]] = {}

    def find(self, table: str, key: Any) -> Line:
        """Row of a table by its id; an empty one where there is none."""
        if key is None:
            return {}
        if table not in self._index:
            index: dict[Any, Line] = {}
            for row in self.rows.get(table, ()):
                index.setdefault(row.get(self.keys[table]), row)
            self._index[table] = index
        return self._index[table].get(key, {})

    def above(self, actor: Any) -> list[Any]:
        """Bodies that an actor is part of, nearest first."""
        found: list[Any] = []
        while (actor := self.find("actors", actor).get("parent_id")) is not None and actor not in found:
            found.append(actor)
        return found

    @cached_property
    def roots(self) -> dict[str, str]:
        """Original of each source, which is itself where it is no copy."""
        copies = {
            r["source_id"]: r["republication_of"] for r in self.rows["sources"] if r.get("republication_of") is not None
        }
        return roots_of((r["source_id"] for r in self.rows["sources"] if "source_id" in r), copies)

    @cached_property
    def words(self) -> dict[str, set[str]]:
        """Words of each vocabulary of ``terms``."""
        found: dict[str, set[str]] = {}
        for row in self.rows["terms"]:
            found.setdefault(row.get("vocabulary", ""), set()).add(row.get("term", ""))
        return found


@dataclass(frozen=True)
class Rule:
    """A rule, the table whose rows it judges, the column to blame and the remedy."""

    name: str
    table: str
    column: str
    remedy: str
    broken: Callable[[Book], Iterator[Line]]


RULES: list[Rule] = []


def rule(table: str, column: str, *, remedy: str) -> Callable[[Callable[[Line, Book], bool]], object]:
    """Register a rule of rows under its function's name."""

    def register(holds: Callable[[Line, Book], bool]) -> object:
        def broken(book: Book) -> Iterator[Line]:
            return (row for row in book.rows[table] if not holds(row, book))

        RULES.append(Rule(holds.__name__, table, column, remedy, broken))
        return holds

    return register


def table_rule(table: str, column: str, *, remedy: str) -> Callable[[Callable[[Book], Collection[Any]]], object]:
    """Register a rule of tables, which returns the ids of the rows that break it."""

    def register(breaking: Callable[[Book], Collection[Any]]) -> object:
        def broken(book: Book) -> Iterator[Line]:
            bad = breaking(book)
            return (row for row in book.rows[table] if bad and row.get(book.keys[table]) in bad)

        RULES.append(Rule(breaking.__name__, table, column, remedy, broken))
        return breaking

    return register


def _ordered(low: Any, high: Any) -> bool:
    """Whether two values are in order; a missing one is in order with anything."""
    return low is None or high is None or bool(low <= high)


def _together(row: Line, *columns: str) -> bool:
    return len({row.get(c) is None for c in columns}) == 1


def _record_id(entry_id: str) -> str:
    """Id of the record that an entry's id begins with."""
    return entry_id.rpartition(".")[0]


# -- windows and bounds --------------------------------------------------------------------------------


@rule("mentions", "count_text", remedy="a low that is not above the high")
def mention_low_not_above_high(row: Line, book: Book) -> bool:
    return _ordered(row.get("count_low"), row.get("count_high"))


@rule("claims", "count_low", remedy="a low that is not above the high")
def claim_low_not_above_high(row: Line, book: Book) -> bool:
    return _ordered(row.get("count_low"), row.get("count_high"))


@rule("mentions", "when_text", remedy="a start that is not after the end")
def mention_start_not_after_end(row: Line, book: Book) -> bool:
    return _ordered(row.get("date_start"), row.get("date_end"))


@rule("incidents", "date_start", remedy="a start that is not after the end")
def incident_start_not_after_end(row: Line, book: Book) -> bool:
    return _ordered(row.get("date_start"), row.get("date_end"))


@rule("collections", "date_start", remedy="a start that is not after the end")
def collection_start_not_after_end(row: Line, book: Book) -> bool:
    return _ordered(row.get("date_start"), row.get("date_end"))


@rule("outlets", "affiliation_from", remedy="a start that is not after the end")
def affiliation_start_not_after_end(row: Line, book: Book) -> bool:
    return _ordered(row.get("affiliation_from"), row.get("affiliation_to"))


@rule("sources", "published_earliest", remedy="an earliest day that is not after the latest")
def published_earliest_not_after_latest(row: Line, book: Book) -> bool:
    return _ordered(row.get("published_earliest"), row.get("published_latest"))


# -- mentions and sources ------------------------------------------------------------------------------


def _source(row: Line, book: Book) -> Line:
    return book.find("sources", row.get("source_id"))


@rule("mentions", "when_text", remedy="a day not after the day of publication; a forecast is no loss")
def event_not_after_report(row: Line, book: Book) -> bool:
    return _ordered(row.get("date_end"), _source(row, book).get("published_latest"))


@rule("mentions", "said_on", remedy="a day not after the day of publication")
def statement_not_after_report(row: Line, book: Book) -> bool:
    return _ordered(row.get("said_on"), _source(row, book).get("published_latest"))


@rule("mentions", "source_id", remedy="no mentions in a source that was not read")
def mentions_come_from_read_sources(row: Line, book: Book) -> bool:
    return _source(row, book).get("read_as") != "not_read"


@rule("mentions", "paragraph", remedy="paragraph and char_start, since the full text was read from a file")
def full_text_gives_place_of_words(row: Line, book: Book) -> bool:
    placed = "paragraph" in row and "char_start" in row
    return placed or _source(row, book).get("text_sha256") is None


@rule("mentions", "char_start", remedy="no char_start without text_sha256, which says in which file it counts")
def char_start_has_a_hash(row: Line, book: Book) -> bool:
    return "char_start" not in row or _source(row, book).get("text_sha256") is not None


@rule("mentions", "when_reading", remedy="the words in when_text beside it")
def reading_of_time_has_words(row: Line, book: Book) -> bool:
    return "when_reading" not in row or "when_text" in row


@rule("mentions", "count_reading", remedy="the words in count_text beside it")
def reading_of_figure_has_words(row: Line, book: Book) -> bool:
    return "count_reading" not in row or "count_text" in row


@table_rule(
    "mentions", "count_rule", remedy="as many rows as the figure says, each with the same words at the same place"
)
def distributed_figure_has_all_its_rows(book: Book) -> Collection[Any]:
    def place(row: Line) -> tuple[Any, ...]:
        return row["source_id"], row.get("count_text"), row.get("char_start")

    shared = [r for r in book.rows["mentions"] if r.get("count_rule") == "distributed"]
    sizes = Counter(map(place, shared))
    return {r["mention_id"] for r in shared if r.get("count_point") not in (None, sizes[place(r)])}


@rule("sources", "text_sha256", remedy="read_as: full_text together with text_sha256")
def hash_means_full_text(row: Line, book: Book) -> bool:
    return "text_sha256" not in row or row.get("read_as") == "full_text"


@rule("sources", "reviewer", remedy="the pseudonym of another person than the coder")
def reviewer_is_another_person(row: Line, book: Book) -> bool:
    return "reviewer" not in row or row["reviewer"] != row["coder"]


@rule("sources", "published_earliest", remedy="both published_earliest and published_latest, or neither")
def publication_has_both_ends(row: Line, book: Book) -> bool:
    return _together(row, "published_earliest", "published_latest")


@rule("sources", "published_latest", remedy="a day not before the original's")
def copy_not_before_original(row: Line, book: Book) -> bool:
    original = book.find("sources", row.get("republication_of"))
    return _ordered(original.get("published_earliest"), row.get("published_latest"))


# -- claims --------------------------------------------------------------------------------------------


@rule("claims", "equipment_id", remedy="equipment_id or personnel_category, one of the two")
def claim_is_about_things_or_people(row: Line, book: Book) -> bool:
    return not _together(row, "equipment_id", "personnel_category")


@rule("claims", "outcome", remedy="an outcome of the claim's domain, see terms")
def outcome_fits_domain(row: Line, book: Book) -> bool:
    domain = "equipment" if "equipment_id" in row else "personnel"
    return row.get("outcome") in book.words.get(f"{domain}_outcome", ())


@rule("claims", "subgroup", remedy="no subgroup in a claim about equipment")
def subgroup_is_of_people(row: Line, book: Book) -> bool:
    return "subgroup" not in row or "equipment_id" not in row


@rule("claims", "claimant_id", remedy="no claimant where attribution is unnamed, else one")
def claimant_fits_attribution(row: Line, book: Book) -> bool:
    return (row.get("attribution") == "unnamed") == ("claimant_id" not in row)


@rule("claims", "claimant_id", remedy="the outlet of the report, or of its original, where the narrator speaks")
def narrator_is_the_outlet(row: Line, book: Book) -> bool:
    if row.get("attribution") != "narrator":
        return True
    own = _record_id(row["claim_id"])
    outlet = book.find("sources", book.roots.get(own, own)).get("outlet_id")
    return outlet is not None and row.get("claimant_id") == outlet


@rule("claims", "speaker", remedy="no speaker unless attribution is named")
def speaker_is_named(row: Line, book: Book) -> bool:
    return "speaker" not in row or row.get("attribution") == "named"


@rule("claims", "disputes", remedy="disputes with denies and retracts, and only there")
def denial_says_what_it_disputes(row: Line, book: Book) -> bool:
    return (row.get("stance") == "asserts") == ("disputes" not in row)


@rule("claims", "count_rule", remedy="a low of at least 1, or stance denies")
def asserted_loss_is_not_zero(row: Line, book: Book) -> bool:
    return row.get("stance") != "asserts" or _ordered(1, row.get("count_low"))


@rule("claims", "place_precision", remedy="place_id and place_precision, both or neither")
def place_has_a_precision(row: Line, book: Book) -> bool:
    return _together(row, "place_id", "place_precision")


@rule("claims", "incident_id", remedy="no incident on a running total")
def running_total_has_no_incident(row: Line, book: Book) -> bool:
    return "incident_id" not in row or row.get("figure_kind") != "cumulative"


@rule("claims", "series_id", remedy="figure_kind: cumulative for a point of a series")
def series_point_is_cumulative(row: Line, book: Book) -> bool:
    return "series_id" not in row or row.get("figure_kind") == "cumulative"


@rule("claims", "series_basis", remedy="series_id and series_basis, both or neither")
def series_link_has_a_basis(row: Line, book: Book) -> bool:
    return _together(row, "series_id", "series_basis")


@rule("claims", "series_id", remedy="a series of the same claimant, loser, thing and outcome")
def series_fits_claim(row: Line, book: Book) -> bool:
    if "series_id" not in row:
        return True
    series = book.find("series", row["series_id"])
    columns = ("claimant_id", "lost_by_id", "equipment_id", "personnel_category", "outcome")
    return all(row.get(c) == series.get(c) for c in columns)


@table_rule("claims", "series_id", remedy="a total not below the one before, or series_revision with the reason")
def series_never_falls(book: Book) -> Collection[Any]:
    series: dict[str, list[tuple[dt.date, dt.date, Line]]] = {}
    for row in book.rows["claims"]:
        source = book.find("sources", _record_id(row["claim_id"]))
        # the day of the statement, else the days on which its first document can have appeared
        first = row.get("said_on") or source.get("published_earliest")
        last = row.get("said_on") or source.get("published_latest")
        if "series_id" in row and first and last:
            series.setdefault(row["series_id"], []).append((first, last, row))
    falling = set()
    for points in series.values():
        for first, _, row in points:
            # a revision starts the comparison anew
            since = max((f for f, _, r in points if "series_revision" in r and f <= first), default=dt.date.min)
            before = [r.get("count_low") for f, last, r in points if last < first and f >= since]
            # as intervals: the highest reading of this point lies below the lowest of an earlier one
            highest = max((low for low in before if low is not None), default=None)
            if "series_revision" not in row and not _ordered(highest, row.get("count_high")):
                falling.add(row["claim_id"])
    return falling


@rule("claims", "item_id", remedy="an object of the linked incident")
def item_belongs_to_incident(row: Line, book: Book) -> bool:
    return "item_id" not in row or _record_id(row["item_id"]) == row.get("incident_id")


@rule("claims", "item_id", remedy="one object, figure 1 and equipment")
def item_claim_is_about_one_thing(row: Line, book: Book) -> bool:
    return "item_id" not in row or ("equipment_id" in row and _ordered(row.get("count_low"), 1))


@rule(
    "claims", "part_of", remedy="a whole of the same claimant, or of a body above or below it, and of the same stance"
)
def part_has_the_claimant_of_its_whole(row: Line, book: Book) -> bool:
    whole = book.find("claims", row.get("part_of"))
    own, other = row.get("claimant_id"), whole.get("claimant_id")
    # a whole may be known by the words of another report, which name the body more broadly
    related = own == other or own in book.above(other) or other in book.above(own)
    return "part_of" not in row or (related and row.get("stance") == whole.get("stance"))


@rule("claims", "part_of", remedy="a part that is not larger than its whole")
def part_not_larger_than_whole(row: Line, book: Book) -> bool:
    return _ordered(row.get("count_low"), book.find("claims", row.get("part_of")).get("count_high"))


def _in_cycles(rows: Sequence[Line], key: str, link: str) -> set[str]:
    parent = {row[key]: row[link] for row in rows if link in row and key in row}
    clear: set[str] = set()
    caught: set[str] = set()
    for start in parent:
        seen: list[str] = []
        node = start
        while node in parent and node not in clear and node not in seen:
            seen.append(node)
            node = parent[node]
        if node in seen:
            caught.update(seen[seen.index(node) :])
        else:
            clear.update(seen)
    return caught


@table_rule("claims", "part_of", remedy="a whole that is not a part of its own part")
def parts_form_no_cycle(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["claims"], "claim_id", "part_of")


@table_rule("claims", "responds_to", remedy="an earlier claim")
def responses_form_no_cycle(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["claims"], "claim_id", "responds_to")


@table_rule("sources", "republication_of", remedy="an original that is not a copy of its own copy")
def copies_form_no_cycle(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["sources"], "source_id", "republication_of")


@table_rule("actors", "parent_id", remedy="a parent outside the actor's own branch")
def actors_form_a_tree(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["actors"], "actor_id", "parent_id")


@table_rule("places", "parent_id", remedy="a parent outside the place's own branch")
def places_form_a_tree(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["places"], "place_id", "parent_id")


@table_rule("equipment", "parent_id", remedy="a parent outside the item's own branch")
def equipment_forms_a_tree(book: Book) -> Collection[Any]:
    return _in_cycles(book.rows["equipment"], "equipment_id", "parent_id")


# -- incidents, objects, evidence ------------------------------------------------------------------------


@rule("incidents", "place_precision", remedy="place_id and place_precision, both or neither")
def incident_place_has_a_precision(row: Line, book: Book) -> bool:
    return _together(row, "place_id", "place_precision")


@rule("incidents", "override_reason", remedy="status_override and override_reason, both or neither")
def override_has_a_reason(row: Line, book: Book) -> bool:
    return _together(row, "status_override", "override_reason")


@rule("incidents", "distinct_basis", remedy="distinct_from and distinct_basis, both or neither")
def distinction_has_a_basis(row: Line, book: Book) -> bool:
    return _together(row, "distinct_from", "distinct_basis")


@rule("incidents", "distinct_from", remedy="ids of other incidents")
def distinct_incidents_exist(row: Line, book: Book) -> bool:
    ids = row.get("distinct_from", "").split()
    return row["incident_id"] not in ids and all(book.find("incidents", i) for i in ids)


@table_rule("incidents", "incident_id", remedy="distinct_from with a distinct_basis, or one incident for both")
def alike_incidents_say_why_distinct(book: Book) -> Collection[Any]:
    said = {
        frozenset((row["incident_id"], other))
        for row in book.rows["incidents"]
        for other in row.get("distinct_from", "").split()
    }
    groups: dict[tuple[Any, ...], set[str]] = {}
    for claim in book.rows["claims"]:
        incident = book.find("incidents", claim.get("incident_id"))
        if "place_id" in incident and "date_start" in incident:
            kind = claim.get("equipment_class") or claim.get("personnel_category")
            days = incident["date_start"], incident["date_end"]
            mark = (claim.get("lost_by_bloc"), kind, incident["place_id"], *days)
            groups.setdefault(mark, set()).add(incident["incident_id"])
    alike = set()
    for group in groups.values():
        ids = sorted(group)
        alike |= {b for i, a in enumerate(ids) for b in ids[i + 1 :] if frozenset((a, b)) not in said}
    return alike


@rule("claims", "incident_id", remedy="an incident whose dates touch the claim's window")
def incident_touches_claim(row: Line, book: Book) -> bool:
    return _ordered(book.find("incidents", row.get("incident_id")).get("date_start"), row.get("date_end"))


@table_rule("items", "item_id", remedy="a claim or an evidence row with this item_id, saying what it was")
def item_has_an_identification(book: Book) -> Collection[Any]:
    said = {row.get("item_id") for table in ("claims", "evidence") for row in book.rows[table]}
    return {row["item_id"] for row in book.rows["items"] if "item_id" in row} - said


@rule("evidence", "item_id", remedy="an object of the same incident")
def evidence_item_belongs_to_incident(row: Line, book: Book) -> bool:
    return "item_id" not in row or _record_id(row["item_id"]) == row.get("incident_id")


@table_rule(
    "evidence", "rank", remedy="at most one preferred identification of an object; the others normal or deprecated"
)
def one_preferred_identification(book: Book) -> Collection[Any]:
    seen: set[str] = set()
    again = set()
    for row in book.rows["evidence"]:
        if row.get("rank") == "preferred" and "item_id" in row:
            if row["item_id"] in seen:
                again.add(row["evidence_id"])
            seen.add(row["item_id"])
    return again


@rule("evidence", "shows", remedy="equipment_id where it shows the type, lost_by_id where it shows the owner")
def evidence_says_what_it_shows(row: Line, book: Book) -> bool:
    shows = row.get("shows", "")
    typed = "equipment_id" in row or "personnel_category" in row
    return (typed or shows not in ("type", "type_and_owner")) and (
        "lost_by_id" in row or shows not in ("owner", "type_and_owner")
    )


# -- reference -----------------------------------------------------------------------------------------


@rule("places", "latitude", remedy="latitude, longitude, uncertainty_km and coordinate_source, all or none")
def coordinates_are_whole_and_cited(row: Line, book: Book) -> bool:
    return _together(row, "latitude", "longitude", "uncertainty_km", "coordinate_source")


@rule("equipment", "parent_id", remedy="a parent for every row but the classes")
def equipment_hangs_in_the_tree(row: Line, book: Book) -> bool:
    return (row.get("level") in ("class", "unknown")) == ("parent_id" not in row)


@rule("equipment", "origin", remedy="a reference for every origin")
def origin_has_a_reference(row: Line, book: Book) -> bool:
    return "origin" not in row or "reference" in row


@rule("equipment", "equipment_id", remedy="a row of terms.csv in the vocabulary equipment_class for every class")
def class_has_a_term(row: Line, book: Book) -> bool:
    return "parent_id" in row or row.get("equipment_id") in book.words.get("equipment_class", ())


@rule("outlets", "country_url", remedy="the country that the address states, or no address")
def country_address_has_a_country(row: Line, book: Book) -> bool:
    return "country_url" not in row or "country" in row


@rule("outlets", "affiliation", remedy="affiliation, affiliation_by and affiliation_url, all or none")
def affiliation_is_whole_and_cited(row: Line, book: Book) -> bool:
    return _together(row, "affiliation", "affiliation_by", "affiliation_url")


@rule("outlets", "aligned_bloc", remedy="a cited affiliation for every aligned bloc")
def alignment_is_cited(row: Line, book: Book) -> bool:
    return "aligned_bloc" not in row or "affiliation" in row


@rule("terms", "broader", remedy="a term of the same vocabulary")
def broader_term_is_of_the_vocabulary(row: Line, book: Book) -> bool:
    return "broader" not in row or row["broader"] in book.words[row["vocabulary"]] - {row["term"]}


@rule("terms", "outcome_group", remedy="an outcome_group for every outcome, and for nothing else")
def outcome_has_a_group(row: Line, book: Book) -> bool:
    return str(row.get("vocabulary")).endswith("_outcome") == ("outcome_group" in row)


def _stands_in(key: Any, book: Book) -> set[str]:
    """Tables in which an id stands, that of the withdrawn ids left out."""
    return {t for t in book.keys if t != "withdrawn" and book.rows.get(t) and book.find(t, key)}


@rule(
    "withdrawn", "id", remedy="an id that no table has any more, or that of a statement that now restates replaced_by"
)
def withdrawn_id_is_gone(row: Line, book: Book) -> bool:
    stands = _stands_in(row.get("id"), book)
    # a statement found to be another's keeps its row among the mentions and loses its claim
    told = book.find("mentions", row.get("id"))
    joined = stands == {"mentions"} and "restates" in told and "replaced_by" in row
    return not stands or joined


@rule("withdrawn", "replaced_by", remedy="an id that stands in a table")
def replacement_stands(row: Line, book: Book) -> bool:
    return "replaced_by" not in row or bool(_stands_in(row["replaced_by"], book))
