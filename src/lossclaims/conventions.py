"""Bounds of a figure under a coding convention, in one place for the build and for users.

Decides how a rule's row turns the number in the words into a lower and an upper bound, and re-codes whole
frames under another profile. Refuses a rule or profile that the table does not have; invents no best figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Bound:
    """How one rule bounds a figure under one profile: a row of ``quantity_rules`` as numbers.

    ``n`` is the number in the words and ``m`` the second one. A bound without a number of its own is a
    constant; one without a constant either is open. Both open means that the profile leaves the figure out.
    """

    low_number: str
    low_percent: int
    low_round: str
    low_plus: int | None
    low_most: int | None
    low_asserted: int | None
    high_number: str
    high_percent: int
    high_round: str
    high_plus: int | None
    high_least: int | None


Rules = Mapping[tuple[str, str], Bound]


def read_rules(rows: Iterable[Mapping[Any, Any]]) -> dict[tuple[str, str], Bound]:
    """Rows of ``quantity_rules``, as text or as typed values, by rule and profile.

    Parameters
    ----------
    rows : Iterable of Mapping
        Rows of the CSV, or the records of the loaded table.

    Returns
    -------
    dict
        Rule and profile to bound.
    """
    return {
        (_text(row, "rule"), _text(row, "profile")): Bound(
            low_number=_text(row, "low_number"),
            low_percent=_whole(row, "low_percent", 100),
            low_round=_text(row, "low_round"),
            low_plus=_whole_or_none(row, "low_plus"),
            low_most=_whole_or_none(row, "low_most"),
            low_asserted=_whole_or_none(row, "low_asserted"),
            high_number=_text(row, "high_number"),
            high_percent=_whole(row, "high_percent", 100),
            high_round=_text(row, "high_round"),
            high_plus=_whole_or_none(row, "high_plus"),
            high_least=_whole_or_none(row, "high_least"),
        )
        for row in rows
    }


def bounds(
    rules: Rules,
    rule: str,
    point: int | None,
    point_high: int | None = None,
    profile: str = DEFAULT,
    asserted: bool = True,
) -> tuple[int | None, int | None]:
    """Lower and upper bound of a figure.

    Parameters
    ----------
    rules : Mapping
        From `read_rules`.
    rule : str
        Name of the rule.
    point, point_high : int, optional
        The number in the words, and the second one of a range.
    profile : str
        Convention.
    asserted : bool
        Whether the claim asserts the loss. An asserted loss is a loss of at least one; a denied one may be none.

    Returns
    -------
    tuple
        Low and high; a high of None is open, both None means that the profile leaves the figure out.

    Raises
    ------
    ValueError
        If the table has no such rule or profile, a number is missing, or no count can meet the words.
    """
    bound = rules.get((rule, profile))
    if bound is None:
        check_profile(rules, profile)
        raise ValueError(f"no quantity rule {rule!r}; known are {', '.join(sorted({r for r, _ in rules}))}")
    numbers = {"n": point, "m": point_high}
    low = _share(numbers, bound.low_number, bound.low_percent, bound.low_round, bound.low_plus)
    high = _share(numbers, bound.high_number, bound.high_percent, bound.high_round, bound.high_plus)
    if bound.low_number and low is None:
        raise ValueError(f"the rule {rule!r} needs a number")
    if bound.high_number == "n" and high is None:
        raise ValueError(f"the rule {rule!r} needs a number")
    if low is not None and bound.low_most is not None and point is not None:
        low = min(low, point + bound.low_most)
    if high is not None and bound.high_least is not None and point is not None:
        high = max(high, point + bound.high_least)
    if low is not None:
        low = max(low, 0)
        if asserted and bound.low_asserted is not None:
            low = max(low, bound.low_asserted)
        if high is not None and low > high:
            raise ValueError(
                f"no count meets the rule {rule!r} with {point}{' for an asserted loss' if asserted else ''}"
            )
    return low, high


def recode(frame: pd.DataFrame, profile: str, rules: Rules) -> pd.DataFrame:
    """Re-code the counts of claims or mentions under another convention.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``count_rule``, ``count_point``, ``count_low`` and ``count_high`` as stored under the default
        convention, and ``stance`` where it is known. Without it a stored low of 0 marks a denial.
    profile : str
        Convention.
    rules : Mapping
        From `read_rules`.

    Returns
    -------
    pandas.DataFrame
        A copy with ``count_low`` and ``count_high`` replaced (Int64); both empty where the convention
        leaves the figure out. Ranges and hulls take their stored bounds for their numbers.

    Raises
    ------
    ValueError
        If a profile, rule or column is not known.
    """
    import pandas as pd

    check_profile(rules, profile)
    columns = ["count_rule", "count_point", "count_low", "count_high"]
    if missing := [c for c in columns if c not in frame.columns]:
        raise ValueError(f"a frame to re-code has the columns {', '.join(columns)}; missing: {', '.join(missing)}")
    stored = {c: pd.to_numeric(frame[c]).astype("Int64").reset_index(drop=True) for c in columns[1:]}
    rule = frame["count_rule"].astype("string").reset_index(drop=True)
    ranged = rule.isin({r for (r, _), b in rules.items() if "m" in (b.low_number, b.high_number)})
    low, high = stored["count_low"], stored["count_high"]
    keys = pd.DataFrame({
        "rule": rule,
        "n": stored["count_point"].mask(ranged, low),
        "m": high.where(ranged),
        "asserted": (
            frame["stance"].reset_index(drop=True).eq("asserts").fillna(False).astype(bool)
            if "stance" in frame.columns
            else low.ne(0).fillna(True).astype(bool)
        ),
    })  # fmt: skip
    group = keys.groupby(["rule", "n", "m", "asserted"], dropna=False, sort=False).ngroup().to_numpy()
    unique = keys.loc[~pd.Series(group).duplicated().to_numpy()]
    found: list[tuple[int | None, int | None]] = [
        (None, None)
        if pd.isna(name)
        else bounds(rules, name, None if pd.isna(n) else int(n), None if pd.isna(m) else int(m), profile, bool(a))
        for name, n, m, a in unique.itertuples(index=False)
    ]
    made = frame.copy()
    for place, (column, kept) in enumerate((("count_low", low), ("count_high", high))):
        values = pd.Series(pd.array([pair[place] for pair in found], dtype="Int64")).take(group)
        made[column] = values.reset_index(drop=True).mask(rule.isna(), kept).astype("Int64").array
    return made


def check_profile(rules: Rules, profile: str) -> None:
    """Raise ValueError, with what would be accepted, for a profile that the table does not have."""
    known = sorted({p for _, p in rules})
    if profile not in known:
        raise ValueError(f"no convention {profile!r}; accepted are {', '.join(known)}")


def _share(numbers: Mapping[str, int | None], number: str, percent: int, rounding: str, plus: int | None) -> int | None:
    """Percentage of a number, rounded, plus a constant; in whole numbers, for 1.1 times 10 is 11."""
    if not number:
        return plus
    value = numbers[number]
    if value is None:
        return None
    share = -(-value * percent // 100) if rounding == "up" else value * percent // 100
    return share + (plus or 0)


def _text(row: Mapping[Any, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""


def _whole_or_none(row: Mapping[Any, Any], key: str) -> int | None:
    value = row.get(key)
    if isinstance(value, str):
        return int(value) if value else None
    # a loaded table has missing values that equal nothing, not even themselves
    return int(value) if isinstance(value, (int, float)) and value == value else None


def _whole(row: Mapping[Any, Any], key: str, default: int) -> int:
    value = _whole_or_none(row, key)
    return default if value is None else value
