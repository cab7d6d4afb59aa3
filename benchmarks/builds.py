"""How the build and the check of one record grow with the number of reports.

Real reports in a house of their own: the first N, with links to the others left out. Each run is a process of its own;
the baseline reads the same YAML files and does nothing else.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIZES = (100, 1000)
KEPT = ("schemas", "datasets/vocabulary", "docs", "pyproject.toml", "CITATION.cff")
BASELINE = (
    "import sys, yaml, pathlib; found = pathlib.Path(sys.argv[1]).rglob('LY*.yaml'); "
    "[yaml.compose(p.read_text(encoding='utf-8'), yaml.CSafeLoader) for p in found]"
)
BUILD = "from lossclaims.builder import main; import sys; sys.exit(main(['--root', sys.argv[1]]))"
CHECK = "from lossclaims.cli import main; import sys; sys.exit(main(['check', '--root', *sys.argv[1:]]))"


def house(root: Path, size: int) -> list[Path]:
    """Make a house of the first reports; their files."""
    for name in KEPT:
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    (root / "src" / "lossclaims").mkdir(parents=True)
    records = ROOT / "datasets" / "records"
    (folder,) = (p for p in records.iterdir() if p.is_dir())
    target = root / "datasets" / "records" / folder.name
    target.mkdir(parents=True)
    for name in ("collection.yaml", "series.yaml"):
        shutil.copy(folder / name, target / name)
    chosen = sorted(folder.glob("reports/*/*.yaml"), key=lambda p: (len(p.stem), p.stem))[:size]
    there = {p.stem for p in chosen}
    incidents = set()
    for path in chosen:
        lines = []
        for line in path.read_text(encoding="utf-8").splitlines():
            link = re.match(r"  (restates|responds_to|part_of|item_id|incident_id): '?(LYI?[0-9]+)", line)
            if line.startswith("republication_of") or (link and link[1] == "item_id"):
                continue
            if link and link[1] == "incident_id":
                incidents.add(link[2])
            elif link and link[2] not in there:
                continue
            lines.append(line)
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in folder.glob("incidents/*/*.yaml"):
        if path.stem in incidents:
            text = re.split(r"(?m)^(?:items|evidence):", path.read_text(encoding="utf-8"))[0]
            text = re.sub(r"(?m)^distinct_(?:from|basis): .*\n", "", text)
            copy = target / path.relative_to(folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")
    return sorted(target.glob("reports/*/*.yaml"))


def measured(code: str, *args: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one process."""
    wrapped = (
        f"import resource, sys\ntry:\n    {code}\nexcept SystemExit as end:\n    assert end.code in (0, 1), end.code\n"
        "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", wrapped, *args], capture_output=True, text=True, check=True)
    return time.perf_counter() - begin, float(done.stdout.rsplit("peak", 1)[1])


def main() -> None:
    sizes = [*SIZES, len(list((ROOT / "datasets" / "records").glob("*/reports/*/*.yaml")))]
    print(f"{'reports':>8} {'mentions':>9} {'read YAML':>10} {'build':>8} {'ratio':>6} {'peak MB':>8} {'check':>7}")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "house"
            files = house(root, size)
            mentions = sum(p.read_text(encoding="utf-8").count("- mention_id") for p in files)
            records = str(root / "datasets" / "records")
            base = statistics.median(measured(BASELINE, records)[0] for _ in range(3))
            builds = [measured(BUILD, str(root)) for _ in range(3)]
            checks = [measured(CHECK, str(root), str(p))[0] for p in files[:: max(1, len(files) // 7)][:7]]
            build = statistics.median(b for b, _ in builds)
            peak = max(m for _, m in builds)
            print(
                f"{len(files):>8} {mentions:>9} {base:>9.2f}s {build:>7.1f}s {build / base:>6.1f} {peak:>8.0f} "
                f"{statistics.median(checks):>6.2f}s"
            )


if __name__ == "__main__":
    main()
