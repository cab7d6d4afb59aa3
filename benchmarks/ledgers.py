"""Measure the ledger on made-up claims, and how its time grows with their number.

Run ``python benchmarks/ledgers.py``. The baseline is what a reader would do without the ledger: a pandas
groupby-sum of the same frame over side, class or category, outcome and voice. ``synthetic`` is seeded: the same
arguments make the same tables.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lossclaims.ledgers import explain, ledger, ledger_lines, ledger_monthly, ledger_roles

ROOT = Path(__file__).resolve().parents[1]
START = np.datetime64("2019-04-04")
DAYS = 569
COLUMNS = ["lost_by_bloc", "equipment_class", "personnel_category", "outcome", "voice"]


def synthetic(n: int, seed: int = 1, days: int = DAYS) -> dict[str, pd.DataFrame]:
    """Tables of one war with claims of the kinds that the ledger treats differently.

    Parameters
    ----------
    n : int
        Number of claims. 55 % are linked to incidents with two claims on average, a sixth of which are dated
        more loosely than two days; 15 % are about periods, 5 % running totals, 8 % parts of another claim.
    seed : int
    days : int
        Length of the war.

    Returns
    -------
    dict of DataFrame
        The tables that ``lossclaims.ledgers`` reads.
    """
    draw = np.random.default_rng(seed)
    terms = pd.read_csv(ROOT / "datasets" / "vocabulary" / "terms.csv", dtype="string")
    words = {v: g["term"].to_numpy(dtype=object) for v, g in terms.groupby("vocabulary")}

    nothing = np.full(n, None, dtype=object)

    def pick(options: list[object] | np.ndarray, weights: list[float] | None = None) -> np.ndarray:
        return draw.choice(np.array(options, dtype=object), n, p=weights)

    def text(values: object) -> pd.Series:
        return pd.Series(values, dtype="string")

    people = draw.random(n) < 0.35
    day = (draw.beta(1.4, 1.1, n) * days).astype(int)
    kind = pick(["incident", "period", "cumulative"], [0.8, 0.15, 0.05])
    n_incidents = max(1, int(n * 0.275))
    incident_day = (draw.beta(1.4, 1.1, n_incidents) * days).astype(int)
    linked = (draw.random(n) < 0.69) & (kind == "incident")
    incident = np.where(linked, draw.integers(0, n_incidents, n), -1)
    day = np.where(linked, incident_day[incident], day)
    length = np.select(
        [kind == "period", kind == "cumulative"], [draw.integers(2, 21, n), day + 1], draw.integers(1, 4, n)
    )
    claimant_bloc = pick(["gna", "lna", "none", None], [0.35, 0.35, 0.2, 0.1])
    loser = pick(["gna", "lna", "none", "mixed"], [0.47, 0.45, 0.06, 0.02])
    voice = np.where(claimant_bloc == loser, "own", "opponent").astype(object)
    voice[claimant_bloc == "none"] = "third_party"
    voice[pd.isna(claimant_bloc)] = "press"
    low = np.minimum(draw.pareto(1.1, n) + 1, 200).astype("int64")
    ids = np.array([f"LY{i // 9:05d}.{i % 9 + 1}" for i in range(n)], dtype=object)
    part = (draw.random(n) < 0.08) & (np.arange(n) % 9 > 0)
    outcome = np.where(
        people,
        pick(["killed", "wounded", "captured", "killed_or_wounded"], [0.5, 0.2, 0.2, 0.1]),
        pick(["destroyed", "shot_down", "captured", "damaged", "hit"], [0.5, 0.2, 0.15, 0.1, 0.05]),
    )
    claims = pd.DataFrame(
        {
            "claim_id": text(ids),
            "collection_id": text(np.full(n, "war", dtype=object)),
            "domain": text(np.where(people, "personnel", "equipment")),
            "claimant_id": text([None if b is None else f"{b}{i % 4}" for i, b in enumerate(claimant_bloc)]),
            "claimant_bloc": text(claimant_bloc),
            "attribution": text(np.where(pd.isna(claimant_bloc), "unnamed", "named")),
            "stance": text(pick(["asserts", "denies", "retracts"], [0.95, 0.04, 0.01])),
            "lost_by_id": text(loser),
            "lost_by_bloc": text(loser),
            "equipment_class": text(np.where(people, nothing, pick(words["equipment_class"]))),
            "personnel_category": text(np.where(people, pick(words["personnel_category"]), nothing)),
            "outcome": text(outcome),
            "count_low": pd.Series(low, dtype="Int64"),
            "count_high": pd.Series(low, dtype="Int64").mask(draw.random(n) < 0.3),
            "figure_kind": text(kind),
            "part_of": text(np.where(part, np.roll(ids, 1), nothing)),
            "incident_id": text([f"LYI{i:06d}" if i >= 0 else None for i in incident]),
            "voice": text(voice),
            "cause": text(np.full(n, "not_stated", dtype=object)),
            "verdict": text(pick(["open", "consistent", "misidentified"], [0.9, 0.08, 0.02])),
        }
    )
    for name in ("disputes", "responds_to", "subgroup", "item_id", "place_id", "accused_id"):
        claims[name] = text(nothing)
    claims["equipment_id"] = claims["equipment_class"]
    claims["accused_id"] = (
        claims["accused_id"].mask(claims["lost_by_bloc"] == "none", pick(["gna", "lna"])).astype("string")
    )
    end = START + day
    claims["date_start"] = pd.Series(end - length + 1).astype("datetime64[s]").mask(draw.random(n) < 0.08)
    claims["date_end"] = pd.Series(end).astype("datetime64[s]")
    claims["said_on"] = pd.Series(end + draw.integers(0, 4, n)).astype("datetime64[s]").mask(draw.random(n) < 0.4)
    claims["first_published"] = pd.Series(end + 4).astype("datetime64[s]")
    names = text([f"LYI{i:06d}" for i in range(n_incidents)])
    spread = draw.choice([0, 1, 2, 5], n_incidents, p=[0.6, 0.24, 0.08, 0.08])
    level = text(draw.choice(["E1", "E3", "E4"], n_incidents, p=[0.7, 0.2, 0.1]))
    war = text(np.full(n_incidents, "war", dtype=object))
    first, last = START + incident_day - spread, START + incident_day
    incidents = pd.DataFrame({"incident_id": names, "collection_id": war, "evidence_level": level})
    incidents["date_start"] = pd.Series(first).astype("datetime64[s]")
    incidents["date_end"] = pd.Series(last).astype("datetime64[s]")
    items = pd.DataFrame({"item_id": names + ".1", "incident_id": names, "evidence_level": level})
    items["lost_by_bloc"] = text(draw.choice(["gna", "lna"], n_incidents))
    items["equipment_class"] = text(draw.choice(words["equipment_class"], n_incidents))
    items["outcome"] = text(np.full(n_incidents, "destroyed", dtype=object))
    empty = [
        "evidence_id",
        "incident_id",
        "item_id",
        "source_id",
        "lost_by_id",
        "personnel_category",
        "outcome",
        "rank",
        "shows",
    ]
    evidence = pd.DataFrame({name: text([]) for name in empty}).assign(count_low=pd.Series([], dtype="Int64"))
    sides = ["gna", "lna", "none", "mixed"]
    war_days = {"date_start": [START], "date_end": [START + days]}
    return {
        "claims": claims,
        "incidents": incidents,
        "items": items,
        "evidence": evidence,
        "terms": terms,
        "collections": pd.DataFrame({"collection_id": text(["war"]), **war_days}),
        "actors": pd.DataFrame({"actor_id": text(sides), "parent_id": text([None] * 4)}),
        "blocs": pd.DataFrame({"collection_id": text(["war"] * 4), "actor_id": text(sides), "bloc": text(sides)}),
        "outlets": pd.DataFrame({"outlet_id": text([]), "aligned_bloc": text([])}),
    }


def groupby_sum(tables: dict[str, pd.DataFrame]) -> object:
    """The baseline: adding claims up."""
    return tables["claims"].groupby(COLUMNS, dropna=False)["count_low"].sum()


def one_cell(tables: dict[str, pd.DataFrame]) -> object:
    return ledger(tables, lost_by_bloc="lna", equipment_class="uav", start="2020-01-01", end="2020-06-30")


def one_explained(tables: dict[str, pd.DataFrame]) -> object:
    return explain(tables, lost_by_bloc="lna", equipment_class="uav")


MEASURED: dict[str, Callable[[dict[str, pd.DataFrame]], object]] = {
    "groupby-sum": groupby_sum,
    "ledger": ledger,
    "ledger, one cell": one_cell,
    "explain, one cell": one_explained,
    "ledger_monthly": ledger_monthly,
    "ledger_lines": ledger_lines,
    "ledger_roles": ledger_roles,
}


def main() -> None:
    """Print medians, growth and ratios to the baseline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    before: dict[str, float] = {}
    for size in arguments.sizes:
        tables = synthetic(size)
        print(f"\n{size:,} claims, {len(tables['incidents']):,} incidents; median of {arguments.runs} runs")
        base = 0.0
        for name, function in MEASURED.items():
            function(tables)
            times = []
            for _ in range(arguments.runs):
                start = time.perf_counter()
                function(tables)
                times.append(time.perf_counter() - start)
            median = statistics.median(times)
            base = base or median
            growth = f"{median / before[name]:6.1f} x the size before" if name in before else " " * 24
            spread = f"{min(times):.3f} to {max(times):.3f}"
            print(f"  {name:18} {median:8.3f} s ({spread})  {growth}  {median / base:7.1f} x groupby-sum")
            before[name] = median
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
