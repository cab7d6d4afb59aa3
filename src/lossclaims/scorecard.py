"""What became of each claimant's claims, as far as anybody could check them.

Decides which claims count as checkable, documented, admitted, contested or misidentified, and with what
uncertainty. Refuses shares below ``FEWEST`` checkable claims, and any ranking or motive: photographs follow
whoever holds the ground, and a claim that nobody could check is neither right nor wrong.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lossclaims.incidents import SHOWN, Docket, lookup, same_loss, texts

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 20
"""Fewest checkable claims for which shares are given."""
OUTCOMES = ("documented", "admitted", "contested", "misidentified")
"""What can become of a checkable claim; one claim may count under several."""
Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95 % interval."""


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Wilson score interval of a share, 95 %.

    Parameters
    ----------
    hits, n : int
        Number of cases that have the property, of at least one case.

    Returns
    -------
    tuple of float
        Lower and upper end. Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927),
        209-212.
    """
    share, weight = hits / n, Z95 * Z95 / n
    centre = (share + weight / 2) / (1 + weight)
    reach = Z95 * math.sqrt(share * (1 - share) / n + weight / (4 * n)) / (1 + weight)
    # at the ends the formula gives 0 and 1 but for rounding
    return (0.0 if hits == 0 else centre - reach), (1.0 if hits == n else centre + reach)


def scorecard(tables: Mapping[str, pd.DataFrame], docket: Docket | None = None) -> pd.DataFrame:
    """Count what became of the claims of each identified claimant, by attribution.

    A claim is *checkable* when it asserts another side's loss, is linked to an incident, and somebody else
    speaks to it there: evidence that is preferred, was viewed or comes from an independent source; an
    assertion of the same loss by a claimant of another side or a third party; an admission; or a denial.
    Of the checkable claims, *documented* are those whose object, else incident, is at E4 or above, and whose
    verdict is consistent; *admitted* those whose loss the losing side admits, not only through its opponent;
    *contested* those against which a denial of the loss or its count stands; *misidentified* those with that
    verdict.

    Parameters
    ----------
    tables : Mapping
        As for ``lossclaims.incidents.grade``, with what that fills in.
    docket : Docket, optional
        Made of the same tables before, to save time.

    Returns
    -------
    DataFrame
        The columns of the table scorecard: one row per collection, claimant and attribution, sorted. Shares
        are missing below ``FEWEST`` checkable claims.
    """
    import pandas as pd

    docket = docket or Docket(tables)
    level: dict[str, str] = {}
    for name, key in (("incidents", "incident_id"), ("items", "item_id")):
        level |= lookup(tables[name], key, "evidence_level")
    voices = {incident: docket.voices(incident) for incident in docket.spoken}
    heard = {incident: docket.asserted(incident, withdrawn=True) for incident in docket.spoken}
    counts: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    rows = texts(tables["claims"], "claim_id", "collection_id", "attribution", "verdict")
    for claim_id, collection, attribution, verdict in rows:
        claim = docket.claims[claim_id]
        if not claim.identified or claim.stance != "asserts":
            continue
        count = counts[collection, claim.claimant, attribution]
        count["claims"] += 1
        if claim.own or claim.incident not in docket.spoken:
            continue
        denied, admitted = bool(docket.denials(claim)), bool(docket.admissions(claim))
        if not (
            denied
            or admitted
            or any(
                docket.speaks_to(e, claim) and (e.preferred or docket.counts(e, heard[claim.incident]))
                for e in docket.evidence[claim.incident]
            )
            or any(same_loss(claim, o) and docket.apart(claim, o) for o in voices[claim.incident])
        ):
            continue
        shown = level.get(claim.item or claim.incident, "") in SHOWN
        count["checkable"] += 1
        count["documented"] += shown and verdict == "consistent"
        count["admitted"] += admitted
        count["contested"] += denied
        count["misidentified"] += verdict == "misidentified"
    keys = sorted(counts)
    made: dict[str, pd.Series[str] | pd.Series[int] | pd.Series[float]] = {}
    for i, name in enumerate(("collection_id", "claimant_id", "attribution")):
        made[name] = pd.Series([key[i] for key in keys], dtype="string")
    for name in ("claims", "checkable", *OUTCOMES):
        made[f"n_{name}"] = pd.Series([counts[key][name] for key in keys], dtype="Int64")
    for name in OUTCOMES:
        shares = [_share(counts[key][name], counts[key]["checkable"]) for key in keys]
        for i, end in enumerate(("", "_low", "_high")):
            made[f"share_{name}{end}"] = pd.Series([share[i] for share in shares], dtype="Float64")
    return pd.DataFrame(made)


def _share(hits: int, n: int) -> tuple[float | None, float | None, float | None]:
    """A share with its interval, where there are enough cases."""
    return (hits / n, *wilson(hits, n)) if n >= FEWEST else (None, None, None)
