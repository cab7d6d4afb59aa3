"""Does the command line do what CONTRIBUTING and its help say?"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lossclaims.cli import main
from lossclaims.house import House

REPORT = "datasets/records/libya-2019-2020/reports/2020-05/LY0003.yaml"
ADDRESS = "https://www.example.org/2020/05/24/drones/?utm_source=feed"


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    status = main(args)
    said = capsys.readouterr()
    return status, said.out, said.err


def next_id(house: House) -> str:
    return f"LY{1 + max(int(p.stem[2:]) for p in house.records.glob('*/reports/*/LY0*.yaml')):04d}"


def test_a_report_from_address_to_row(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """The path of CONTRIBUTING: new, three mistakes named at their lines, mended, the rows that would be added."""
    root = ["--root", str(house.root)]
    number = next_id(house)
    status, out, _ = run(capsys, "new", "report", ADDRESS, "--published", "2020-05-24", "--coder", "c02", *root)
    path = house.root / out.strip()
    assert status == 0 and path.name == f"{number}.yaml"
    blank = path.read_text(encoding="utf-8")
    assert "\nurl: https://www.example.org/2020/05/24/drones/\n" in blank
    assert blank.startswith("# yaml-language-server: $schema=../../../../../schemas/records/report.json\n")
    # empty keys are named, each at its line
    status, out, _ = run(capsys, "check", str(path), *root)
    assert status == 1 and "key_has_a_value" in out and "claimant_id" not in blank.split("mentions:")[0]
    outlet, text = "global_research", []
    for line in blank.splitlines():
        key = line.removeprefix("- ").strip().partition(":")[0]
        value = {
            "outlet_id": outlet, "language": "en", "read_as": "opening", "item_text": "Turkish drones", "count_text": "tow",
            "claimant_id": "Haftar's forces", "attribution": "named", "stance": "asserts", "lost_by_id": "turkey",
            "cause": "enemy_fire", "equipment_id": "uav", "outcome": "shot_dwn", "figure_kind": "incidnt",
        }.get(key)  # fmt: skip
        if value:
            line = line.rstrip() + " " + value
        if line.rstrip().endswith(":") and not line.startswith("mentions"):
            continue
        text.append(line)
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    status, out, _ = run(capsys, "check", str(path), *root)
    assert status == 1
    for key, value in (("count_text", "tow"), ("outcome", "shot_dwn"), ("figure_kind", "incidnt")):
        at = next(i for i, t in enumerate(text, 1) if t.strip() == f"{key}: {value}")
        assert f"{house.name(path)}:{at}: error: {key} = '{value}'" in out
    mended = "\n".join(text).replace("tow", "two").replace("shot_dwn", "shot_down").replace("incidnt", "incident")
    path.write_text(mended + "\n", encoding="utf-8")
    status, out, _ = run(capsys, "check", str(path), "--fix", *root)
    assert status == 0, out
    assert "claimant_id: lna\n" in path.read_text(encoding="utf-8")
    status, out, _ = run(capsys, "suggest-links", "--only", number, "--most", "9", *root)
    assert status == 0 and number in out
    near = json.loads(run(capsys, "suggest-links", "--only", number, "--json", *root)[1])
    assert near and all(number in pair["left"] + pair["right"] and pair["reasons"] for pair in near)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parents[1] / "build.py"), "--root", str(house.root), "--check"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"+ claims {number}.1: " in done.stdout and "lost_by_id=turkey" in done.stdout


@pytest.mark.parametrize(
    "spelling",
    [
        ADDRESS,
        "http://example.org/2020/05/24/drones",
        "https://m.example.org/2020/05/24/drones/#comments",
        "HTTPS://www.Example.org/2020/05/24/drones?fbclid=abc",
        "https://example.org/2020/05/24/drones/amp/",
    ],
)
def test_address_that_is_coded_is_refused(house: House, capsys: pytest.CaptureFixture[str], spelling: str) -> None:
    root = ["--root", str(house.root)]
    assert run(capsys, "new", "report", ADDRESS, *root)[0] == 0
    status, _, err = run(capsys, "new", "report", spelling, *root)
    assert status == 1 and "has this address already" in err


@pytest.mark.parametrize(
    "other", ["https://example.org/2020/05/24/drones-2", "https://example.org/2020/05/24/drones?id=7"]
)
def test_another_address_is_taken(house: House, capsys: pytest.CaptureFixture[str], other: str) -> None:
    root = ["--root", str(house.root)]
    assert run(capsys, "new", "report", ADDRESS, *root)[0] == 0
    assert run(capsys, "new", "report", other, *root)[0] == 0


def test_ids_come_from_the_coders_block(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    root = ["--root", str(house.root), "--start", "2000"]
    for number, page in (("LY2000", "a"), ("LY2001", "b")):
        out = run(capsys, "new", "report", f"https://example.org/{page}", *root)[1]
        assert out.strip().endswith(f"reports/undated/{number}.yaml")


@pytest.mark.parametrize(
    "args",
    [
        ["new", "report", "no address"],
        ["new", "report", "https://example.org/x", "--published", "May"],
        ["new", "report", "https://example.org/x", "--collection", "none"],
        ["show", "nothing-of-that-name"],
        ["ledger", "--lost-by-bloc", "nobody"],
        ["ledger", "--as-of", "June"],
        ["check", "no/such/file.yaml"],
    ],
)
def test_wrong_use_is_one_clear_error(house: House, capsys: pytest.CaptureFixture[str], args: list[str]) -> None:
    if args[0] in ("new", "check"):
        args = [*args, "--root", str(house.root)]
    status, out, err = run(capsys, *args)
    assert status == 1 and "Traceback" not in out + err and out + err


def test_faults_as_json_github_and_sarif(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    path = house.root / REPORT
    text = path.read_text(encoding="utf-8")
    line = text[: text.index("claimant_id: lna")].count("\n") + 1
    path.write_text(text.replace("claimant_id: lna", "claimant_id: lma", 1), encoding="utf-8")
    args = ["check", str(path), "--root", str(house.root), "--format"]
    (problem,) = json.loads(run(capsys, *args, "json")[1])
    assert (problem["file"], problem["line"], problem["value"]) == (REPORT, line, "lma")
    assert run(capsys, *args, "github")[1].startswith(f"::error file={REPORT},line={line},title=name_is_known::")
    sarif = json.loads(run(capsys, *args, "sarif")[1])
    (result,) = sarif["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == line
    assert {r["id"] for r in sarif["runs"][0]["tool"]["driver"]["rules"]} == {"name_is_known"}


def test_texts_prove_words_and_one_changed_byte_fails(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib

    text = "Drones lost\n\nA spokesman said that 13 Turkish drones were\nbrought down near Tarhuna.\n\nOther words.\n"
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "any name.txt").write_text(text, encoding="utf-8")
    report = house.root / REPORT
    lines = report.read_text(encoding="utf-8").split("mentions:\n")
    old = lines[0].split("text_sha256: ")[1][:64]
    head = lines[0].replace(old, hashlib.sha256(text.encode()).hexdigest())
    mention = "- mention_id: LY0003.1\n" + lines[1].split("- mention_id: LY0003.6\n")[1].split("- mention_id")[0]
    import re

    mention = re.sub(r"paragraph: \d+", "paragraph: 1", mention)
    mention = re.sub(r"char_start: \d+", f"char_start: {text.index('13')}", mention)
    mention = mention.replace("item_text: Turkish unmanned combat aerial vehicles", "item_text: Turkish drones")
    mention = mention.replace("  when_text: during the last 3 days\n", "").replace(
        "claimant_text: the LNA", "claimant_text: A spokesman"
    )
    report.write_text(head + "mentions:\n" + mention, encoding="utf-8")
    for other in house.records.glob("*/reports/*/*.yaml"):
        if other != report and "text_sha256" in other.read_text(encoding="utf-8"):
            other.unlink()
    args = ["check", str(report), "--texts", str(folder), "--root", str(house.root)]
    status, out, _ = run(capsys, *args)
    assert "1 mentions held" in out and "words_stand" not in out and "recorded_hash" not in out, out
    for old_text, new_text, rule in (
        ("paragraph: 1", "paragraph: 2", "words_stand_in_the_paragraph"),
        (f"char_start: {text.index('13')}", "char_start: 3", "words_stand_at_char_start"),
        ("item_text: Turkish drones", "item_text: Turkish tanks", "words_stand_in_the_paragraph"),
    ):
        good = report.read_text(encoding="utf-8")
        report.write_text(good.replace(old_text, new_text), encoding="utf-8")
        status, out, _ = run(capsys, *args)
        assert status == 1 and rule in out
        report.write_text(good, encoding="utf-8")
    (folder / "any name.txt").write_text(text.replace("Other", "other"), encoding="utf-8")
    status, out, _ = run(capsys, *args)
    assert status == 1 and "text_has_the_recorded_hash" in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_scripts_are_made(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert "suggest-links" in run(capsys, "completion", shell)[1]


@pytest.mark.parametrize("asked", ["LY0003", "LY0003.6", "lna", "Haftar's forces", "Wing Loong II", "bani_walid"])
def test_show_finds_ids_names_and_aliases(capsys: pytest.CaptureFixture[str], asked: str) -> None:
    status, out, _ = run(capsys, "show", asked)
    assert status == 0 and "LY0003" in out
    page = json.loads(run(capsys, "show", asked, "--json")[1])
    assert page["title"] == out.splitlines()[0]


def test_readers_commands_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert "equipment_claims" in run(capsys, "tables")[1]
    assert json.loads(run(capsys, "tables", "--json")[1])[0]["name"] == "actors"
    assert "lossclaims" in run(capsys, "cite", "--style", "bibtex")[1]
    assert "gna" in run(capsys, "ledger", "--lost-by-bloc", "gna")[1]
    assert "LY0003.6" in run(capsys, "ledger", "--lost-by-bloc", "gna", "--equipment-class", "uav", "--explain")[1]


def test_help_has_examples_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("tables", "show", "ledger", "cite", "new", "check", "suggest-links", "agreement", "completion"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert f"lossclaims {command}" in capsys.readouterr().out.split("examples:")[1]


def test_command_without_its_extra_says_what_to_install() -> None:
    code = "import sys; sys.modules['yaml'] = None\nfrom lossclaims.cli import main; sys.exit(main(['check']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "lossclaims[build]" in done.stderr and "Traceback" not in done.stderr
