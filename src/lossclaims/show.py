"""Anything with an id as a person reads it: who said what, what was shown, and why the grade is what it is."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossclaims.data import day as as_day
from lossclaims.data import state

if TYPE_CHECKING:
    import pandas as pd

    Tables = dict[str, pd.DataFrame]

WIDTH = 100
MOST_IN_A_ROW = 36
# columns of a claim that are shown side by side, as (heading, column of the flat tables)
SIDE_BY_SIDE = (
    ("claim", "claim_id"), ("who", "claimant"), ("how", "attribution"), ("stance", "stance"), ("lost by", "lost_by"),
    ("what", "what"), ("outcome", "outcome"), ("figure", "figure"), ("window", "window"), ("verdict", "verdict"),
)  # fmt: skip


@dataclass(frozen=True)
class Incident:
    """One incident with everything on it.

    Parameters
    ----------
    id : str
    incident : Series
        Its row of the table ``incidents``.
    items, evidence : DataFrame
        Its rows of the tables of that name.
    claims : DataFrame
        Claims about it, rival ones side by side: one row per claim with the columns that the two flat tables
        share, and ``what`` for the equipment or the category of people.
    """

    id: str
    incident: pd.Series[Any]
    items: pd.DataFrame
    claims: pd.DataFrame
    evidence: pd.DataFrame

    def __str__(self) -> str:
        return render(_incident_facts(self))


def incident(incident_id: str, *, as_of: str | None = None) -> Incident:
    """One incident with its claims, objects and evidence.

    Parameters
    ----------
    incident_id : str
        For example ``LYI0001``.
    as_of : str, optional
        Only what was published by that day.

    Returns
    -------
    Incident

    Raises
    ------
    ValueError
        If there is no such incident.
    """
    tables = _tables(as_of)
    rows = tables["incidents"]
    row = rows[rows["incident_id"] == incident_id]
    if row.empty:
        raise ValueError(f"no incident {incident_id!r}; there are {len(rows)}, see load('incidents')")

    def own(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["incident_id"] == incident_id).fillna(False)].reset_index(drop=True)

    return Incident(incident_id, row.iloc[0], own(tables["items"]), own(_claims(tables)), own(tables["evidence"]))


def _tables(as_of: str | None) -> Tables:
    return state(None if as_of is None else as_day(as_of))


def _claims(tables: Tables) -> pd.DataFrame:
    """Flat claims of both kinds together."""
    import pandas as pd

    parts = []
    for name, column in (("equipment_claims", "equipment"), ("casualty_claims", "personnel_category")):
        part = tables[name].copy()
        part["what"] = part[column].astype("string").str.replace("_", " ")
        parts.append(part.drop(columns=[column, "equipment_class", "subgroup"], errors="ignore").astype("object"))
    flat = pd.concat([p for p in parts if len(p)] or parts).set_index("claim_id")
    return flat.reindex(tables["claims"]["claim_id"]).reset_index()


def facts(asked: str, *, as_of: str | None = None) -> dict[str, Any]:
    """What there is on an id or a name.

    Parameters
    ----------
    asked : str
        Id of a report, claim, mention, incident, object, series, actor, place or piece of equipment; or a name or
        alias of one of the last three, whatever its case.
    as_of : str, optional
        Only what was published by that day.

    Returns
    -------
    dict
        ``title``, ``rows`` (name and value), ``sections`` (title and a list of rows each), ready for JSON.

    Raises
    ------
    ValueError
        If there is nothing of that id or name; near names are said.
    """
    tables = _tables(as_of)
    claims = _claims(tables)
    for table, key in (
        ("incidents", "incident_id"),
        ("sources", "source_id"),
        ("claims", "claim_id"),
        ("series", "series_id"),
    ):
        if asked in set(tables[table][key]):
            if table == "incidents":
                return _incident_facts(incident(asked, as_of=as_of))
            if table == "sources":
                return _source_facts(asked, tables, claims)
            if table == "claims":
                return _claim_facts(asked, tables, claims)
            points = tables["claims"][(tables["claims"]["series_id"] == asked).fillna(False)]["claim_id"]
            row = _row(tables["series"], "series_id", asked)
            return _page(f"{asked}: {row['label']}", row, [("Points", _side(claims, points))])
    for table, key in (("mentions", "mention_id"), ("items", "item_id")):
        if asked in set(tables[table][key]):
            row = _row(tables[table], key, asked)
            return facts(row["claim_id"] if table == "mentions" else row["incident_id"], as_of=as_of)
    for kind, table, key, columns in (
        ("actor", "actors", "actor_id", ("claimant_id", "lost_by_id")),
        ("equipment", "equipment", "equipment_id", ("equipment_id",)),
        ("place", "places", "place_id", ("place_id",)),
    ):
        found = _named(asked, kind, tables[table], key, tables["aliases"])
        if found:
            row = _row(tables[table], key, found)
            below = _below(found, tables[table], key)
            sections = []
            for column in columns:
                about = tables["claims"][tables["claims"][column].isin(below)]["claim_id"]
                heading = {"claimant_id": "Claims by it", "lost_by_id": "Losses claimed of it"}.get(column, "Claims")
                sections.append((heading, _side(claims, about)))
            return _page(f"{found}: {row['name']}", row, sections)
    raise ValueError(f"nothing has the id or name {asked!r}{_near(asked, tables)}")


def _row(frame: pd.DataFrame, key: str, value: str) -> dict[str, str]:
    row = frame[frame[key] == value].iloc[0]
    return {column: _text(row[column]) for column in frame.columns if _text(row[column])}


def _text(value: Any) -> str:
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _named(asked: str, kind: str, frame: pd.DataFrame, key: str, aliases: pd.DataFrame) -> str:
    folded = " ".join(asked.casefold().split())
    if folded in set(frame[key]):
        return folded
    hits = frame.loc[frame["name"].str.casefold() == folded, key]
    if hits.empty:
        own = aliases[aliases["kind"].astype("string") == kind]
        hits = own.loc[own["alias"].str.casefold() == folded, "id"]
    return "" if hits.empty else str(hits.iloc[0])


def _near(asked: str, tables: Tables) -> str:
    import difflib

    names = [str(n) for t in ("actors", "equipment", "places") for n in tables[t]["name"]]
    ids = [str(i) for t, k in (("incidents", "incident_id"), ("sources", "source_id")) for i in tables[t][k]]
    near = difflib.get_close_matches(asked, names + ids, n=3)
    return f"; near: {', '.join(near)}" if near else ""


def _below(top: str, frame: pd.DataFrame, key: str) -> set[str]:
    """An id with everything that hangs below it."""
    found = {top}
    while True:
        more = set(frame.loc[frame["parent_id"].isin(found), key]) - found
        if not more:
            return found
        found |= more


def _page(title: str, rows: dict[str, str], sections: list[tuple[str, list[dict[str, str]]]]) -> dict[str, Any]:
    return {"title": title, "rows": rows, "sections": [{"title": t, "rows": r} for t, r in sections]}


def _side(claims: pd.DataFrame, ids: pd.Series[str]) -> list[dict[str, str]]:
    """Claims as rows of a table for people, with the link last."""
    rows = []
    for _, claim in claims[claims["claim_id"].isin(set(ids))].iterrows():
        low, high = _text(claim["count_low"]), _text(claim["count_high"])
        made = {
            "what": _text(claim["what"]),
            "figure": low if low == high else f"{low} to {high or 'open'}",
            "window": _window(_text(claim["date_start"]), _text(claim["date_end"])),
        }
        row = {heading: made.get(column, "") or _text(claim.get(column)) for heading, column in SIDE_BY_SIDE}
        row["who"] = row["who"] or "(unnamed)"
        rows.append(row | {"link": _text(claim["url"])})
    return rows


def _window(start: str, end: str) -> str:
    return start if start and start == end else f"{start or 'open'} to {end or 'open'}"


def _incident_facts(found: Incident) -> dict[str, Any]:
    row = {str(c): _text(v) for c, v in found.incident.items() if _text(v)}
    items = [{str(c): _text(v) for c, v in r.items() if c != "incident_id"} for _, r in found.items.iterrows()]
    evidence = [
        {str(c): _text(v) for c, v in r.items() if c != "incident_id" and _text(v)}
        for _, r in found.evidence.iterrows()
    ]
    sections = [("Claims", _side(found.claims, found.claims["claim_id"])), ("Objects", items), ("Evidence", evidence)]
    return _page(f"{found.id}: {row['label']}", row, sections)


def _source_facts(asked: str, tables: Tables, claims: pd.DataFrame) -> dict[str, Any]:
    row = _row(tables["sources"], "source_id", asked)
    ids = tables["mentions"].loc[tables["mentions"]["source_id"] == asked, "claim_id"]
    return _page(f"{asked}: {row.get('title', '(no title)')}", row, [("Claims that it carries", _side(claims, ids))])


def _claim_facts(asked: str, tables: Tables, claims: pd.DataFrame) -> dict[str, Any]:
    row = _row(tables["claims"], "claim_id", asked)
    mentions = []
    own = tables["mentions"][tables["mentions"]["claim_id"] == asked]
    for _, mention in own.merge(tables["sources"], on="source_id").iterrows():
        words = " ".join(
            filter(None, (_text(mention[c]) for c in ("count_text", "item_text", "when_text", "place_text")))
        )
        mentions.append(
            {
                "mention": _text(mention["mention_id"]),
                "outlet": _text(mention["outlet_id"]),
                "published": _text(mention["published_latest"]),
                "words": words,
                "link": _text(mention["url"]),
            }
        )
    every = tables["claims"]
    sections: list[tuple[str, list[dict[str, str]]]] = [("Where it stands", mentions)]
    whole = every[every["claim_id"] == row.get("part_of", "")]["claim_id"]
    parts = every[(every["part_of"] == asked).fillna(False)]["claim_id"]
    answers = every[(every["responds_to"] == asked).fillna(False)]["claim_id"]
    rivals = every[(every["incident_id"] == row.get("incident_id", "")).fillna(False) & (every["claim_id"] != asked)]
    for heading, ids in (
        ("Whole of which it is a part", whole), ("Parts", parts), ("Answers to it", answers),
        ("Other claims about the same incident", rivals["claim_id"]),
    ):  # fmt: skip
        if len(ids):
            sections.append((heading, _side(claims, ids)))
    return _page(f"Claim {asked}", row, sections)


def render(page: dict[str, Any]) -> str:
    """Text of a page for a terminal.

    Parameters
    ----------
    page : dict
        From ``facts``.

    Returns
    -------
    str
    """
    lines = [page["title"], "=" * len(page["title"])]
    width = max((len(name) for name in page["rows"]), default=0)
    for name, value in page["rows"].items():
        lines += textwrap.wrap(
            value, WIDTH, initial_indent=f"{name:<{width}}  ", subsequent_indent=" " * (width + 2),
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
    for section in page["sections"]:
        lines += ["", section["title"], "-" * len(section["title"])]
        lines += _table(section["rows"]) if section["rows"] else ["none"]
    return "\n".join(lines)


def _table(rows: list[dict[str, str]]) -> list[str]:
    """Rows under headings; long texts and links on lines of their own below their row."""
    headings = list(dict.fromkeys(name for row in rows for name in row))
    long = {h for h in headings if h == "link" or max(len(row.get(h, "")) for row in rows) > MOST_IN_A_ROW}
    short = [h for h in headings if h not in long and any(row.get(h) for row in rows)]
    widths = {h: max(len(h), *(len(row.get(h, "")) for row in rows)) for h in short}
    lines = ["  ".join(f"{h:<{widths[h]}}" for h in short).rstrip()]
    for row in rows:
        lines.append("  ".join(f"{row.get(h, ''):<{widths[h]}}" for h in short).rstrip())
        lines += [f"    {h}: {row[h]}" for h in headings if h in long and row.get(h)]
    return lines
