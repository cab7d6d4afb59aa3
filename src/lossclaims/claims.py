"""From mentions to claims: one row per assertion, whatever the number of sources.

Everything here works on the published columns alone, so that ``load(..., as_of=...)`` can do it again
for the mentions that were published by a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# columns of a claim that depend on which of its mentions count
COMPUTED = (
    "said_on", "count_text", "count_low", "count_high", "count_point", "count_rule", "date_start", "date_end",
    "date_precision", "n_mentions", "n_sources", "n_origins", "first_published",
)  # fmt: skip
# the two words of the vocabulary `bloc` that are no side of a war
NO_SIDE = ("none", "mixed")


def assemble(facts: pd.DataFrame, mentions: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Fill in the computed columns of claims from their mentions.

    Parameters
    ----------
    facts : DataFrame
        Claims with their other columns.
    mentions, sources : DataFrame
        The published tables of that name; mentions in the order of their ids.

    Returns
    -------
    DataFrame
        `facts` less the claims without a mention that counts, with the columns ``COMPUTED``. Counts are the
        hull of the mentions'; the window is that of the first mention that gives the day of the statement, else
        the hull of those that have words for the time, else of all that are dated at all.
    """
    import pandas as pd

    joined = mentions.merge(
        sources[["source_id", "published_latest", "outlet_id", "republication_of"]], on="source_id", how="left"
    )
    joined = joined.assign(root=root_sources(joined["source_id"], sources))
    told: dict[str, list[Mapping[str, Any]]] = {}
    columns = joined[["claim_id", *_COMBINED]].astype("object")
    for claim_id, *values in columns.where(columns.notna(), None).itertuples(index=False, name=None):
        told.setdefault(claim_id, []).append(dict(zip(_COMBINED, values, strict=True)))
    made = pd.DataFrame(
        [{"claim_id": claim_id, **combine(listed)} for claim_id, listed in told.items()],
        columns=pd.Index(["claim_id", *COMPUTED]),
    ).astype({"claim_id": "string", "count_text": "string", "count_rule": "string"})
    for column in ("said_on", "date_start", "date_end", "first_published"):
        made[column] = pd.to_datetime(made[column]).astype("datetime64[s]")
    made["date_precision"] = date_precision(made["date_start"], made["date_end"])
    families = joined.assign(family=families_of(joined)).groupby("claim_id", observed=True)["family"].nunique()
    claims = facts[[c for c in facts.columns if c not in COMPUTED]].merge(made, on="claim_id", how="inner")
    unnamed = claims["attribution"] == "unnamed"
    claims["n_origins"] = claims["claim_id"].map(families).where(unnamed, 1)
    for column in ("count_low", "count_high", "count_point", "date_precision", "n_mentions", "n_sources", "n_origins"):
        claims[column] = claims[column].astype("Int64")
    return claims


_COMBINED = (
    "source_id", "said_on", "count_text", "count_low", "count_high", "count_point", "count_rule", "when_text",
    "date_start", "date_end", "published_latest",
)  # fmt: skip


def combine(told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the mentions of one claim come to.

    Parameters
    ----------
    told : sequence of mappings
        Mentions in the order of their ids, with ``published_latest`` of their sources; what is missing is absent or
        None.

    Returns
    -------
    dict
        Values of ``COMPUTED`` but ``date_precision`` and ``n_origins``; None where missing.
    """

    def values(column: str, rows: Sequence[Mapping[str, Any]] = told) -> list[Any]:
        return [row.get(column) for row in rows]

    def bound(best: Callable[[list[Any]], Any], column: str, rows: Sequence[Mapping[str, Any]]) -> Any:
        # one open mention opens the hull
        found = values(column, rows)
        return None if not found or None in found else best(found)

    first = told[0]
    made = {c: first.get(c) for c in ("count_text", "count_rule", "count_point")}
    figures = ("count_rule", "count_point", "count_low", "count_high")
    if len({tuple(row.get(c) for c in figures) for row in told}) > 1:
        made |= {"count_rule": "hull", "count_point": None}
    made["count_low"] = min((v for v in values("count_low") if v is not None), default=None)
    made["count_high"] = bound(max, "count_high", told)
    dated = next((row for row in told if row.get("said_on") is not None), None)
    if dated is not None:
        window = [dated]
    else:
        # a mention of which nothing dates the words says nothing of the window
        spoken = [row for row in told if row.get("date_start") is not None or row.get("date_end") is not None]
        # nor does one without words for the time, where another of the same statement has them
        window = [row for row in spoken if row.get("when_text") is not None] or spoken
    made["said_on"] = dated.get("said_on") if dated is not None else None
    made["date_start"] = bound(min, "date_start", window)
    made["date_end"] = bound(max, "date_end", window)
    made["n_mentions"] = len(told)
    made["n_sources"] = len(set(values("source_id")))
    made["first_published"] = min((v for v in values("published_latest") if v is not None), default=None)
    return made


def claim_rows(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Claims as plain rows with what rules ask of them: computed columns, class and the loser's side.

    Parameters
    ----------
    rows : Mapping of str to sequence of mappings
        Coded claims and the other tables as plain rows, in which what is missing is absent; mentions in the order
        of their ids.

    Returns
    -------
    list of dict
        In the order of the coded claims, what is missing being absent; without side, voice and origins of the claim.
    """
    published = {row.get("source_id"): row.get("published_latest") for row in rows["sources"]}
    told: dict[str, list[Mapping[str, Any]]] = {}
    for mention in rows["mentions"]:
        dated = {**mention, "published_latest": published.get(mention.get("source_id"))}
        told.setdefault(mention["claim_id"], []).append(dated)
    parents = {r["equipment_id"]: r["parent_id"] for r in rows["equipment"] if "parent_id" in r}
    classes = roots_of((r["equipment_id"] for r in rows["equipment"]), parents)
    side = Sides(rows["blocs"], rows["actors"], rows["outlets"])
    found = []
    for claim in rows["claims"]:
        made = {
            **claim,
            **combine(told[claim["claim_id"]]),
            "equipment_class": classes.get(claim.get("equipment_id", "")),
            "lost_by_bloc": side.of(claim["collection_id"], claim.get("lost_by_id")),
        }
        found.append({c: v for c, v in made.items() if v is not None})
    return found


def lookup(values: pd.Series[str], column: pd.Series[Any]) -> pd.Series[Any]:
    """Values of a column by its index; unlike ``map``, it keeps the type where nothing matches.

    Parameters
    ----------
    values : Series of string
        Labels; missing ones and strange ones give missing.
    column : Series
        With a unique index.

    Returns
    -------
    Series
        On the index of `values`, words of a category as text.
    """
    if column.dtype == "category":
        column = column.astype("string")
    return column.reindex(values.astype("string")).set_axis(values.index)


def date_precision(start: pd.Series[pd.Timestamp], end: pd.Series[pd.Timestamp]) -> pd.Series[int]:
    """UCDP code of windows.

    Parameters
    ----------
    start, end : Series of datetime64
        First and last days; missing is open.

    Returns
    -------
    Series of Int64
        1 one day, 2 two to six days, 3 a week, 4 up to a month, 5 longer, missing where open. Source: UCDP
        GED codebook 22.1, appendix 2.
    """
    import pandas as pd

    days = (end - start).dt.days + 1
    code = pd.Series(5, index=days.index, dtype="Int64")
    for limit, value in ((31, 4), (7, 3), (6, 2), (1, 1)):
        code = code.mask((days <= limit).fillna(False), value)
    return code.mask(days.isna())


def root_sources(source_id: pd.Series[str], sources: pd.DataFrame) -> pd.Series[str]:
    """Original of each source, which is itself where it is no copy."""
    copies = sources.dropna(subset=["republication_of"])
    parent = dict(zip(copies["source_id"], copies["republication_of"], strict=True))
    return source_id.map(roots_of(source_id.unique(), parent)).astype("string")


def roots_of(nodes: Iterable[str], parent: Mapping[str, str]) -> dict[str, str]:
    """Top of the branch that each node hangs on, itself where it hangs on none."""
    roots = {}
    for start in nodes:
        seen = [start]
        while seen[-1] in parent and parent[seen[-1]] not in seen:
            seen.append(parent[seen[-1]])
        roots[start] = seen[-1]
    return roots


def families_of(joined: pd.DataFrame) -> pd.Series[str]:
    """First mention of each mention's family.

    Mentions of one claim are of one family when they stand in copies of one document, are relayed by the
    same body, or one is relayed by the outlet that published the other.

    Parameters
    ----------
    joined : DataFrame
        Mentions with ``root`` (their original source) and ``outlet_id``.

    Returns
    -------
    Series of string
    """
    import pandas as pd

    family: dict[str, str] = {}

    def find(node: str) -> str:
        while family[node] != node:
            family[node] = family[family[node]]
            node = family[node]
        return node

    marks: dict[tuple[str, str, str], str] = {}
    columns = joined[["mention_id", "claim_id", "root", "via_id", "outlet_id"]].astype("object")
    for mention, claim, root, via, outlet in columns.itertuples(index=False, name=None):
        family[mention] = mention
        ways = [("text", root), ("voice", via if pd.notna(via) else outlet)]
        for way, value in ways:
            other = marks.setdefault((claim, way, str(value)), mention)
            a, b = find(other), find(mention)
            if a != b:
                family[b] = a
    return pd.Series([find(m) for m in joined["mention_id"]], index=joined.index, dtype="string")


def bloc_of(
    collection: pd.Series[str],
    actor: pd.Series[str],
    blocs: pd.DataFrame,
    actors: pd.DataFrame,
    outlets: pd.DataFrame,
) -> pd.Series[str]:
    """Side of actors in the war of a collection.

    Parameters
    ----------
    collection, actor : Series of string
        One pair per row; a missing actor has no side.
    blocs, actors, outlets : DataFrame
        The published tables of that name.

    Returns
    -------
    Series of string
        The actor's own side, else that of the nearest parent that has one, else the side with which a cited
        affiliation aligns the outlet, else ``none``; missing where the actor is.
    """
    import pandas as pd

    def lines(frame: pd.DataFrame) -> list[dict[str, Any]]:
        return [{str(c): v for c, v in row.items() if pd.notna(v)} for row in frame.astype("object").to_dict("records")]

    side = Sides(
        lines(blocs[["collection_id", "actor_id", "bloc"]]),
        lines(actors[["actor_id", "parent_id"]].dropna()),
        lines(outlets[["outlet_id", "aligned_bloc"]].dropna()),
    )
    known = {(c, a): side.of(c, a) for c, a in set(zip(collection, actor, strict=True)) if pd.notna(a)}
    found = [known.get((c, a)) if pd.notna(a) else None for c, a in zip(collection, actor, strict=True)]
    return pd.Series(found, index=actor.index, dtype="string")


class Sides:
    """Sides of actors in the wars of the collections; see ``bloc_of``.

    Parameters
    ----------
    blocs, actors, outlets : sequence of mappings
        Plain rows of the tables of that name.
    """

    def __init__(
        self,
        blocs: Sequence[Mapping[str, Any]],
        actors: Sequence[Mapping[str, Any]],
        outlets: Sequence[Mapping[str, Any]],
    ) -> None:
        self._stated = {(r["collection_id"], r["actor_id"]): r["bloc"] for r in blocs}
        self._parent = {r["actor_id"]: r["parent_id"] for r in actors if "parent_id" in r}
        self._leaning = {r["outlet_id"]: r["aligned_bloc"] for r in outlets if "aligned_bloc" in r}

    def of(self, where: str, actor: str | None) -> str | None:
        """Side of an actor in the war of a collection; None for no actor."""
        if actor is None:
            return None
        seen, who = {actor}, actor
        while (where, who) not in self._stated and self._parent.get(who, who) not in seen:
            who = self._parent[who]
            seen.add(who)
        return str(self._stated.get((where, who), self._leaning.get(actor, "none")))


def voice_of(claims: pd.DataFrame, accused_bloc: pd.Series[str]) -> pd.Series[str]:
    """Whose word a claim is, seen from the side that lost.

    Parameters
    ----------
    claims : DataFrame
        With attribution, claimant_bloc and lost_by_bloc.
    accused_bloc : Series of string
        Side of the accused; missing where none is stated.

    Returns
    -------
    Series of string
        ``press`` for narrators and unnamed voices; ``third_party`` for named bodies of no side; else ``own``
        where the claimant's side lost, or, where no side lost, is accused; else ``opponent``.
    """
    import pandas as pd

    attribution = claims["attribution"].astype("string")
    claimant = claims["claimant_bloc"].astype("string")
    lost_by = claims["lost_by_bloc"].astype("string")
    # where nobody of a bloc lost, the side is taken against the accused's
    side = lost_by.mask(lost_by.isin(NO_SIDE), accused_bloc)
    voice = pd.Series("opponent", index=claims.index, dtype="string")
    voice = voice.mask((claimant == side).fillna(False), "own")
    voice = voice.mask(claimant.isna() | claimant.isin(NO_SIDE), "third_party")
    return voice.mask(attribution.isin(["narrator", "unnamed"]), "press")


def derive_claims(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Claims with classes, sides, voice and what their mentions come to."""
    import pandas as pd

    facts = tables["claims"].copy()

    def bloc(column: str) -> pd.Series[str]:
        return bloc_of(facts["collection_id"], facts[column], tables["blocs"], tables["actors"], tables["outlets"])

    equipment = tables["equipment"].set_index("equipment_id")
    classes = equipment_classes(tables["equipment"])
    things = facts["equipment_id"].notna()
    facts["domain"] = pd.Series("personnel", index=facts.index, dtype="string").mask(things, "equipment")
    facts["equipment_class"] = facts["equipment_id"].map(classes).astype("string")
    facts["equipment_precision"] = facts["equipment_id"].map(equipment["level"].astype("string")).astype("string")
    facts["claimant_bloc"] = bloc("claimant_id")
    facts["lost_by_bloc"] = bloc("lost_by_id")
    facts["voice"] = voice_of(facts, bloc("accused_id"))
    return assemble(facts, tables["mentions"], tables["sources"])


def equipment_classes(equipment: pd.DataFrame) -> dict[str, str]:
    """Class of every row of the equipment tree, by id."""
    hanging = equipment.dropna(subset=["parent_id"])
    return roots_of(equipment["equipment_id"], dict(zip(hanging["equipment_id"], hanging["parent_id"], strict=True)))
