"""The build command: makes, checks and writes the published files, and says what it did."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lossclaims.diffs import diff_csv
from lossclaims.house import House, find_house
from lossclaims.pipeline import STEPS, Built, build_tables
from lossclaims.placing import place
from lossclaims.problems import InputError
from lossclaims.publish import render, stale, write
from lossclaims.releases import NoRelease

MOST_CHANGES = 200


def main(argv: list[str] | None = None) -> int:
    """Run ``build.py``.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        0 done or current; 1 faults in the input, not current, or files that cannot be written.
    """
    parser = argparse.ArgumentParser(
        prog="build.py", description="Build the validated tables and the descriptor from the hand-written files."
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say whether the published files are current, row by row"
    )
    parser.add_argument("--release", action="store_true", help="write dist/ as well: everything that people download")
    parser.add_argument(
        "--previous", metavar="RELEASE", help="the release before: a folder, a zip or a version, to say what changed"
    )
    parser.add_argument("--root", type=Path, help="checkout to build; the one around the current folder by default")
    args = parser.parse_args(argv)
    if args.previous and not args.release:
        parser.error("--previous goes with --release")
    if args.check and args.release:
        parser.error("--check writes nothing: leave one of --check and --release out")
    begin = time.perf_counter()
    try:
        house = find_house(args.root)
        with progress() as step:
            built = build_tables(house, step=step)
            files = render(built, house)
        for problem in built.problems.warnings:
            print(problem, file=sys.stderr)
        if args.check:
            return _check(built, house, files)
        changed = _release(built, house, files, args.previous) if args.release else write(files, house)
    except InputError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} errors; nothing was written", file=sys.stderr)
        return 1
    except NoRelease as error:
        print(f"--previous: {error}; nothing was written", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"{error.filename or 'build.py'}: error: {error.strerror or error}; what was published stays",
            file=sys.stderr,
        )
        return 1
    _summary(built, changed, time.perf_counter() - begin)
    return 0


def _release(built: Built, house: House, files: dict[Path, bytes], previous: str | None) -> list[Path]:
    """Tables and ``dist/``: nothing is written before everything but wheel and sdist is made."""
    from lossclaims.release import compare, packages, release_files, with_sums

    compared = compare(built, house, files, previous)
    made = release_files(built, house, files, compared)
    changed = write(files, house)
    # wheel and sdist hold the tables as they lie in the checkout
    made = with_sums({**made, **packages(house)})
    return changed + place(house.root, {house.dist / name: data for name, data in made.items()}, [house.dist])


def _check(built: Built, house: House, files: dict[Path, bytes]) -> int:
    changed = stale(files, house)
    if not changed:
        print("current: the published files are what the build would write")
        return 0
    print("not current; 'python build.py' would change:")
    shown = 0
    for path in changed:
        print(f"  {house.name(path)}")
        if path.suffix != ".csv":
            continue
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        key = built.schema[path.stem].primary_key if path.stem in built.schema.tables else ()
        for change in diff_csv(path.stem, key, before, files.get(path, b"").decode()):
            shown += 1
            if shown <= MOST_CHANGES:
                print(f"    {change}")
    if shown > MOST_CHANGES:
        print(f"    and {shown - MOST_CHANGES} more rows")
    return 1


def _summary(built: Built, changed: list[Path], seconds: float) -> None:
    tables = built.tables
    width = max(len(name) for name in tables)
    print(f"{'table':<{width}}  {'rows':>7}")
    for name, frame in tables.items():
        print(f"{name:<{width}}  {len(frame):>7}")
    sources = tables["sources"]
    read = sources[sources["read_as"].astype("string") != "not_read"]
    print(
        f"\n{len(tables)} tables, {sum(map(len, tables.values()))} rows; "
        f"{len(sources)} sources, {len(read)} of them read, in {read['language'].nunique()} languages; "
        f"{len(tables['mentions'])} mentions, {len(tables['claims'])} claims, {len(tables['incidents'])} incidents"
    )
    print(f"{len(changed)} files changed, {len(built.problems.warnings)} warnings, {seconds:.1f} seconds")


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("build", total=len(STEPS) + 1)

        def step(name: str) -> None:
            bar.update(task, advance=1, description=name)

        yield step
