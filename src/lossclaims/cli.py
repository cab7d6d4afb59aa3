"""The command ``lossclaims``: for readers anywhere, for coders in a checkout."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


EXAMPLES = """examples:
  lossclaims tables
  lossclaims show LYI0001
  lossclaims ledger --lost-by-bloc lna --equipment-class uav --explain
  lossclaims cite --style bibtex
  lossclaims verify lossclaims-1.0.0-csv.zip
  lossclaims diff 1.0.0 1.1.0
  lossclaims new report https://example.org/2020/05/report --published 2020-05-26
  lossclaims check datasets/records/libya-2019-2020/reports/2020-05
  lossclaims suggest-links --only LY0003
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        0 done, 1 faults found or nothing such there, 2 wrong use.
    """
    args = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = args.run
    try:
        return run(args)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "lossclaims":
            raise
        print(
            f"lossclaims {args.command}: {error.name} is not installed; pip install 'lossclaims[{args.extra}]'",
            file=sys.stderr,
        )
    except (ValueError, FileNotFoundError) as error:
        print(f"lossclaims {args.command}: {error}", file=sys.stderr)
    except BrokenPipeError:
        # the reader of a pipe went away: no fault, and nothing to say to it
        sys.stderr.close()
    return 1


def parser() -> argparse.ArgumentParser:
    """Parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="lossclaims",
        description="Who claimed what was lost in war: read the dataset, or code for it.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="store_true", help="print the version")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    top.set_defaults(run=_top, extra="build")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=text,
            description=text[0].upper() + text[1:] + ".",
            epilog="examples:\n" + "\n".join(f"  lossclaims {e}" for e in example.split("\n")),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made

    one = command("tables", _tables, "list the tables", "tables\ntables --json")
    one.add_argument("--json", action="store_true", help="as JSON")
    one = command("cite", _cite, "say how to cite this release", "cite\ncite --style bibtex")
    one.add_argument("--style", choices=("text", "bibtex", "apa"), default="text")
    one = command(
        "show",
        _show,
        "show a report, claim, incident, series, actor, place or model as a person reads it",
        "show LYI0001\nshow LY0003.6\nshow LY0003\nshow lna\nshow bayraktar_tb2 --json",
    )
    one.add_argument("id", help="id, or the name of an actor, place or piece of equipment")
    one.add_argument("--as-of", metavar="DAY", help="only what was published by that day")
    one.add_argument("--json", action="store_true", help="as JSON")

    one = command(
        "ledger",
        _ledger,
        "totals that count nothing twice",
        "ledger\nledger --lost-by-bloc lna --equipment-class uav --start 2020-05-01 --end 2020-05-31\n"
        "ledger --lost-by-bloc gna --equipment-class uav --explain",
    )
    for name in ("lost-by-bloc", "claimant-bloc", "equipment-class", "personnel-category", "outcome-group"):
        one.add_argument(
            f"--{name}", nargs="+", metavar="WORD", help=f"only these; words of the column {name.replace('-', '_')}"
        )
    for name, text in (
        ("start", "count only what lies after"),
        ("end", "count only what lies before"),
        ("as-of", "by what was published by"),
    ):
        one.add_argument(f"--{name}", metavar="DAY", help=f"{text} that day, as YYYY-MM-DD")
    one.add_argument(
        "--convention", default="default", help="profile under which words are numbers (default, acled, ...)"
    )
    one.add_argument("--explain", action="store_true", help="every figure used and left out, with the reason")
    one.add_argument("--json", action="store_true", help="as JSON")

    one = command(
        "verify",
        _verify,
        "prove that a downloaded release is whole and the published one",
        "verify .\nverify lossclaims-1.0.0-csv.zip\nverify dist --json",
    )
    one.add_argument("release", type=Path, metavar="FOLDER|ZIP", help="folder with SHA256SUMS, or a zip")
    one.add_argument("--json", action="store_true", help="as JSON")

    one = command(
        "diff",
        _diff,
        "rows and columns that differ between two releases",
        "diff lossclaims-1.0.0-csv.zip dist\ndiff 1.0.0 1.1.0 --format markdown",
    )
    one.add_argument("old", metavar="OLD", help="folder, zip or version")
    one.add_argument("new", metavar="NEW", help="folder, zip or version")
    one.add_argument("--format", choices=("table", "csv", "json", "markdown"), default="table", help="form of the rows")
    one.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")

    one = command(
        "new",
        _new,
        "make a record for a report that is not coded yet",
        "new report https://example.org/2020/05/report\nnew report https://example.org/x --coder c02",
    )
    one.add_argument("kind", choices=("report",))
    one.add_argument("url", help="public address of the report")
    one.add_argument("--published", default="", metavar="DAY", help="day of publication, if known")
    one.add_argument("--collection", default="", help="collection; the only one by default")
    one.add_argument("--start", type=int, default=1, metavar="N", help="lowest number of your block of ids")
    one.add_argument("--coder", default="", help="your pseudonym, such as c02")

    one = command(
        "check",
        _check,
        "say what the build would object to in some files",
        "check\ncheck datasets/records/libya-2019-2020/reports/2020-05 --fix\ncheck --texts ../texts",
    )
    one.add_argument(
        "paths", nargs="*", type=Path, metavar="FILE|FOLDER", help="files or folders; everything by default"
    )
    one.add_argument("--fix", action="store_true", help="rewrite files without other faults in canonical form")
    one.add_argument("--texts", type=Path, metavar="DIR", help="folder with the texts, to prove words and places")
    one.add_argument("--format", choices=("text", "json", "github", "sarif"), default="text", help="form of the faults")
    one.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")

    one = command(
        "suggest-links",
        _suggest_links,
        "candidate pairs that may be one claim, one incident or one text",
        "suggest-links --only LY0003\nsuggest-links --kind claim --most 20 --json\nsuggest-links --evaluate",
    )
    one.add_argument("--only", nargs="+", metavar="ID", help="reports or claims of which one must be in the pair")
    one.add_argument("--kind", nargs="+", choices=("claim", "incident", "text"), help="kinds of link; all by default")
    one.add_argument("--most", type=int, default=50, metavar="N", help="how many pairs of each kind at the most")
    one.add_argument("--evaluate", action="store_true", help="recall against the links that coders made")
    one.add_argument("--json", action="store_true", help="as JSON")

    one = command(
        "agreement",
        _agreement,
        "compare second codings of reports with the first",
        "agreement\nagreement --seed 1 --write\nagreement --json",
    )
    one.set_defaults(extra="agreement")
    one.add_argument("--seed", type=int, default=1, help="seed of the bootstrap")
    one.add_argument("--draws", type=int, default=1000, help="bootstrap draws")
    one.add_argument("--write", action="store_true", help="write reliability.csv of the collections")
    one.add_argument("--json", action="store_true", help="as JSON")

    for name in ("new", "check", "suggest-links", "agreement"):
        commands.choices[name].add_argument(
            "--root", type=Path, help="checkout; the one around the current folder by default"
        )

    one = command("completion", _completion, "print the completion script of a shell", "completion bash")
    one.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    return top


def _top(args: argparse.Namespace) -> int:
    if args.version:
        from importlib.metadata import version

        print(version("lossclaims"))
        return 0
    parser().print_help()
    return 2


def _tables(args: argparse.Namespace) -> int:
    from lossclaims.data import tables

    frame = tables()
    if args.json:
        print(frame.to_json(orient="records", indent=1, force_ascii=False))
    else:
        width = int(frame["name"].str.len().max())
        for row in frame.itertuples(index=False):
            print(f"{row.name:<{width}}  {row.rows:>7}  {row.description}")
    return 0


def _cite(args: argparse.Namespace) -> int:
    from lossclaims.data import cite

    print(cite(args.style))
    return 0


def _print_frame(frame: pd.DataFrame, as_json: bool) -> None:
    if as_json:
        print(frame.to_json(orient="records", indent=1, force_ascii=False, date_format="iso", date_unit="s"))
        return
    shown = frame.astype("object").where(frame.notna(), "")
    for column in frame.columns:
        if frame[column].dtype.kind == "M":
            shown[column] = frame[column].dt.strftime("%Y-%m-%d").fillna("")
    print(shown.to_string(index=False) if len(shown) else "nothing")


def _show(args: argparse.Namespace) -> int:
    from lossclaims.show import facts, render

    found = facts(args.id, as_of=args.as_of)
    print(json.dumps(found, ensure_ascii=False, indent=1) if args.json else render(found))
    return 0


def _ledger(args: argparse.Namespace) -> int:
    from lossclaims.data import explain, ledger

    asked = {
        name: getattr(args, name)
        for name in (
            "lost_by_bloc", "claimant_bloc", "equipment_class", "personnel_category", "outcome_group",
            "start", "end", "as_of", "convention",
        )
    }  # fmt: skip
    frame = (explain if args.explain else ledger)(**asked)
    if not args.json and not args.explain:
        frame = frame.drop(columns=["collection_id", "domain"])
    _print_frame(frame, args.json)
    return 0


def _verify(args: argparse.Namespace) -> int:
    from lossclaims.verifying import verify

    found = verify(args.release)
    if args.json:
        print(json.dumps(vars(found), ensure_ascii=False, indent=1))
    else:
        for fault in found.faults:
            print(fault)
        for note in found.notes:
            print(f"note: {note}")
        print(f"{found.files} files and {found.rows} rows verified, {len(found.faults)} faults")
    return 1 if found.faults else 0


def _diff(args: argparse.Namespace) -> int:
    from lossclaims.diffs import as_csv, as_markdown, diff_releases, lines, next_version, required_part
    from lossclaims.releases import open_release

    old, new = open_release(args.old), open_release(args.new)
    changes = diff_releases(old, new)
    rows = lines(changes)
    if args.format == "csv":
        print(as_csv(rows), end="")
    elif args.format == "markdown":
        print(as_markdown(rows), end="")
    elif args.format == "json":
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for change in changes:
            print(change)
    part = required_part(changes)
    rises = (
        "no part of it has to rise"
        if part == "none"
        else f"{part.upper()} must rise, to {next_version(old.version, part)} or higher"
    )
    # beside a form that a program reads, words for people go to the other stream
    print(f"{len(changes)} changes from {old.version} to {new.version}; {rises}",
          file=sys.stdout if args.format == "table" else sys.stderr)  # fmt: skip
    return 0


def _new(args: argparse.Namespace) -> int:
    from lossclaims.desk import new_report
    from lossclaims.house import find_house
    from lossclaims.problems import InputError

    house = find_house(args.root)
    try:
        path = new_report(
            house, args.url, published=args.published, collection=args.collection, start=args.start, coder=args.coder
        )
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    print(house.name(path))
    print(f"fill the empty keys, then: lossclaims check {house.name(path)} --fix", file=sys.stderr)
    return 0


def _check(args: argparse.Namespace) -> int:
    from lossclaims.checking import check
    from lossclaims.house import find_house
    from lossclaims.report_formats import format_problems

    house = find_house(args.root)
    result = check(house, args.paths, texts=args.texts, fix=args.fix)
    text = format_problems(result.problems, args.format)
    if text:
        print(text)
    # beside a form that a program reads, words for people go to the other stream
    out = sys.stdout if args.format == "text" else sys.stderr
    for path in result.rewritten:
        print(f"rewritten: {house.name(path)}", file=out)
    if args.texts is not None:
        print(f"{result.n_texts} mentions held against their texts", file=out)
    warnings = len(result.problems) - len(result.errors)
    print(f"{result.n_files} files, {len(result.errors)} errors, {warnings} warnings", file=out)
    return 1 if result.errors else 0


def _suggest_links(args: argparse.Namespace) -> int:
    from lossclaims.house import find_house
    from lossclaims.links import evaluate, suggest_links
    from lossclaims.pipeline import build_tables
    from lossclaims.problems import InputError

    try:
        tables = build_tables(find_house(args.root)).tables
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    if args.evaluate:
        _print_frame(evaluate(tables), args.json)
        return 0
    only = None
    if args.only:
        claims = tables["mentions"]
        only = set(args.only) | set(claims.loc[claims["source_id"].isin(args.only), "claim_id"])
    kinds = tuple(args.kind) if args.kind else ("claim", "incident", "text")
    found = suggest_links(tables, kinds=kinds, only=only, most=args.most)
    if args.json:
        _print_frame(found, as_json=True)
    for row in () if args.json else found.astype("object").itertuples(index=False):
        linked = ", linked already" if row.already_linked else ""
        print(f"{row.score:.2f}  same {row.kind}?  {row.left} ~ {row.right}{linked}\n      {row.reasons}")
    if found.empty and not args.json:
        print("nothing is near enough")
    return 0


def _agreement(args: argparse.Namespace) -> int:
    from lossclaims.agreement import agreement, render, to_json, write
    from lossclaims.house import find_house
    from lossclaims.problems import InputError

    house = find_house(args.root)
    result = agreement(house, seed=args.seed, draws=args.draws)
    print(to_json(result) if args.json else render(result), end="")
    if result.errors:
        return 1
    if args.write:
        try:
            written = write(result, house)
        except InputError as error:
            print(error, file=sys.stderr)
            return 1
        for path in written:
            print(f"written: {house.name(path)}", file=sys.stderr)
    return 0


def _completion(args: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(parser(), args.shell))
    return 0
