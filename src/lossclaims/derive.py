"""Everything that follows from what coders wrote: blocs, voices, claims, grades, ledger, flat tables.

The build and ``load(..., as_of=...)`` both come through here, so that a past state is made by the same
steps as the published one. Only pandas is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lossclaims.claims import derive_claims, families_of, lookup, root_sources
from lossclaims.incidents import Docket, admitted_by, contradicted_by, denied_by, grade
from lossclaims.ledgers import ledger, ledger_lines, ledger_monthly, ledger_roles
from lossclaims.scorecard import scorecard

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]


def derive(base: Tables, as_of: dt.date | None = None) -> dict[str, pd.DataFrame]:
    """Make every derived table and column.

    Parameters
    ----------
    base : Mapping
        Trace and reference tables; derived columns in them are made anew.
    as_of : date, optional
        Only what sources known to be published by that day say.

    Returns
    -------
    dict of DataFrame
        All tables, in no promised dtypes for derived columns: the caller casts them to the schema.
    """
    tables = dict(base)
    if as_of is not None:
        tables |= _published_by(tables, as_of)
    tables["claims"] = derive_claims(tables)
    tables["mentions"] = _with_families(tables["mentions"], tables["sources"])
    docket = Docket(tables)
    tables |= grade(tables, docket)
    tables["ledger"] = ledger(tables)
    tables["ledger_monthly"] = ledger_monthly(tables)
    tables["ledger_lines"] = ledger_lines(tables)
    tables["scorecard"] = scorecard(tables, docket)
    flat = _flat_claims(tables, docket)
    things = tables["claims"]["equipment_id"].notna()
    tables["equipment_claims"], tables["casualty_claims"] = flat[things], flat[~things]
    return tables


def _published_by(tables: Tables, as_of: dt.date) -> dict[str, pd.DataFrame]:
    import pandas as pd

    sources = tables["sources"]
    sources = sources[sources["published_latest"] <= pd.Timestamp(as_of)]
    mentions = tables["mentions"][tables["mentions"]["source_id"].isin(sources["source_id"])]
    claims = tables["claims"][tables["claims"]["claim_id"].isin(mentions["claim_id"])].copy()
    for link in ("part_of", "responds_to"):
        claims[link] = claims[link].where(claims[link].isin(claims["claim_id"]))
    evidence = tables["evidence"][tables["evidence"]["source_id"].isin(sources["source_id"])]
    spoken = {*claims["incident_id"].dropna(), *evidence["incident_id"]}
    things = {*claims["item_id"].dropna(), *evidence["item_id"].dropna()}
    return {
        "sources": sources,
        "mentions": mentions,
        "claims": claims,
        "evidence": evidence,
        "incidents": tables["incidents"][tables["incidents"]["incident_id"].isin(spoken)],
        "items": tables["items"][tables["items"]["item_id"].isin(things)],
    }


def _with_families(mentions: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    joined = mentions[["mention_id", "claim_id", "source_id", "via_id"]].merge(
        sources[["source_id", "outlet_id"]], on="source_id", how="left"
    )
    joined = joined.assign(root=root_sources(joined["source_id"], sources))
    joined.index = mentions.index
    return mentions.assign(family_id=families_of(joined))


def _flat_claims(tables: Tables, docket: Docket) -> pd.DataFrame:
    """One row per claim with the columns of both flat tables together."""
    claims, sources = tables["claims"], tables["sources"].set_index("source_id")
    actors = tables["actors"].set_index("actor_id")["name"]
    places = tables["places"].set_index("place_id")
    incidents = tables["incidents"].set_index("incident_id")
    flat = claims.copy()
    for column in ("claimant", "lost_by", "accused", "supplier"):
        flat[column] = lookup(claims[f"{column}_id"], actors)
    flat["equipment"] = lookup(claims["equipment_id"], tables["equipment"].set_index("equipment_id")["name"])
    flat["place"] = lookup(claims["place_id"], places["name"])
    for column in ("latitude", "longitude"):
        flat[column] = lookup(claims["place_id"], places[column])
    flat["incident_status"] = lookup(claims["incident_id"], incidents["status"])
    flat["evidence_level"] = lookup(claims["incident_id"], incidents["evidence_level"])
    by_claim = {"ledger_role": ledger_roles(tables)}
    by_claim |= {f.__name__: f(tables, docket) for f in (denied_by, admitted_by, contradicted_by)}
    mentions = tables["mentions"].merge(tables["sources"], on="source_id", how="left")
    grouped = mentions.groupby("claim_id", sort=False)
    by_claim["languages"] = grouped["language"].agg(lambda s: ";".join(sorted(set(s)))).astype("string")
    first = grouped.head(1).set_index("claim_id")
    by_claim["outlet"] = lookup(first["outlet_id"], actors)
    by_claim["published"] = first["published_latest"]
    by_claim["title"] = first["title"]
    # a copy whose own address is not known is still to be followed to its original
    by_claim["url"] = first["url"].fillna(lookup(first["republication_of"], sources["url"]))
    for column, values in by_claim.items():
        flat[column] = lookup(claims["claim_id"], values)
    flat["sort_date"] = claims["date_end"].fillna(flat["published"])
    return flat
