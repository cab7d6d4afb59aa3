"""The codebook: every table, column and controlled word, generated from the schemas."""

from __future__ import annotations

import pandas as pd

from lossclaims.schema import Field, Schema, Table

# order in which a reader meets the tables; what is not named here follows by name
GROUPS = (
    ("To read", ("equipment_claims", "casualty_claims", "ledger", "ledger_monthly", "ledger_lines", "scorecard")),
    ("To trace", ("claims", "mentions", "sources", "incidents", "items", "evidence", "withdrawn", "reliability")),
)


def codebook(schema: Schema, terms: pd.DataFrame) -> str:
    """Markdown text of the codebook.

    Parameters
    ----------
    schema : Schema
    terms : DataFrame
        The table ``terms``.

    Returns
    -------
    str
    """
    grouped = {name for _, names in GROUPS for name in names}
    rest = tuple(sorted(set(schema.tables) - grouped))
    parts = [
        "# Codebook",
        "Generated from `schemas/tables/` and `datasets/vocabulary/terms.csv`; do not edit. "
        "Empty means not stated, never zero, and each column says so for itself.",
    ]
    for title, names in (*GROUPS, ("Reference", rest)):
        links = ", ".join(f"[{n}](#{n})" for n in names if n in schema.tables)
        parts.append(f"- {title}: {links}")
    for title, names in (*GROUPS, ("Reference", rest)):
        parts.append(f"## {title}")
        parts += [_table(schema[name]) for name in names if name in schema.tables]
    parts.append("## Controlled words")
    for vocabulary, rows in terms.groupby("vocabulary", sort=True):
        lines = [f"### Vocabulary {vocabulary}", "| word | definition | outcome group | broader |", "|---|---|---|---|"]
        cells = rows[["term", "definition", "outcome_group", "broader"]].astype("string").fillna("")
        for term, definition, group, broader in cells.itertuples(index=False, name=None):
            lines.append(f"| `{term}` | {_escape(definition)} | {group} | {broader} |")
        parts.append(lines[0] + "\n\n" + "\n".join(lines[1:]))
    return "\n\n".join(parts).replace("\n\n- ", "\n- ").replace("itself.\n- ", "itself.\n\n- ") + "\n"


def _table(table: Table) -> str:
    lines = [
        f"### {table.name}",
        "",
        table.description,
        "",
        f"Key: {', '.join(f'`{k}`' for k in table.primary_key)}.",
        "",
        "| column | type | meaning | example |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{f.name}` | {_type(f)} | {_escape(f.description)} | {_escape(f.example)} |" for f in table.fields]
    return "\n".join(lines)


def _type(f: Field) -> str:
    kind = f.type
    if f.terms:
        kind += ", word of " + " or ".join(f.terms)
    if f.references:
        kind += f", points to `{f.references}`"
    if f.unit:
        kind += f", {f.unit}"
    return kind


def _escape(text: str) -> str:
    return text.replace("|", "\\|")
