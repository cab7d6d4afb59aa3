"""Names of the tables, generated from schemas/tables by build.py."""

from typing import Literal, TypeAlias

TableName: TypeAlias = Literal[
    "actors",
    "aliases",
    "blocs",
    "casualty_claims",
    "claims",
    "collections",
    "date_rules",
    "equipment",
    "equipment_claims",
    "evidence",
    "incidents",
    "items",
    "ledger",
    "ledger_lines",
    "ledger_monthly",
    "mentions",
    "outlets",
    "places",
    "quantity_rules",
    "reliability",
    "scorecard",
    "series",
    "sources",
    "terms",
    "withdrawn",
]
