"""From coded reports to mentions: words to intervals, statements to claims.

Decides what each figure and time phrase comes to and which mentions report one statement. Refuses phrases
that no rule reads, restatements that disagree with what they restate, and links to ids that are not there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from lossclaims.dates import WEEKDAY, DateReader
from lossclaims.problems import Problems
from lossclaims.quantities import QuantityReader, UnreadablePhrase, fold
from lossclaims.records import Records
from lossclaims.rows import Row
from lossclaims.schema import Schema, Value, natural_key
from lossclaims.vocabulary import Vocabulary

# what a restating mention must have in common with the statement that it restates; of the columns with a table, a
# row of the same branch will do: one outlet has "the GNA", "people" or "drones" where another has "GNA forces",
# "migrants" or "combat drones"
SAME_STATEMENT = {
    "claimant_id": "actors",
    "stance": "",
    "personnel_category": "terms",
    "outcome": "",
    "equipment_id": "equipment",
}
Days = tuple[dt.date | None, dt.date | None]


@dataclass(frozen=True)
class Mentions:
    """Rows ready for tables.

    Parameters
    ----------
    rows : dict
        Mention id to the columns of ``mentions`` that do not depend on other mentions, and ``claim_id``.
    facts : dict
        Claim id to the coded columns of ``claims``: the first coded mention's, else the next one's that has it.
    origins : dict
        Mention id to its hand-written row.
    """

    rows: dict[str, dict[str, Value]] = field(default_factory=dict)
    facts: dict[str, dict[str, Value]] = field(default_factory=dict)
    origins: dict[str, Row] = field(default_factory=dict)


def plain_rows(vocabulary: Vocabulary, table: str, schema: Schema) -> list[dict[str, str]]:
    """Rows of a reference list as dictionaries of text, for the readers of phrases."""
    return [{column: row.text(column) for column in schema[table].columns} for row in vocabulary.rows.get(table, ())]


def read_mentions(records: Records, schema: Schema, vocabulary: Vocabulary, problems: Problems) -> Mentions:
    """Interpret every mention of the records.

    Parameters
    ----------
    records, schema, vocabulary
    problems : Problems
        Faults are added here.

    Returns
    -------
    Mentions
    """
    aliases = plain_rows(vocabulary, "aliases", schema)
    quantities = QuantityReader(plain_rows(vocabulary, "quantity_rules", schema), aliases)
    dates = DateReader(plain_rows(vocabulary, "date_rules", schema), aliases)
    sources = {row.text("source_id"): row for _, row in records.rows("report")}
    origins = {row.text("mention_id"): row for _, row in records.rows("report", "mentions") if row.text("mention_id")}
    roots = _roots(origins, "restates", problems)
    parents = {
        "equipment": vocabulary.column("equipment", "equipment_id", "parent_id"),
        "actors": vocabulary.column("actors", "actor_id", "parent_id"),
        "terms": {
            r.text("term"): r.text("broader")
            for r in vocabulary.rows["terms"]
            if r.text("vocabulary") == "personnel_category" and r.text("broader")
        },
    }
    begins = {r.collection: r.top.values.get("date_start") for r in records.of("collection")}
    mentions = Mentions(origins=origins)
    coded = [f.name for f in schema["claims"].coded]
    own = [f.name for f in schema["mentions"].coded]
    days = {row.text("mention_id"): reference_days(r.top, sources) for r, row in records.rows("report", "mentions")}
    statements: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for mention_id, (earliest, latest) in days.items():
        if mention_id and earliest and latest:
            statements.setdefault(roots[mention_id], []).append((earliest, latest))
    for record, row in records.rows("report", "mentions"):
        mention_id = row.text("mention_id")
        if not mention_id:
            continue
        source = record.top
        values: dict[str, Value] = {c: row.values[c] for c in own if c in row.values}
        values["source_id"] = source.text("source_id")
        values["claim_id"] = roots[mention_id]
        _count(row, source, quantities, values, problems)
        told = days[mention_id]
        if row.text("said_text"):
            # one statement has one day: a document without one is dated by the first other that carries it
            first = min(statements.get(roots[mention_id], [(None, None)]), key=lambda d: d[1] or dt.date.max)
            _said(row, source, told, first, dates, values, problems)
        begin = begins.get(record.collection)
        _dates(row, source, told, begin if isinstance(begin, dt.date) else None, dates, values, problems)
        _doubts(row, source, told, dates, problems)
        mentions.rows[mention_id] = values
    for mention_id in sorted(origins, key=natural_key):
        row, claim_id = origins[mention_id], roots[mention_id]
        if claim_id != mention_id:
            _agrees(row, origins[claim_id], claim_id, parents, problems)
        else:
            mentions.facts.setdefault(claim_id, {})
        facts = mentions.facts.setdefault(claim_id, {})
        for column in coded:
            # a note is on its own mention and on no other
            if column in row.values and (mention_id == claim_id or column != "note"):
                facts.setdefault(column, row.values[column])
    for claim_id, facts in mentions.facts.items():
        for link in ("part_of", "responds_to"):
            if link in facts:
                target = roots.get(str(facts[link]))
                if target is None:
                    row = origins[claim_id]
                    problems.add(row.place(link), link, facts[link], "reference_exists", "the id of a coded mention")
                else:
                    facts[link] = target
    return mentions


def _roots(origins: Mapping[str, Row], link: str, problems: Problems) -> dict[str, str]:
    """First coded mention of each mention's claim; a cycle or an unknown id is a fault."""
    roots: dict[str, str] = {}
    for mention_id in origins:
        chain = [mention_id]
        while target := origins[chain[-1]].text(link):
            row = origins[chain[-1]]
            if target not in origins:
                problems.add(row.place(link), link, target, "reference_exists", "the id of a coded mention")
                break
            if target in chain:
                problems.add(row.place(link), link, target, "chain_has_an_end", "an earlier coded mention")
                break
            chain.append(target)
        roots[mention_id] = chain[-1]
    return roots


def _agrees(row: Row, first: Row, claim_id: str, parents: Mapping[str, Mapping[str, str]], problems: Problems) -> None:
    for column, table in SAME_STATEMENT.items():
        own, other = row.text(column), first.text(column)
        above = parents.get(table, {})
        if own != other and not (own in _branch(other, above) or other in _branch(own, above)):
            problems.add(
                row.place(column), column, row.text(column), "restated_claim_agrees",
                f"{first.text(column) or 'no such key'}, as in {claim_id}; or no restates, if it is another statement",
            )  # fmt: skip


def _branch(node: str, parents: Mapping[str, str]) -> list[str]:
    """A row of a tree and what lies above it."""
    found = [node]
    while (above := parents.get(found[-1], "")) and above not in found:
        found.append(above)
    return found


def _count(row: Row, source: Row, reader: QuantityReader, values: dict[str, Value], problems: Problems) -> None:
    text, reading = row.text("count_text"), row.text("count_reading")
    asserted = row.text("stance") == "asserts"
    rule, translated = row.text("count_rule"), row.text("translated_from")
    key = "count_reading" if reading else "count_text"
    if not text and not rule:
        problems.add(
            row.place(), "count_text", "", "figure_has_words_or_a_rule",
            "count_text, or a count_rule of grammar where the text has no figure word",
        )  # fmt: skip
        return
    try:
        found = reader.read(
            reading or text, "en" if reading else source.text("language"),
            asserted=asserted, translated_from=translated, rule=rule,
        )  # fmt: skip
    except UnreadablePhrase as error:
        problems.add(row.place(key), key, reading or text, "figure_can_be_read", _nearest(error, "quantity_rule", key))
        return
    except ValueError as error:
        problems.add(row.place("count_rule"), "count_rule", rule, "count_rule_fits", str(error))
        return
    if reading:
        _reading_agrees(row, "count", lambda: reader.read(
            text, source.text("language"), asserted=asserted, translated_from=translated, rule=rule
        ), found, problems)  # fmt: skip
    values["count_rule"] = found.rule
    for column, value in (("count_point", found.point), ("count_low", found.low), ("count_high", found.high)):
        if value is not None:
            values[column] = value


def _reading_agrees(row: Row, what: str, read: object, found: object, problems: Problems) -> None:
    """Where a rule reads the words themselves, the coder's rendering must not say otherwise."""
    assert callable(read)
    try:
        own = read()
    except ValueError:
        return
    if own != found:
        key = f"{what}_reading"
        problems.add(row.place(key), key, row.text(key), "reading_agrees_with_words", f"{own}; leave {key} out")


def _nearest(error: UnreadablePhrase, kind: str, key: str) -> str:
    near = "; ".join(error.nearest)
    reading = key.replace("_text", "_reading")
    return (
        (f"nearest: {near}; " if near else "")
        + f"a new phrase is a row of datasets/vocabulary/aliases.csv (kind {kind}, language {error.language})"
        + (f", or give {reading} in English" if key != reading else "")
    )


def _said(
    row: Row, source: Row, told: Days, other: Days, reader: DateReader, values: dict[str, Value], problems: Problems
) -> None:
    words = row.text("said_text")
    known, source_dated = (told, True) if told[1] else (other, False)
    if "said_on" in values:
        problems.add(
            row.place("said_text"), "said_text", words, "day_of_statement_is_given_once", "said_text or said_on"
        )
        return
    try:
        found = reader.read(words, source.text("language"), *known)
    except UnreadablePhrase as error:
        remedy = _nearest(error, "date_rule", "said_text")
        problems.add(row.place("said_text"), "said_text", words, "time_can_be_read", remedy)
        return
    # "yesterday" in a document without a day counts from a day that nobody knows; a weekday names the statement's
    dated = source_dated or found.rule == WEEKDAY
    if dated and found.start is not None and found.start == found.end:
        values["said_on"] = found.start


def _doubts(row: Row, source: Row, told: Days, reader: DateReader, problems: Problems) -> None:
    """What stops nothing, and a second look should settle."""
    outlet = source.text("outlet_id")
    if row.text("attribution") == "named" and row.text("claimant_id") == outlet:
        problems.add(
            row.place("claimant_id"), "claimant_id", outlet, "named_claimant_is_not_the_outlet_itself",
            "the speaker, if there is one; else attribution: narrator", warning=True,
        )  # fmt: skip
    words, language = row.text("when_text"), source.text("language")
    if (
        words
        and not row.text("when_reading")
        and not row.text("note")
        and any(d in fold(words) for d in reader.names("weekday", language))
    ):
        # on a document of an uncertain day, what is wrong on one of the days only is no fault
        doubts = [reader.weekday_disagrees(words, language, day, day) for day in dict.fromkeys(told)]
        if all(doubts):
            problems.add(
                row.place("when_text"), "when_text", words, "weekday_agrees_with_date",
                f"{doubts[0]}; the weekday was taken: a note that says so settles it", warning=True,
            )  # fmt: skip


def reference_days(source: Row, sources: Mapping[str, Row]) -> Days:
    """Days of publication by which a source's words are dated: the original's, for a copy."""
    seen: set[str] = set()
    while (original := source.text("republication_of")) in sources and original not in seen:
        seen.add(original)
        source = sources[original]
    earliest, latest = source.values.get("published_earliest"), source.values.get("published_latest")
    return (
        earliest if isinstance(earliest, dt.date) else None,
        latest if isinstance(latest, dt.date) else None,
    )


def _first_possible(words: str, language: str, told: Days, begin: dt.date | None, reader: DateReader) -> dt.date | None:
    """First day of reference on which the words do not speak of what lies before the war."""
    earliest, latest = told
    if begin is None or earliest is None or latest is None:
        return earliest
    day = earliest
    while day < latest:
        end = reader.read(words, language, day, day).end
        if end is None or end >= begin:
            break
        day += dt.timedelta(days=1)
    return day


def _dates(
    row: Row,
    source: Row,
    told: Days,
    begin: dt.date | None,
    reader: DateReader,
    values: dict[str, Value],
    problems: Problems,
) -> None:
    text, reading = row.text("when_text"), row.text("when_reading")
    key = "when_reading" if reading else "when_text"
    said = values.get("said_on")
    earliest, latest = (said, said) if isinstance(said, dt.date) else told
    language = "en" if reading else source.text("language")
    try:
        earliest = _first_possible(reading or text, language, (earliest, latest), begin, reader)
        found = reader.read(reading or text, language, earliest, latest)
    except UnreadablePhrase as error:
        problems.add(row.place(key), key, reading or text, "time_can_be_read", _nearest(error, "date_rule", key))
        return
    if reading:
        _reading_agrees(
            row, "when", lambda: reader.read(text, source.text("language"), earliest, latest), found, problems
        )
    for column, value in (("date_start", found.start), ("date_end", found.end)):
        if value is not None:
            values[column] = value
