"""Rows to typed frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lossclaims.schema import Table, Value, natural_key


def make_frame(table: Table, rows: Iterable[Mapping[str, Value]]) -> pd.DataFrame:
    """Typed frame of a table, sorted by its key.

    Parameters
    ----------
    table : Table
    rows : iterable of mappings
        Values by column; absent is missing.

    Returns
    -------
    DataFrame
        Every column of the table with the dtype of the schema, in its order.
    """
    listed = list(rows)
    data = {f.name: [row.get(f.name) for row in listed] for f in table.fields}
    return typed(pd.DataFrame(data, columns=pd.Index(table.columns)), table)


def typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Frame with the schema's columns in order, its dtypes, and rows sorted by key.

    A word that is not in a column's vocabulary stays as text, so that validation can name it.
    """
    made: dict[str, Any] = {}
    for f in table.fields:
        column = frame[f.name]
        if f.dtype == "category":
            words = column.astype("string")
            known = words.dropna().isin(f.enum).all()
            made[f.name] = pd.Categorical(words, categories=f.enum) if known else words
        elif f.type == "date":
            made[f.name] = pd.to_datetime(column).astype("datetime64[s]")
        else:
            made[f.name] = column.astype(pd.api.types.pandas_dtype(f.dtype))
    result = pd.DataFrame(made, index=frame.index, columns=pd.Index(table.columns))
    keys = [
        tuple(natural_key("" if v is None or v is pd.NA else str(v)) for v in row)
        for row in result[list(table.primary_key)].astype("object").itertuples(index=False)
    ]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return result.iloc[order].reset_index(drop=True)
