"""Measure the suggestion of links on made-up claims in which the true links are known.

Run ``python benchmarks/links.py`` for the module itself, ``--against NAME`` for a library that was compared
with it. The other libraries are imported only when asked for; none of them is needed by the project.
``synthetic`` is seeded: the same arguments make the same tables, so that a test can use it too.
"""

from __future__ import annotations

import argparse
import importlib
import math
import random
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd

from lossclaims.links import _block, _records, suggest_links

START = pd.Timestamp("2019-04-04")
DAYS = 566
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]
ALPHABETS = ("en", "ar")


@dataclass(frozen=True)
class Synthetic:
    """Tables in which nothing is linked, and what belongs together.

    Parameters
    ----------
    tables : dict of DataFrame
        Shaped like the published tables; each claim has one mention, no incident, and no source is a copy.
    labels : DataFrame
        Per claim: claim_id, source_id, assertion, event (empty where the figure is a running total), root.
    """

    tables: dict[str, pd.DataFrame]
    labels: pd.DataFrame

    def planted(self, kind: str) -> set[tuple[str, str]]:
        """Pairs of ids that belong together, the earlier made first."""
        column = {"claim": "assertion", "incident": "event", "text": "root"}[kind]
        unit = "source_id" if kind == "text" else "claim_id"
        rows = self.labels[[unit, column]].dropna().drop_duplicates()
        pairs: set[tuple[str, str]] = set()
        for _, group in rows.groupby(column, sort=False):
            pairs.update(combinations(sorted(group[unit]), 2))
        return pairs

    def linked(self) -> dict[str, pd.DataFrame]:
        """The tables as coders would leave them, with every planted link made."""
        labels = self.labels
        first = labels.groupby("assertion")["claim_id"].transform("min")
        of_claim = dict(zip(labels["claim_id"], first, strict=True))
        roots = labels.groupby("root")["source_id"].transform("min")
        of_source = dict(zip(labels["source_id"], roots, strict=True))
        events = dict(zip(labels["claim_id"], labels["event"], strict=True))
        made = dict(self.tables)
        mentions = made["mentions"].copy()
        mentions["claim_id"] = mentions["mention_id"].map(of_claim).astype("string")
        claims = made["claims"]
        claims = claims[claims["claim_id"].isin(set(of_claim.values()))].copy()
        claims["incident_id"] = claims["claim_id"].map(events).astype("string")
        sources = made["sources"].copy()
        root = sources["source_id"].map(of_source).astype("string")
        sources["republication_of"] = root.mask(root == sources["source_id"])
        return {**made, "mentions": mentions, "claims": claims.reset_index(drop=True), "sources": sources}


def _word(draw: random.Random, syllables: int = 2) -> str:
    return "".join(draw.choice(SYLLABLES) for _ in range(syllables))


def _equipment(draw: random.Random) -> pd.DataFrame:
    rows: list[tuple[str, str, str | None]] = []
    for c in range(14):
        rows.append((f"class{c}", "class", None))
        for s in range(3):
            rows.append((f"sub{c}_{s}", "subclass", f"class{c}"))
            rows.extend((f"model{c}_{s}_{m}", "model", f"sub{c}_{s}") for m in range(4))
    return pd.DataFrame(rows, columns=["equipment_id", "level", "parent_id"]).astype("string")


def _places(draw: random.Random) -> pd.DataFrame:
    rows: list[tuple[str, str | None, float | None, float | None, float | None]] = [("land", None, 29.0, 15.0, 700.0)]
    for d in range(24):
        lat, lon = draw.uniform(29.5, 33.0), draw.uniform(10.5, 17.0)
        rows.append((f"district{d}", "land", lat, lon, 40.0))
        for t in range(9):
            known = draw.random() < 0.85
            at = (lat + draw.gauss(0, 0.2), lon + draw.gauss(0, 0.2), draw.choice([3.0, 4.0, 8.0]))
            rows.append((f"town{d}_{t}", f"district{d}", *(at if known else (None, None, None))))
    frame = pd.DataFrame(rows, columns=["place_id", "parent_id", "latitude", "longitude", "uncertainty_km"])
    frame[["place_id", "parent_id"]] = frame[["place_id", "parent_id"]].astype("string")
    numbers = ["latitude", "longitude", "uncertainty_km"]
    frame[numbers] = frame[numbers].astype("Float64")
    return frame


class _Maker:
    """The state of one synthetic war: its vocabulary and the rows made so far."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.equipment = _equipment(self.draw)
        self.places = _places(self.draw)
        self.level = dict(zip(self.equipment["equipment_id"], self.equipment["level"], strict=True))
        self.above = {
            k: v for k, v in self.equipment[["equipment_id", "parent_id"]].astype("object").itertuples(index=False)
        }
        self.district = {
            k: v for k, v in self.places[["place_id", "parent_id"]].astype("object").itertuples(index=False)
        }
        self.models = [e for e, level in self.level.items() if level != "class"]
        self.towns = [p for p in self.district if p.startswith("town")]
        self.town_weights = [1 / (i + 4) for i in range(len(self.towns))]
        self.draw.shuffle(self.towns)
        self.actors = {"a": [f"a{i}" for i in range(7)], "b": [f"b{i}" for i in range(7)]}
        self.outlets = [f"outlet{i}" for i in range(60)]
        self.wordings: dict[tuple[str, str], list[str]] = {}

    def wording(self, thing: str, language: str) -> str:
        """One of the few ways in which a language words a thing."""
        ways = self.wordings.setdefault(
            (thing, language), [" ".join(_word(self.draw) for _ in range(self.draw.randint(1, 3))) for _ in range(4)]
        )
        return self.draw.choice(ways)

    def class_of(self, thing: str) -> str:
        while self.above[thing] is not None and not pd.isna(self.above[thing]):
            thing = self.above[thing]
        return thing

    def event(self, number: int) -> dict[str, Any]:
        """One loss in the world."""
        draw = self.draw
        side = draw.choice("ab")
        personnel = draw.random() < 0.3
        town = draw.choices(self.towns, self.town_weights)[0]
        return {
            "event": f"SYI{number:06d}",
            "day": int(draw.betavariate(1.4, 1.1) * DAYS),
            "place": town,
            "side": side,
            "lost_by": self.actors[side][min(int(draw.expovariate(0.8)), 6)],
            "domain": "personnel" if personnel else "equipment",
            "thing": draw.choice(["fighter", "civilian", "commander", "foreign_fighter"])
            if personnel
            else draw.choice(self.models),
            "outcome": draw.choice(["killed", "wounded", "captured"])
            if personnel
            else draw.choices(["destroyed", "shot_down", "captured", "damaged"], [5, 3, 2, 1])[0],
            "count": min(int(draw.paretovariate(1.1)), 150),
        }

    def assertion(self, event: dict[str, Any], number: int) -> dict[str, Any]:
        """What one claimant says of a loss: rivals differ in figure, thing and owner."""
        draw = self.draw
        made = dict(event, assertion=f"s{number}")
        other = "b" if event["side"] == "a" else "a"
        bloc = draw.choices([other, event["side"], "none"], [6, 2, 2])[0]
        made["claimant_bloc"] = bloc
        made["claimant"] = (
            self.actors[bloc][min(int(draw.expovariate(0.9)), 6)] if bloc != "none" else draw.choice(self.outlets)
        )
        made["count"] = (
            event["count"] if draw.random() < 0.5 else max(1, round(event["count"] * draw.uniform(0.5, 1.8)))
        )
        made["said"] = event["day"] + min(int(draw.expovariate(0.9)), 6)
        made["stance"] = "denies" if bloc == event["side"] and draw.random() < 0.3 else "asserts"
        made["figure_kind"] = draw.choices(["incident", "period", "cumulative"], [86, 9, 5])[0]
        return made

    def report(self, assertion: dict[str, Any]) -> dict[str, Any]:
        """How one document tells it: other words, bounds, days, places and a broader class."""
        draw = self.draw
        row = dict(assertion, language=draw.choices(ALPHABETS, [3, 2])[0], outlet=draw.choice(self.outlets))
        row["published"] = row["said"] + min(int(draw.expovariate(0.8)), 9)
        way, n = draw.random(), row["count"]
        low, high, text = n, n, str(n)
        if way < 0.15:
            low, high, text = n + 1, None, f"more than {n}"
        elif way < 0.25:
            low, high, text = n, None, f"at least {n}"
        elif way < 0.32 and n >= 10:
            low, high, text = 10 ** int(math.log10(n)), 10 ** (int(math.log10(n)) + 1) - 1, "dozens"
        row["low"], row["high"], row["text"] = low, high, text
        day, way = row["day"], draw.random()
        if row["figure_kind"] == "cumulative":
            row["start"], row["end"] = 0, row["said"]
        elif row["figure_kind"] == "period":
            row["start"], row["end"] = max(0, day - 4), max(day, row["said"])
        elif way < 0.55:
            row["start"], row["end"] = day, day
        elif way < 0.7:
            row["start"], row["end"] = day - 1, day + 1
        elif way < 0.8:
            row["start"], row["end"] = row["said"] - 3, row["said"]
        else:
            row["start"], row["end"] = None, row["published"]
        if row["start"] is not None:
            row["start"] = min(row["start"], day)
        row["end"] = max(row["end"], day)
        way, district = draw.random(), self.district[row["place"]]
        row["precision"] = 1
        if way < 0.12:
            row["place"], row["precision"] = None, None
        elif way < 0.22:
            row["place"], row["precision"] = district, 3
        elif way < 0.32:
            row["place"] = draw.choice([t for t in self.towns if self.district[t] == district])
            row["precision"] = 2
        elif way < 0.35:
            row["place"], row["precision"] = "land", 6
        if row["domain"] == "equipment" and draw.random() < 0.25:
            row["thing"] = self.above[row["thing"]]
        elif row["domain"] == "personnel" and draw.random() < 0.1:
            row["thing"] = "unknown"
        if draw.random() < 0.1:
            row["lost_by"] = self.actors[row["side"]][0]
        if row["claimant_bloc"] != "none" and draw.random() < 0.08:
            row["claimant"] = draw.choice(self.actors[row["claimant_bloc"]])
        if draw.random() < 0.06:
            row["claimant"], row["claimant_bloc"] = None, None
        row["said_on"] = row["said"] if draw.random() < 0.5 else None
        row["item"] = self.wording(row["thing"], row["language"])
        return row


def synthetic(n_claims: int, seed: int = 1) -> Synthetic:
    """Make claims of realistic shape, with planted links.

    Parameters
    ----------
    n_claims : int
        About how many claims; all of them in one war of 566 days, so that a larger number is a denser war.
    seed : int

    Returns
    -------
    Synthetic
        A third of the assertions are told by more than one document; about 6 % of the documents are copied.
    """
    maker = _Maker(seed)
    draw = maker.draw
    reports: list[dict[str, Any]] = []
    number = events = 0
    while len(reports) < n_claims * 0.92:
        events += 1
        event = maker.event(events)
        for _ in range(draw.choices([1, 2, 3], [6, 3, 1])[0]):
            number += 1
            said = maker.assertion(event, number)
            reports.extend(maker.report(said) for _ in range(draw.choices([1, 2, 3], [66, 24, 10])[0]))
    documents: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in reports:
        row["event"] = row["event"] if row["figure_kind"] != "cumulative" else None
        documents[row["outlet"], row["published"] // 2].append(row)
    texts: list[tuple[str, str, list[dict[str, Any]]]] = []
    for told in documents.values():
        for at in range(0, len(told), 8):
            part = told[at : at + 8]
            title = (
                " ".join(_word(draw) for _ in range(5))
                + f" {part[0]['place'] or ''} {maker.wording(part[0]['thing'], 'en')}"
            )
            texts.append((f"t{len(texts)}", title, part))
    for root, title, part in list(texts):
        if draw.random() < 0.06:
            kept = [r for r in part if draw.random() < 0.95] or part
            late = draw.choice([0, 0, 1, 2, 5, 20])
            words = title.split()
            if draw.random() < 0.4:
                words = [_word(draw), *words[1:]]
            outlet = draw.choice(maker.outlets)
            copies = [dict(r, outlet=outlet, published=r["published"] + late) for r in kept]
            texts.append((root, " ".join(words), copies))
    draw.shuffle(texts)
    return _frames(maker, texts)


def _days(values: Iterable[int | None]) -> pd.Series[pd.Timestamp]:
    days = pd.to_timedelta(pd.Series(list(values), dtype="Float64").astype("float64"), unit="D")
    return (START + days).astype("datetime64[s]")


def _frames(maker: _Maker, texts: list[tuple[str, str, list[dict[str, Any]]]]) -> Synthetic:
    sources: list[tuple[str, str, str, int, str]] = []
    rows: list[dict[str, Any]] = []
    for number, (root, title, told) in enumerate(texts, 1):
        source = f"SY{number:06d}"
        sources.append((source, told[0]["outlet"], title, told[0]["published"], told[0]["language"]))
        rows.extend(dict(r, source=source, root=root, id=f"{source}.{k}", order=k) for k, r in enumerate(told, 1))

    def column(name: str) -> list[Any]:
        return [row[name] for row in rows]

    people = [row["domain"] == "personnel" for row in rows]
    things = column("thing")
    text: dict[str, list[Any]] = {
        "claim_id": column("id"),
        "collection_id": ["synthetic"] * len(rows),
        "domain": column("domain"),
        "claimant_id": column("claimant"),
        "claimant_bloc": column("claimant_bloc"),
        "stance": column("stance"),
        "lost_by_id": column("lost_by"),
        "lost_by_bloc": column("side"),
        "equipment_id": [None if p else t for p, t in zip(people, things, strict=True)],
        "equipment_class": [None if p else maker.class_of(t) for p, t in zip(people, things, strict=True)],
        "equipment_precision": [None if p else maker.level[t] for p, t in zip(people, things, strict=True)],
        "personnel_category": [t if p else None for p, t in zip(people, things, strict=True)],
        "subgroup": [None] * len(rows),
        "outcome": column("outcome"),
        "count_text": column("text"),
        "figure_kind": column("figure_kind"),
        "part_of": [None] * len(rows),
        "incident_id": [None] * len(rows),
        "place_id": column("place"),
    }
    claims = pd.DataFrame({k: pd.Series(v, dtype="string") for k, v in text.items()})
    for name in ("count_low", "count_high"):
        claims[name] = pd.Series(column(name.removeprefix("count_")), dtype="Int64")
    claims["place_precision"] = pd.Series(column("precision"), dtype="Int64")
    for name, values in (
        ("date_start", "start"),
        ("date_end", "end"),
        ("said_on", "said_on"),
        ("first_published", "published"),
    ):
        claims[name] = _days(column(values))
    mentions = claims[["claim_id", "count_text", "count_low", "count_high", "date_start", "date_end", "said_on"]].copy()
    mentions.insert(0, "mention_id", claims["claim_id"])
    mentions["source_id"] = pd.Series(column("source"), dtype="string")
    mentions["item_text"] = pd.Series(column("item"), dtype="string")
    mentions["paragraph"] = pd.Series(column("order"), dtype="Int64")
    names = ["source_id", "outlet_id", "title", "published", "language"]
    documents = pd.DataFrame(sources, columns=names)
    frame = documents[["source_id", "outlet_id", "title", "language"]].astype("string")
    frame["collection_id"] = pd.Series("synthetic", index=frame.index, dtype="string")
    frame["published_earliest"] = frame["published_latest"] = _days(documents["published"])
    frame["republication_of"] = pd.Series(pd.NA, index=frame.index, dtype="string")
    incidents = pd.DataFrame(
        {"incident_id": pd.Series([], dtype="string"), "distinct_from": pd.Series([], dtype="string")}
    )
    actors = pd.DataFrame({"actor_id": pd.Series([a for side in maker.actors.values() for a in side], dtype="string")})
    labels = pd.DataFrame(
        {
            "claim_id": column("id"),
            "source_id": column("source"),
            "assertion": column("assertion"),
            "event": column("event"),
            "root": column("root"),
        }
    ).astype("string")
    tables = {
        "claims": claims,
        "mentions": mentions,
        "sources": frame,
        "incidents": incidents,
        "places": maker.places,
        "equipment": maker.equipment,
        "actors": actors,
    }
    return Synthetic(tables, labels)


Pairs = list[tuple[str, str]]


def with_module(made: Synthetic, kind: str) -> Pairs:
    """Suggestions of the module, nearest first."""
    frame = suggest_links(made.tables, kinds=[kind])
    return list(zip(frame["left"], frame["right"], strict=True))


def with_recordlinkage(made: Synthetic, kind: str) -> Pairs:
    """Claims by recordlinkage: the module's own pairs, compared by equality, decay and distance, equally weighted.

    As it has no score with a meaning, the nearest pairs are kept, twice as many as there are true links.
    """
    rl: Any = importlib.import_module("recordlinkage")
    claims = made.tables["claims"].merge(made.tables["places"], on="place_id", how="left")
    flat = claims.set_index("claim_id").astype("object")
    end = pd.to_datetime(claims["date_end"]).set_axis(flat.index)
    kind_of = claims["equipment_class"].fillna(claims["personnel_category"]).set_axis(flat.index)
    frame = pd.DataFrame(
        {
            "class": kind_of.astype("object"),
            "thing": claims["equipment_id"].fillna(claims["personnel_category"]).set_axis(flat.index).astype("object"),
            "days": (end - START).dt.days.astype("float64"),
            "low": claims["count_low"].astype("float64").set_axis(flat.index),
            "latitude": claims["latitude"].astype("float64").set_axis(flat.index),
            "longitude": claims["longitude"].astype("float64").set_axis(flat.index),
        }
    )
    same = [
        "place_id",
        "claimant_id",
        "claimant_bloc",
        "lost_by_id",
        "lost_by_bloc",
        "outcome",
        "stance",
        "figure_kind",
    ]
    frame[same] = flat[same].where(flat[same].notna(), None)
    records = _records(kind, made.tables)
    left, right = _block(kind, records, None)
    ids = records["id"].to_numpy()
    pairs = pd.MultiIndex.from_arrays([ids[left], ids[right]])
    compare = rl.Compare()
    for name in ("thing", "class", *same):
        compare.exact(name, name, label=name)
    compare.numeric("low", "low", method="gauss", offset=0, scale=2, label="low")
    compare.numeric("days", "days", method="gauss", offset=1, scale=3, label="days")
    compare.geo("latitude", "longitude", "latitude", "longitude", method="exp", offset=5, scale=30, label="km")
    features = compare.compute(pairs, frame)
    score = features.sum(axis=1).sort_values(ascending=False, kind="stable")
    kept = score.head(2 * len(made.planted(kind)))
    return [(min(a, b), max(a, b)) for a, b in kept.index]


def with_datasketch(made: Synthetic, kind: str) -> Pairs:
    """Texts by MinHash over the figures, phrases and title words of each document."""
    datasketch: Any = importlib.import_module("datasketch")
    claims = made.tables["claims"].merge(made.tables["mentions"][["claim_id", "source_id", "item_text"]], on="claim_id")
    marks: dict[str, set[str]] = defaultdict(set)
    for source, title in made.tables["sources"][["source_id", "title"]].itertuples(index=False):
        marks[source].update(f"w:{word}" for word in title.split())
    columns = ["source_id", "count_text", "item_text", "count_low", "outcome"]
    for source, count, item, low, outcome in claims[columns].itertuples(index=False):
        marks[source] |= {f"p:{count} {item}", f"s:{low} {outcome} {item}"}
    lsh = datasketch.MinHashLSH(threshold=0.5, num_perm=64)
    hashes: dict[str, Any] = {}
    found: list[tuple[float, tuple[str, str]]] = []
    for source in sorted(marks):
        made_hash = datasketch.MinHash(num_perm=64, seed=1)
        made_hash.update_batch([m.encode() for m in sorted(marks[source])])
        for other in lsh.query(made_hash):
            found.append((made_hash.jaccard(hashes[other]), (other, source)))
        hashes[source] = made_hash
        lsh.insert(source, made_hash)
    return [pair for _, pair in sorted(found, reverse=True)]


LIBRARIES: dict[str, tuple[Callable[[Synthetic, str], Pairs], tuple[str, ...]]] = {
    "splink": (with_module, ("claim", "incident", "text")),
    "recordlinkage": (with_recordlinkage, ("claim", "incident")),
    "datasketch": (with_datasketch, ("text",)),
}


def main() -> None:
    """Print time, memory, recall and share of true links among the nearest, per size and kind."""
    parser = argparse.ArgumentParser(description="Measure the suggestion of links.")
    parser.add_argument("--against", choices=LIBRARIES, default="splink", help="splink is the module itself")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="numbers of claims")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    run, kinds = LIBRARIES[args.against]
    print(f"{'claims':>8} {'kind':<9} {'seconds':>8} {'peak GB':>8} {'links':>7} {'pairs':>8} {'recall':>7} {'top':>6}")
    for size in args.sizes:
        made = synthetic(size, args.seed)
        for kind in kinds:
            begin = time.perf_counter()
            pairs = run(made, kind)
            seconds = time.perf_counter() - begin
            planted = made.planted(kind)
            recall = len(planted.intersection(pairs)) / len(planted)
            top = sum(pair in planted for pair in pairs[: len(planted)]) / len(planted)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(
                f"{len(made.labels):>8} {kind:<9} {seconds:>8.1f} {peak:>8.2f} {len(planted):>7} {len(pairs):>8} "
                f"{recall:>7.3f} {top:>6.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
