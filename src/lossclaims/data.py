"""The tables as users load them, offline, from the wheel or the checkout.

pandas and pyarrow are imported inside the functions that need them, so that ``import lossclaims`` is
immediate.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, overload

from lossclaims._names import TableName

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

Backend = Literal["pandas", "arrow", "polars"]
FORMATS = ("csv", "parquet")


@lru_cache(maxsize=1)
def _root() -> Path:
    """Folder of the descriptor: beside this file in a wheel, else in the checkout."""
    here = Path(__file__).resolve().parent
    for folder in (here / "data", here.parents[1] / "datasets"):
        if (folder / "datapackage.json").is_file():
            return folder
    raise FileNotFoundError(
        "lossclaims: no tables beside the package and no checkout around it; install the wheel again, "
        "or run 'python build.py' in the checkout"
    )


@lru_cache(maxsize=1)
def _descriptor() -> dict[str, Any]:
    text = (_root() / "datapackage.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def datapackage() -> dict[str, Any]:
    """Frictionless descriptor of the dataset.

    Returns
    -------
    dict
        Data Package v2: title, version, licences, sources, and for each table its columns and keys.
    """
    found: dict[str, Any] = json.loads(json.dumps(_descriptor()))
    return found


def _resource(name: str) -> dict[str, Any]:
    for resource in _descriptor()["resources"]:
        if resource["name"] == name:
            return dict(resource)
    accepted = ", ".join(get_args(TableName))
    raise ValueError(f"no table {name!r}; one of {accepted}")


def path(table: TableName, format: str = "parquet") -> Path:
    """Path of a table's file.

    Parameters
    ----------
    table : str
        Name of a table.
    format : {"parquet", "csv"}

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the table or format does not exist.
    """
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}; one of {', '.join(FORMATS)}")
    _resource(table)
    return _root() / "tables" / f"{table}.{format}"


def tables() -> pd.DataFrame:
    """What there is to load.

    Returns
    -------
    DataFrame
        One row per table: name (string), rows (Int64), description (string).
    """
    import pandas as pd
    import pyarrow.parquet as pq

    names = [str(n) for n in get_args(TableName)]
    rows = [pq.read_metadata(_root() / "tables" / f"{name}.parquet").num_rows for name in names]
    about = [_resource(name)["description"] for name in names]
    return pd.DataFrame(
        {
            "name": pd.Series(names, dtype="string"),
            "rows": pd.Series(rows, dtype="Int64"),
            "description": pd.Series(about, dtype="string"),
        }
    )


def describe(table: TableName) -> pd.DataFrame:
    """Data dictionary of a table.

    Parameters
    ----------
    table : str
        Name of a table.

    Returns
    -------
    DataFrame
        One row per column: column, type (Frictionless), unit, description, example, words (the controlled
        words that it takes, with semicolons between), all string.

    Raises
    ------
    ValueError
        If the table does not exist.
    """
    import pandas as pd

    fields = _resource(table)["schema"]["fields"]
    rows = {
        "column": [f["name"] for f in fields],
        "type": [f["type"] for f in fields],
        "unit": [f.get("unit") for f in fields],
        "description": [f["description"] for f in fields],
        "example": [f["example"] for f in fields],
        "words": [";".join(f.get("constraints", {}).get("enum", [])) or None for f in fields],
    }
    return pd.DataFrame(rows).astype("string")


def day(value: str | dt.date) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"as_of is a day such as 2020-06-01, not {value!r}") from None


@overload
def load(
    table: TableName,
    *,
    as_of: str | dt.date | None = ...,
    columns: Sequence[str] | None = ...,
    backend: Literal["pandas"] = ...,
) -> pd.DataFrame: ...
@overload
def load(
    table: TableName,
    *,
    as_of: str | dt.date | None = ...,
    columns: Sequence[str] | None = ...,
    backend: Literal["arrow"],
) -> pa.Table: ...
@overload
def load(
    table: TableName,
    *,
    as_of: str | dt.date | None = ...,
    columns: Sequence[str] | None = ...,
    backend: Literal["polars"],
) -> pl.DataFrame: ...
def load(
    table: TableName,
    *,
    as_of: str | dt.date | None = None,
    columns: Sequence[str] | None = None,
    backend: Backend = "pandas",
) -> pd.DataFrame | pa.Table | pl.DataFrame:
    """Load a table.

    Parameters
    ----------
    table : str
        Name of a table, see ``tables``.
    as_of : str or date, optional
        The state of claims, grades and ledger by what sources known to be published by that day say.
    columns : sequence of str, optional
        Columns to load, in this order; all by default.
    backend : {"pandas", "arrow", "polars"}
        Kind of frame; polars needs the extra ``lossclaims[polars]``.

    Returns
    -------
    pandas.DataFrame, pyarrow.Table or polars.DataFrame
        In pandas: text is ``string``, counts ``Int64``, measures ``Float64``, days ``datetime64[s]``, controlled
        words ``category`` with all words of the vocabulary as categories. Missing is missing, never zero.

    Raises
    ------
    ValueError
        If the table, a column, the backend or the day is not valid; the message says what is.
    ImportError
        If the backend is not installed.
    """
    resource = _resource(table)
    known = [f["name"] for f in resource["schema"]["fields"]]
    wanted = known if columns is None else list(columns)
    for name in wanted:
        if name not in known:
            raise ValueError(f"no column {name!r} in {table}; one of {', '.join(known)}")
    if backend not in get_args(Backend):
        raise ValueError(f"no backend {backend!r}; one of {', '.join(get_args(Backend))}")
    if as_of is not None:
        frame = state(day(as_of))[table][wanted].copy()
        frame.attrs["as_of"] = day(as_of).isoformat()
        if backend == "pandas":
            return frame
        import pyarrow.parquet as pq

        arrow = _to_arrow(frame, pq.read_schema(path(table)))
    else:
        import pyarrow.parquet as pq

        arrow = pq.read_table(path(table), columns=wanted, use_threads=False)
        if backend == "pandas":
            return _to_pandas(arrow, table)
    if backend == "arrow":
        return arrow
    try:
        import polars as pl
    except ImportError:
        raise ImportError("backend 'polars' is not installed: pip install 'lossclaims[polars]'") from None
    made = pl.from_arrow(arrow)
    assert isinstance(made, pl.DataFrame)
    return made


def _to_pandas(arrow: pa.Table, table: str) -> pd.DataFrame:

    frame: pd.DataFrame = arrow.to_pandas(date_as_object=False)
    fields = {f["name"]: f for f in _resource(table)["schema"]["fields"]}
    for name in frame.columns:
        f = fields[name]
        if f["type"] == "date":
            frame[name] = frame[name].astype("datetime64[s]")
        elif words := f.get("constraints", {}).get("enum"):
            # the file keeps only the words in use
            frame[name] = frame[name].cat.set_categories(words)
    return frame


def _to_arrow(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    plain = frame.copy()
    for name in plain.columns:
        if plain[name].dtype.kind == "M":
            plain[name] = plain[name].dt.date
    return pa.Table.from_pandas(plain, pa.schema([schema.field(n) for n in plain.columns]), preserve_index=False)


@lru_cache(maxsize=4)
def published() -> dict[str, pd.DataFrame]:
    """All tables as pandas frames, by name."""
    return {name: load(name) for name in get_args(TableName)}


@lru_cache(maxsize=4)
def state(as_of: dt.date | None) -> dict[str, pd.DataFrame]:
    """All tables as they were by a day, typed as the published ones; callers must not change them."""
    from lossclaims.derive import derive

    now = published()
    if as_of is None:
        return now
    return {name: like(frame, now[name]) for name, frame in derive(now, as_of).items()}


def like(frame: pd.DataFrame, model: pd.DataFrame) -> pd.DataFrame:
    """Columns, order and dtypes of another frame."""
    import pandas as pd

    made = {}
    for name, dtype in model.dtypes.items():
        column = frame[name]
        if isinstance(dtype, pd.CategoricalDtype):
            made[name] = column.astype("string").astype("object").astype(dtype)
        elif dtype.kind == "M":
            made[name] = pd.to_datetime(column).astype(dtype)
        else:
            made[name] = column.astype(dtype)
    return pd.DataFrame(made, columns=model.columns, index=frame.index).reset_index(drop=True)


def recode(frame: pd.DataFrame, profile: str) -> pd.DataFrame:
    """Bounds of figures under another convention.

    Parameters
    ----------
    frame : DataFrame
        Claims or mentions, whole or filtered, with ``claim_id`` or ``mention_id``; or any frame with
        ``count_rule``, ``count_point``, ``count_low`` and ``count_high``.
    profile : str
        A word of the vocabulary ``profile``: default, acled, airwars, literal, exclude.

    Returns
    -------
    DataFrame
        A copy with ``count_low`` and ``count_high`` (Int64) replaced; both missing where the convention leaves
        the figure out. A claim's bounds are the hull of its mentions'.

    Raises
    ------
    ValueError
        If the profile does not exist, or the frame has none of those columns.
    """
    from lossclaims.conventions import read_rules
    from lossclaims.conventions import recode as recode_rows

    rules = read_rules(load("quantity_rules").astype("object").to_dict("records"))
    if "mention_id" not in frame.columns and "claim_id" in frame.columns:
        return _recode_claims(frame, profile)
    if "mention_id" in frame.columns and "stance" not in frame.columns:
        stances = load("claims", columns=["claim_id", "stance"]).astype({"stance": "string"})
        made = recode_rows(
            frame.assign(stance=frame["claim_id"].map(stances.set_index("claim_id")["stance"])), profile, rules
        )
        return made.drop(columns="stance")
    missing = {"count_rule", "count_point", "count_low", "count_high"} - set(frame.columns)
    if missing:
        raise ValueError(f"recode needs claim_id, mention_id, or the columns {', '.join(sorted(missing))}")
    return recode_rows(frame, profile, rules)


def _recode_claims(frame: pd.DataFrame, profile: str) -> pd.DataFrame:
    as_of = frame.attrs.get("as_of")
    mentions = load("mentions", as_of=as_of)
    mentions = recode(mentions[mentions["claim_id"].isin(frame["claim_id"])], profile)
    groups = mentions.groupby("claim_id")
    made = frame.copy()
    made["count_low"] = frame["claim_id"].map(groups["count_low"].min()).astype("Int64")
    # an open mention opens the claim; one that the convention leaves out does not
    is_open = mentions["count_high"].isna() & mentions["count_low"].notna()
    opened = is_open.groupby(mentions["claim_id"]).any()
    highest = groups["count_high"].max().mask(opened)
    made["count_high"] = frame["claim_id"].map(highest).astype("Int64")
    return made


def cite(style: Literal["text", "bibtex", "apa"] = "text") -> str:
    """How to cite this release.

    Parameters
    ----------
    style : {"text", "bibtex", "apa"}

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the style does not exist.
    """
    from lossclaims.citing import cite_as

    return cite_as(_descriptor(), style)


def ledger(
    *,
    lost_by_bloc: str | Sequence[str] | None = None,
    claimant_bloc: str | Sequence[str] | None = None,
    equipment_class: str | Sequence[str] | None = None,
    personnel_category: str | Sequence[str] | None = None,
    outcome_group: str | Sequence[str] | None = None,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    as_of: str | dt.date | None = None,
    convention: str = "default",
    bounds: bool = False,
) -> pd.DataFrame:
    """Totals that count nothing twice, for any question.

    Parameters
    ----------
    lost_by_bloc, claimant_bloc, equipment_class, personnel_category, outcome_group : str or sequence, optional
        Controlled words; without one, all cells.
    start, end : str or date, optional
        Only what is wholly contained counts.
    as_of : str or date, optional
        By what was published by that day.
    convention : str
        Profile of ``quantity_rules`` under which words are numbers.
    bounds : bool
        Also the highs of the same chosen figures; missing is open.

    Returns
    -------
    DataFrame
        Columns of the table ``ledger``.

    Raises
    ------
    ValueError
        If a word, day or convention does not exist.
    """
    from lossclaims import ledgers

    return ledgers.ledger(
        _asked(as_of, convention),
        lost_by_bloc=lost_by_bloc,
        claimant_bloc=claimant_bloc,
        equipment_class=equipment_class,
        personnel_category=personnel_category,
        outcome_group=outcome_group,
        start=start,
        end=end,
        bounds=bounds,
    )


def explain(
    *,
    lost_by_bloc: str | Sequence[str] | None = None,
    claimant_bloc: str | Sequence[str] | None = None,
    equipment_class: str | Sequence[str] | None = None,
    personnel_category: str | Sequence[str] | None = None,
    outcome_group: str | Sequence[str] | None = None,
    start: str | dt.date | None = None,
    end: str | dt.date | None = None,
    as_of: str | dt.date | None = None,
    convention: str = "default",
) -> pd.DataFrame:
    """Every figure that ``ledger`` used or left out for the same question, with the reason.

    Parameters
    ----------
    lost_by_bloc, claimant_bloc, equipment_class, personnel_category, outcome_group, start, end, as_of, convention
        As for ``ledger``.

    Returns
    -------
    DataFrame
        Columns of the table ``ledger_lines``.
    """
    from lossclaims import ledgers

    return ledgers.explain(
        _asked(as_of, convention),
        lost_by_bloc=lost_by_bloc,
        claimant_bloc=claimant_bloc,
        equipment_class=equipment_class,
        personnel_category=personnel_category,
        outcome_group=outcome_group,
        start=start,
        end=end,
    )


def _asked(as_of: str | dt.date | None, convention: str) -> dict[str, pd.DataFrame]:
    tables = dict(state(None if as_of is None else day(as_of)))
    if convention != "default":
        claims = tables["claims"].copy()
        claims.attrs["as_of"] = as_of
        tables["claims"] = recode(claims, convention)
    return tables
