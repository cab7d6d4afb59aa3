"""The command ``lossclaims``: for readers anywhere, for coders in a checkout."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


EXAMPLES = """examples:
  lossclaims tables
  lossclaims show LYI0001
  lossclaims ledger --lost-by-bloc lna --equipment-class uav --explain
  lossclaims cite --style bibtex
  lossclaims check datasets/records/libya-2019-2020/reports/2020-05
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
        "check",
        _check,
        "say what the build would object to in some files",
        "check\ncheck datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml --fix\ncheck --texts ../texts",
    )
    one.add_argument(
        "paths", nargs="*", type=Path, metavar="FILE|FOLDER", help="files or folders; everything by default"
    )
    one.add_argument("--fix", action="store_true", help="rewrite files without other faults in canonical form")
    one.add_argument("--texts", type=Path, metavar="DIR", help="folder with the texts, to prove words and places")
    one.add_argument("--root", type=Path, help="checkout; the one around the current folder by default")
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


def _check(args: argparse.Namespace) -> int:
    from lossclaims.checking import check
    from lossclaims.house import find_house

    result = check(find_house(args.root), args.paths, texts=args.texts, fix=args.fix)
    for path in result.rewritten:
        print(f"rewritten: {path}")
    for problem in result.problems:
        print(problem)
    if args.texts is not None:
        print(f"{result.n_texts} mentions held against their texts")
    print(f"{result.n_files} files, {len(result.errors)} errors, {len(result.problems) - len(result.errors)} warnings")
    return 1 if result.errors else 0
