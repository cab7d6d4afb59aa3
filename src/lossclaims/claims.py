"""From mentions to claims: one row per assertion, whatever the number of sources.

Everything here works on the published columns alone, so that ``load(..., as_of=...)`` can do it again
for the mentions that were published by a day.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    groups = joined.groupby("claim_id", sort=False, observed=True)

    # a mention of which nothing dates the words says nothing of the window
    spoken = joined["date_start"].notna() | joined["date_end"].notna()
    # nor does one without words for the time, where another of the same statement has them
    timed = spoken & joined["when_text"].notna()
    spoken &= timed | ~timed.groupby(joined["claim_id"], observed=True).transform("any").astype(bool)
    told = joined[spoken].groupby("claim_id", sort=False, observed=True)

    def open_at(column: str) -> pd.Series[bool]:
        # one open mention opens the hull
        rows = joined[spoken] if column in ("date_start", "date_end") else joined
        return rows[column].isna().groupby(rows["claim_id"], sort=False, observed=True).any()

    first = groups.head(1).set_index("claim_id")
    made = first[["count_text", "count_rule", "count_point"]].copy()
    made["count_rule"] = made["count_rule"].astype("string")
    made["count_low"] = groups["count_low"].min()
    made["count_high"] = groups["count_high"].max().mask(open_at("count_high"))
    figures = joined[["claim_id", "count_rule", "count_point", "count_low", "count_high"]].astype(
        {"count_rule": "string"}
    )
    differ = figures.drop_duplicates().groupby("claim_id", observed=True).size() > 1
    differ = differ.reindex(made.index)
    made.loc[differ, "count_rule"] = "hull"
    made.loc[differ, "count_point"] = pd.NA
    hull = pd.DataFrame(
        {
            "date_start": told["date_start"].min().mask(open_at("date_start")),
            "date_end": told["date_end"].max().mask(open_at("date_end")),
        }
    ).reindex(made.index)
    dated = joined[joined["said_on"].notna()].groupby("claim_id", sort=False, observed=True).head(1)
    dated = dated.set_index("claim_id")
    hull.loc[dated.index, ["date_start", "date_end"]] = dated[["date_start", "date_end"]]
    made["said_on"] = dated["said_on"].reindex(made.index)
    made = made.join(hull)
    made["date_precision"] = date_precision(made["date_start"], made["date_end"])
    made["n_mentions"] = groups.size()
    made["n_sources"] = groups["source_id"].nunique()
    made["first_published"] = groups["published_latest"].min()
    families = joined.assign(family=families_of(joined)).groupby("claim_id", observed=True)["family"].nunique()
    claims = facts[[c for c in facts.columns if c not in COMPUTED]].merge(
        made.reset_index(), on="claim_id", how="inner"
    )
    unnamed = claims["attribution"] == "unnamed"
    claims["n_origins"] = claims["claim_id"].map(families).where(unnamed, 1)
    for column in ("count_low", "count_high", "count_point", "date_precision", "n_mentions", "n_sources", "n_origins"):
        claims[column] = claims[column].astype("Int64")
    return claims


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
    roots = {}
    for start in source_id.unique():
        seen = [start]
        while seen[-1] in parent and parent[seen[-1]] not in seen:
            seen.append(parent[seen[-1]])
        roots[start] = seen[-1]
    return source_id.map(roots).astype("string")


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

    sides = {
        (c, a): b for c, a, b in blocs[["collection_id", "actor_id", "bloc"]].astype("object").itertuples(index=False)
    }
    aligned = outlets.dropna(subset=["aligned_bloc"])
    leaning = dict(zip(aligned["outlet_id"], aligned["aligned_bloc"], strict=True))
    with_parent = actors.dropna(subset=["parent_id"])
    parent = dict(zip(with_parent["actor_id"], with_parent["parent_id"], strict=True))

    def side(where: str, who: str) -> str:
        seen, asked = {who}, who
        while (where, who) not in sides and parent.get(who, who) not in seen:
            who = parent[who]
            seen.add(who)
        return str(sides.get((where, who), leaning.get(asked, "none")))

    known = {(c, a): side(c, a) for c, a in set(zip(collection, actor, strict=True)) if pd.notna(a)}
    found = [known.get((c, a)) if pd.notna(a) else None for c, a in zip(collection, actor, strict=True)]
    return pd.Series(found, index=actor.index, dtype="string")


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
    parents = {
        row: parent
        for row, parent in equipment[["equipment_id", "parent_id"]].astype("object").itertuples(index=False)
        if isinstance(parent, str)
    }
    classes = {}
    for row in equipment["equipment_id"]:
        seen = [row]
        while seen[-1] in parents and parents[seen[-1]] not in seen:
            seen.append(parents[seen[-1]])
        classes[row] = seen[-1]
    return classes
