"""Does the loader give what it promises?"""

from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pandas as pd
import pytest

import lossclaims as lc
from lossclaims._names import TableName
from lossclaims.house import House

NAMES = get_args(TableName)


def test_importing_imports_no_pandas() -> None:
    code = "import sys, lossclaims; print(sorted(m for m in ('pandas', 'pyarrow', 'yaml') if m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_loading_needs_no_build_extra() -> None:
    code = (
        "import sys\n"
        "for name in ('yaml', 'pandera', 'frictionless', 'babel', 'num2words', 'rapidfuzz', 'rich'):\n"
        "    sys.modules[name] = None\n"
        "import lossclaims as lc\n"
        "lc.load('claims', as_of='2020-06-01'); lc.ledger(); lc.explain(); lc.recode(lc.load('claims'), 'acled')\n"
        "print(len(lc.tables()), lc.cite()[:10])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_names_are_the_schema_files(checkout: House) -> None:
    assert set(NAMES) == {p.stem for p in checkout.table_schemas.glob("*.yaml")}


def test_tables_lists_all_with_rows() -> None:
    frame = lc.tables().set_index("name")
    assert set(frame.index) == set(NAMES)
    assert all(frame.loc[name, "rows"] == len(lc.load(name)) for name in NAMES)


def test_types_are_as_promised() -> None:
    claims = lc.load("claims")
    assert str(claims["count_low"].dtype) == "Int64"
    assert str(claims["date_end"].dtype) == "datetime64[s]"
    assert isinstance(claims["stance"].dtype, pd.CategoricalDtype)
    assert set(claims["stance"].cat.categories) == {"asserts", "denies", "retracts"}
    assert str(claims["claim_id"].dtype) == "string"
    assert str(lc.load("places")["latitude"].dtype) == "Float64"


def test_columns_come_in_the_order_asked() -> None:
    assert list(lc.load("claims", columns=["outcome", "claim_id"]).columns) == ["outcome", "claim_id"]


def test_backends_hold_the_same() -> None:
    pandas = lc.load("claims")
    arrow = lc.load("claims", backend="arrow")
    polars = lc.load("claims", backend="polars")
    assert arrow.num_rows == polars.height == len(pandas)
    assert polars["claim_id"].to_list() == arrow["claim_id"].to_pylist() == pandas["claim_id"].to_list()
    assert polars["count_low"].to_list() == pandas["count_low"].to_list()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("backend", ["pandas", "arrow", "polars"])
def test_as_of_the_last_day_is_now(name: TableName, backend: str) -> None:
    now, then = lc.load(name), lc.load(name, as_of="2999-12-31")
    # what has no day of publication is not known to be published by any day
    undated = set(lc.load("sources").query("published_latest.isna()")["source_id"])
    if not undated:
        then.attrs.clear()
        pd.testing.assert_frame_equal(then, now)
    assert lc.load(name, as_of="2999-12-31", backend=backend) is not None  # type: ignore[call-overload]


def test_as_of_leaves_out_what_came_later() -> None:
    then = lc.load("claims", as_of="2020-05-27")
    assert then["first_published"].max() <= pd.Timestamp("2020-05-27")
    assert 0 < len(then) < len(lc.load("claims"))
    assert len(lc.load("claims", as_of="2019-01-01")) == 0
    assert len(lc.load("ledger", as_of="2019-01-01")) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lc.load("claim"), "claims"),  # type: ignore[call-overload]
        (lambda: lc.load("claims", columns=["claim"]), "claim_id"),
        (lambda: lc.load("claims", backend="spark"), "polars"),  # type: ignore[call-overload]
        (lambda: lc.load("claims", as_of="June"), "2020-06-01"),
        (lambda: lc.path("claims", "xlsx"), "parquet"),
        (lambda: lc.describe("x"), "claims"),  # type: ignore[arg-type]
        (lambda: lc.cite("mla"), "bibtex"),  # type: ignore[arg-type]
        (lambda: lc.recode(lc.load("claims"), "mine"), "acled"),
        (lambda: lc.recode(pd.DataFrame({"x": [1]}), "acled"), "count_rule"),
        (lambda: lc.incident("LYI9999"), "LYI9999"),
    ],
)
def test_wrong_use_says_what_is_right(call: object, words: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=words):
        call()


def test_missing_backend_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['polars'] = None\n"
        "import lossclaims as lc\n"
        "try:\n    lc.load('claims', backend='polars')\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "lossclaims[polars]" in done.stdout


def test_describe_names_every_column_with_its_words() -> None:
    about = lc.describe("claims").set_index("column")
    assert list(about.index) == list(lc.load("claims").columns)
    assert about.loc["stance", "words"] == "asserts;denies;retracts"
    assert about["description"].notna().all()


def test_cite_has_the_version() -> None:
    for style in ("text", "bibtex", "apa"):
        assert lc.__version__ in lc.cite(style)


def test_recode_changes_bounds_and_nothing_else() -> None:
    claims = lc.load("equipment_claims")
    acled = lc.recode(claims, "acled")
    rest = [c for c in claims.columns if c not in ("count_low", "count_high")]
    pd.testing.assert_frame_equal(acled[rest], claims[rest])
    dozens = claims["count_text"] == "dozens"
    assert dozens.sum() > 1 and (acled.loc[dozens, ["count_low", "count_high"]] == 12).all(axis=None)
    assert lc.recode(claims, "exclude").loc[dozens, "count_low"].isna().all()
    pd.testing.assert_frame_equal(lc.recode(claims, "default"), claims)


def test_recode_takes_mentions_too() -> None:
    mentions = lc.load("mentions")
    over = mentions["count_text"] == "over 30"
    assert over.any() and (lc.recode(mentions, "acled").loc[over, ["count_low", "count_high"]] == 30).all(axis=None)
    pd.testing.assert_frame_equal(lc.recode(mentions, "default"), mentions)


def test_datapackage_is_a_copy() -> None:
    lc.datapackage()["resources"].clear()
    assert lc.datapackage()["resources"]
