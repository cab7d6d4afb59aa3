"""Doubts about coded records that stop nothing: what a second look should settle."""

from __future__ import annotations

from lossclaims.dates import DateReader
from lossclaims.mentions import plain_rows, reference_days
from lossclaims.pipeline import Built
from lossclaims.problems import Problem, Problems


def hints(built: Built) -> list[Problem]:
    """Warnings of a build.

    Parameters
    ----------
    built : Built

    Returns
    -------
    list of Problem
        A weekday and a date that disagree; an outlet coded as named claimant of its own report.
    """
    problems = Problems()
    vocabulary, records = built.vocabulary, built.records
    reader = DateReader(
        plain_rows(vocabulary, "date_rules", built.schema), plain_rows(vocabulary, "aliases", built.schema)
    )
    sources = {row.text("source_id"): row for _, row in records.rows("report")}
    for record, row in records.rows("report", "mentions"):
        outlet = record.top.text("outlet_id")
        if row.text("attribution") == "named" and row.text("claimant_id") == outlet:
            problems.add(
                row.place("claimant_id"), "claimant_id", outlet, "named_claimant_is_not_the_outlet_itself",
                "the speaker, if there is one; else attribution: narrator", warning=True,
            )  # fmt: skip
        words = row.text("when_text")
        if words and not row.text("when_reading"):
            said = reference_days(record.top, sources)
            doubt = reader.weekday_disagrees(words, record.top.text("language"), *said)
            if doubt:
                problems.add(
                    row.place("when_text"), "when_text", words, "weekday_agrees_with_date",
                    f"{doubt}; the weekday was taken, say so in the note", warning=True,
                )  # fmt: skip
    return problems.found
