"""Import, first frame and validation, each as a ratio to a named baseline of the same run.

``python benchmarks/core.py`` prints medians over several runs. Processes are started anew for imports and loads.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import lossclaims as lc
from lossclaims.house import find_house
from lossclaims.problems import Problems
from lossclaims.publish import csv_bytes
from lossclaims.schema import Table, load_schema
from lossclaims.validate import constraint_faults


def process(code: str) -> float:
    """Seconds of a whole Python process that runs some code."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def interleaved(runs: int, *measures: Callable[[], float]) -> list[float]:
    """Median of each measure, taken in turns so that a busy machine slows all alike."""
    taken = [[measure() for measure in measures] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def show(what: str, own: float, baseline: str, other: float, aim: str) -> None:
    times = f"{own * 1000:9.1f} ms   {baseline:<34} {other * 1000:9.1f} ms"
    print(f"{what:<44} {times}   {own / other:7.3f}   {aim}")


def resampled(table: Table, rows: int) -> pd.DataFrame:
    """Published rows drawn anew to the size asked, with ids of their own."""
    frame = lc.load("claims").sample(rows, replace=True, random_state=1, ignore_index=True)
    ids = pd.Series([f"LY{n // 90:06d}.{n % 90 + 1}" for n in range(rows)], dtype="string")
    return frame.assign(claim_id=ids)[table.columns]


def plant(frame: pd.DataFrame) -> pd.DataFrame:
    """A fault of every kind that both tools check."""
    bad = frame.copy()
    for column in ("stance", "outcome", "attribution"):
        bad[column] = bad[column].astype("string")
    faults: list[tuple[int, str, Any]] = [
        (11, "stance", "asserted"),
        (222, "count_low", -1),
        (3333, "lost_by_id", None),
        (44444, "date_precision", 6),
        (55555, "claim_id", "LY1"),
        (66666, "claim_id", "LY000000.8"),  # a second one of that id
    ]
    for row, column, value in faults:
        values = bad[column].astype("object")
        values[row] = value
        bad[column] = values.astype(bad[column].dtype)
    return bad


def frictionless_faults(path: Path, schema: dict[str, object]) -> set[tuple[int, str]]:
    import frictionless

    resource = frictionless.Resource(
        path=path.name, basepath=str(path.parent), schema=frictionless.Schema.from_descriptor(schema)
    )
    report = resource.validate(limit_errors=1000)
    found = set()
    for row, label in report.flatten(["rowNumber", "fieldName"]):
        found.add((int(row) - 2, str(label or "claim_id")))
    return found


def pandera_faults(frame: pd.DataFrame, table: Table) -> set[tuple[int, str]]:
    at = {key: i for i, key in reversed(list(enumerate(frame["claim_id"])))}
    last = {key: i for i, key in enumerate(frame["claim_id"])}
    found = set()
    for key, column, _, rule, _ in constraint_faults(frame, table):
        # a doubled key is the fault of the later row
        found.add(((last if "unique" in rule else at)[key[0]], column))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--rows", type=int, default=100_000)
    args = parser.parse_args()
    print(f"{'measure':<44} {'median':>12}   {'baseline':<34} {'median':>12}   {'ratio':>7}   aim")

    own, bare = interleaved(args.runs, lambda: process("import lossclaims"), lambda: process("pass"))
    show("import lossclaims", own, "bare Python", bare, f"at most 30 ms more: {1000 * (own - bare):.1f} ms more")

    path = lc.path("claims")
    load = "import lossclaims as lc; lc.load('claims')"
    plain = f"import pandas as pd; pd.read_parquet({str(path)!r})"
    own, other = interleaved(args.runs, lambda: process(load), lambda: process(plain))
    show("first frame, lc.load('claims')", own, "pandas.read_parquet", other, "at most 1.1")

    schema = load_schema(find_house(), Problems())
    table = schema["claims"]
    frame = resampled(table, args.rows)
    descriptor = table.frictionless(foreign_keys=False)
    with tempfile.TemporaryDirectory() as folder:
        csv_path = Path(folder) / "claims.csv"
        csv_path.write_bytes(csv_bytes(frame))

        def ours() -> float:
            begin = time.perf_counter()
            assert constraint_faults(frame, table) == []
            return time.perf_counter() - begin

        def theirs() -> float:
            begin = time.perf_counter()
            assert frictionless_faults(csv_path, descriptor) == set()
            return time.perf_counter() - begin

        # importing either is measured nowhere here: both are warm
        ours(), theirs()
        own, other = interleaved(max(args.runs // 3, 1), ours, theirs)
        aim = f"50 times faster: {other / own:.0f}"
        show(f"pandera checks, {args.rows} claims", own, "frictionless validate, same CSV", other, aim)
        bad = plant(frame)
        csv_path.write_bytes(csv_bytes(bad))
        a, b = pandera_faults(bad, table), frictionless_faults(csv_path, descriptor)
    print(
        f"planted faults: pandera {len(a)}, frictionless {len(b)}, {'the same' if a == b else f'not the same: {a ^ b}'}"
    )


if __name__ == "__main__":
    main()
