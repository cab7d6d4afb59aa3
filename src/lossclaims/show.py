"""An incident as a person reads it: who said what, what was shown, and why the grade is what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossclaims.data import load

if TYPE_CHECKING:
    import pandas as pd


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
        Rows of ``equipment_claims`` and ``casualty_claims`` about it, rival claims side by side.
    """

    id: str
    incident: pd.Series[str]
    items: pd.DataFrame
    claims: pd.DataFrame
    evidence: pd.DataFrame


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
    import pandas as pd

    rows = load("incidents", as_of=as_of)
    row = rows[rows["incident_id"] == incident_id]
    if row.empty:
        raise ValueError(f"no incident {incident_id!r}; there are {len(rows)}, see load('incidents')")
    flat = pd.concat(
        [load("equipment_claims", as_of=as_of).astype("object"), load("casualty_claims", as_of=as_of).astype("object")]
    )
    items, evidence = load("items", as_of=as_of), load("evidence", as_of=as_of)
    return Incident(
        incident_id,
        row.iloc[0],
        items[items["incident_id"] == incident_id].reset_index(drop=True),
        flat[flat["incident_id"] == incident_id].reset_index(drop=True),
        evidence[evidence["incident_id"] == incident_id].reset_index(drop=True),
    )
