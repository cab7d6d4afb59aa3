"""The words of a figure and their bounds, against expectations written by hand."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pandas as pd
import pytest
from babel.numbers import format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from lossclaims.conventions import bounds, read_rules, recode
from lossclaims.quantities import Quantity, QuantityReader, UnreadablePhrase, fold
from tests.conftest import ROOT

VOCABULARY = ROOT / "datasets" / "vocabulary"


def rows(name: str) -> list[dict[str, str]]:
    with (VOCABULARY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


RULES = read_rules(rows("quantity_rules"))
READER = QuantityReader(rows("quantity_rules"), rows("aliases"))
PROFILES = ("default", "acled", "airwars", "literal", "exclude")
LANGUAGES = (
    "ar", "bg", "bn", "bs", "cs", "de", "el", "en", "es", "fa", "fr", "he", "hi", "hr", "hu", "id", "it", "ja",
    "ko", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip
Range = tuple[int | None, int | None]
OUT: Range = (None, None)


def read(text: str, language: str = "en", asserted: bool = True) -> Range:
    found = READER.read(text, language, asserted=asserted)
    return found.low, found.high


@pytest.mark.parametrize(
    ("language", "text", "low", "high"),
    [
        ("en", "two", 2, 2),
        ("en", "a", 1, 1),
        ("en", "another", 1, 1),
        ("en", "both", 2, 2),
        ("en", "a couple of", 2, 2),
        ("en", "a number of", 2, None),
        ("en", "heavy losses", 1, None),
        ("en", "casualties", 1, None),
        ("en", "a few", 3, 5),
        ("en", "several", 3, 9),
        ("en", "many", 3, None),
        ("en", "a large number of", 3, None),
        ("en", "tens of", 10, 99),
        ("en", "dozens", 12, 99),
        ("en", "scores", 20, 99),
        ("en", "hundreds", 100, 999),
        ("en", "thousands", 1000, 9999),
        ("en", "at least 30", 30, None),
        ("en", "30 or more", 30, None),
        ("en", "30+", 30, None),
        ("en", "over 30", 31, None),
        ("en", "More than 13", 14, None),
        ("en", "more than a dozen", 13, None),
        ("en", "up to 5", 1, 5),
        ("en", "as many as 5", 1, 5),
        ("en", "fewer than 5", 1, 4),
        ("en", "about 10", 9, 11),
        ("en", "some 200", 180, 220),
        ("en", "about 3", 2, 4),
        ("en", "nearly 10", 9, 9),
        ("en", "almost 200", 180, 199),
        ("en", "5 to 8", 5, 8),
        ("en", "10-12", 10, 12),
        ("en", "two or three", 2, 3),
        ("en", "between 20 and 30", 20, 30),
        ("en", "14th", 14, 14),
        ("en", "the third", 1, 1),
        ("en", "12,000", 12000, 12000),
        ("en", "half a dozen", 6, 6),
        ("en", "two hundred and fifty", 250, 250),
        ("en", "1.5 thousand", 1500, 1500),
        ("de", "12.000", 12000, 12000),
        ("de", "zehn", 10, 10),
        ("de", "mindestens zwölf", 12, None),
        ("de", "Dutzende", 12, 99),
        ("de", "mehr als ein Dutzend", 13, None),
        ("de", "rund 30", 27, 33),
        ("fr", "12 000", 12000, 12000),
        ("fr", "12\u202f000", 12000, 12000),
        ("fr", "près de 40", 36, 39),
        ("fr", "au moins 70", 70, None),
        ("fr", "une dizaine", 9, 11),
        ("fr", "plusieurs", 3, 9),
        ("es", "más de 20", 21, None),
        ("es", "al menos cinco", 5, None),
        ("it", "almeno 17", 17, None),
        ("it", "oltre 100", 101, None),
        ("pt", "pelo menos 25", 25, None),
        ("nl", "minstens 40", 40, None),
        ("tr", "en az 6", 6, None),
        ("tr", "onlarca", 10, 99),
        ("tr", "iki", 2, 2),
        ("ru", "не менее десяти", 10, None),
        ("ru", "десятки", 10, 99),
        ("ru", "более 20", 21, None),
        ("uk", "щонайменше п’ять", 5, None),
        ("pl", "ponad 50", 51, None),
        ("cs", "nejméně 15", 15, None),
        ("el", "τουλάχιστον 8", 8, None),
        ("hu", "legalább 3", 3, None),
        ("ar", "ما لا يقل عن ستة", 6, None),
        ("ar", "عشرات", 10, 99),
        ("ar", "أكثر من 20", 21, None),
        ("ar", "٢٥", 25, 25),
        ("ar", "خمسة وعشرون", 25, 25),
        ("ar", "ثلاثة عشر", 13, 13),
        ("fa", "دست‌کم ۱۲", 12, None),
        ("ur", "کم از کم ۳", 3, None),
        ("hi", "कम से कम 5", 5, None),
        ("bn", "কমপক্ষে ২৮", 28, None),
        ("id", "sedikitnya 9", 9, None),
        ("ja", "少なくとも21人", 21, None),
        ("ja", "数十", 10, 99),
        ("ko", "최소 28명", 28, None),
        ("zh", "至少16人", 16, None),
        ("zh", "十多", 11, None),
        ("en-GB", "two", 2, 2),
    ],
)
def test_words_come_to_bounds(language: str, text: str, low: int, high: int | None) -> None:
    assert read(text, language) == (low, high)


@pytest.mark.parametrize(
    ("text", "default", "acled", "airwars", "literal", "exclude"),
    [
        ("two", (2, 2), (2, 2), (2, 2), (2, 2), (2, 2)),
        ("a couple", (2, 2), (2, 2), (2, 2), (2, 2), (2, 2)),
        ("a number of", (2, None), (2, None), (2, 5), (2, None), OUT),
        ("heavy losses", (1, None), (1, None), (1, None), (1, None), OUT),
        ("a few", (3, 5), (3, 5), (3, 5), (3, 5), OUT),
        ("several", (3, 9), (3, 9), (3, 9), (3, 9), OUT),
        ("many", (3, None), (3, None), (3, None), (3, None), OUT),
        ("tens", (10, 99), (10, 10), (10, 99), (20, None), OUT),
        ("dozens", (12, 99), (12, 12), (12, 24), (24, None), OUT),
        ("scores", (20, 99), (20, 20), (20, 99), (40, None), OUT),
        ("hundreds", (100, 999), (100, 100), (100, 999), (200, None), OUT),
        ("thousands", (1000, 9999), (1000, 1000), (1000, 9999), (2000, None), OUT),
        ("at least 7", (7, None), (7, 7), (7, None), (7, None), (7, None)),
        ("more than 7", (8, None), (7, 7), (8, None), (8, None), (8, None)),
        ("up to 7", (1, 7), (1, 7), (1, 7), (1, 7), (1, 7)),
        ("fewer than 7", (1, 6), (1, 6), (1, 6), (1, 6), (1, 6)),
        ("about 10", (9, 11), (10, 10), (9, 11), (9, 11), (9, 11)),
        ("nearly 10", (9, 9), (10, 10), (9, 9), (9, 9), (9, 9)),
        ("5 to 8", (5, 8), (5, 5), (5, 8), (5, 8), (5, 8)),
    ],
)
def test_every_profile_of_every_rule(
    text: str, default: Range, acled: Range, airwars: Range, literal: Range, exclude: Range
) -> None:
    found = READER.read(text, "en")
    frame = frame_of([found])
    for profile, expected in zip(PROFILES, (default, acled, airwars, literal, exclude), strict=True):
        made = recode(frame, profile, RULES)
        assert (whole(made["count_low"].iloc[0]), whole(made["count_high"].iloc[0])) == expected, profile


def frame_of(quantities: list[Quantity], stance: str = "asserts") -> pd.DataFrame:
    return pd.DataFrame({
        "count_rule": [q.rule for q in quantities],
        "count_point": pd.array([q.point for q in quantities], dtype="Int64"),
        "count_low": pd.array([q.low for q in quantities], dtype="Int64"),
        "count_high": pd.array([q.high for q in quantities], dtype="Int64"),
        "stance": stance,
    })  # fmt: skip


def whole(value: object) -> int | None:
    return None if value is pd.NA else int(str(value))


def test_a_denial_may_be_of_none() -> None:
    assert read("up to 5", asserted=False) == (0, 5)
    assert read("no losses", asserted=False) == (0, 0)
    assert READER.read("no losses", "en", asserted=False).rule == "no_losses"
    with pytest.raises(UnreadablePhrase, match="nothing was lost"):
        read("no losses")


@pytest.mark.parametrize(("source", "low"), [("ar", 10), ("tr", 10), ("ru", 10), ("ar-LY", 10), ("de", 12), ("", 12)])
def test_dozens_keep_the_meaning_of_the_language_they_come_from(source: str, low: int) -> None:
    found = READER.read("dozens", "en", translated_from=source)
    assert (found.low, found.high) == (low, 99)


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("", "singular", (1, 1)),
        ("", "bare_plural", (2, None)),
        ("", "dual", (2, 2)),
        ("", "mass", (1, None)),
        ("", "not_stated", (1, None)),
        ("tanks", "bare_plural", (2, None)),
        ("two", "distributed", (1, 1)),
        ("14th", "singular", (1, 1)),
        ("14th", "exact", (14, 14)),
    ],
)
def test_a_coder_may_state_a_rule_of_grammar(text: str, rule: str, expected: Range) -> None:
    found = READER.read(text, "en", rule=rule)
    assert (found.low, found.high) == expected
    assert found.rule == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("two", "bare_plural"),
        ("", "dozens"),
        ("", "no_such_rule"),
        ("one", "distributed"),
        ("dozens", "distributed"),
        ("", "hull"),
    ],
)
def test_a_stated_rule_that_does_not_fit_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ValueError):
        READER.read(text, "en", rule=rule)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("   ", "en"),
        ("purple", "en"),
        ("two; three", "en"),
        ("dozens", "ar"),
        ("8 to 5", "en"),
        ("two", "xx"),
        ("9" * 500, "en"),
        ("1.500 thousand", "en"),
    ],
)
def test_what_no_rule_reads_is_refused(text: str, language: str) -> None:
    with pytest.raises(UnreadablePhrase):
        READER.read(text, language)


def test_an_unknown_phrase_names_its_neighbours() -> None:
    with pytest.raises(UnreadablePhrase) as caught:
        READER.read("at leest {n}", "en")
    assert "{n} at least" in caught.value.nearest


def test_an_alias_of_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="heaps_of"):
        QuantityReader(
            rows("quantity_rules"), [{"kind": "quantity_rule", "id": "heaps_of", "alias": "heaps", "language": "en"}]
        )


@given(
    st.sampled_from(sorted({rule for rule, _ in RULES})),
    st.sampled_from(PROFILES),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.booleans(),
)
def test_low_is_never_above_high(rule: str, profile: str, n: int, more: int, asserted: bool) -> None:
    try:
        low, high = bounds(RULES, rule, n, n + more, profile, asserted)
    except ValueError:
        # nearly one and fewer than one are no losses
        assert rule in ("nearly", "less_than") and n == 1
        return
    assert high is None or (low is not None and low <= high)
    assert low is None or low >= (1 if asserted and rule not in ("no_losses", "hull") else 0)


# what the words allow at most; the conventions that take N itself for "more than N" and "nearly N" set those limits
LIMITS: dict[str, Callable[[int], tuple[float, float | None]]] = {
    "{n}": lambda n: (n, n),
    "at least {n}": lambda n: (n, None),
    "more than {n}": lambda n: (n, None),
    "up to {n}": lambda n: (0, n),
    "fewer than {n}": lambda n: (0, n - 1),
    "about {n}": lambda n: (n * 0.9 - 1, n * 1.1 + 1),
    "nearly {n}": lambda n: (min(n * 0.9, n - 1), n),
    "dozens": lambda n: (12, None),
    "tens": lambda n: (10, None),
    "several": lambda n: (3, None),
    "a number of": lambda n: (2, None),
}


@given(st.sampled_from(sorted(LIMITS)), st.integers(2, 10**6))
@settings(max_examples=60, deadline=None)
def test_every_profile_stays_inside_what_the_words_allow(phrase: str, n: int) -> None:
    least, most = LIMITS[phrase](n)
    found = READER.read(phrase.format(n=n), "en")
    for profile in PROFILES:
        low, high = bounds(RULES, found.rule, found.point, None, profile)
        if low is None:
            assert profile == "exclude" and high is None
            continue
        assert low >= least
        assert most is None or (high is not None and high <= most)


@given(
    st.integers(1, 10**6),
    st.sampled_from(
        [
            ("en", "over {}", "at least {}"),
            ("fr", "plus de {}", "au moins {}"),
            ("ru", "более {}", "не менее {}"),
            ("ar", "أكثر من {}", "ما لا يقل عن {}"),
            ("tr", "{}'den fazla", "en az {}"),
            ("de", "mehr als {}", "mindestens {}"),
            ("es", "más de {}", "al menos {}"),
            ("it", "oltre {}", "almeno {}"),
        ]
    ),
)
@settings(max_examples=80, deadline=None)
def test_over_n_is_at_least_the_next(n: int, words: tuple[str, str, str]) -> None:
    language, over, at_least = words
    assert read(over.format(n), language) == read(at_least.format(n + 1), language)


@given(st.integers(1, 10**7), st.sampled_from(LANGUAGES), st.sampled_from(["latn", "default"]))
@settings(max_examples=150, deadline=None)
def test_a_number_as_the_language_writes_it_reads_back(n: int, language: str, digits: str) -> None:
    locale = {"no": "nb"}.get(language, language)
    assert read(format_decimal(n, locale=locale, numbering_system=digits), language) == (n, n)


WORDS = sorted(
    {
        word
        for row in rows("aliases")
        if row["kind"] in ("quantity_rule", "number") and row["language"] in ("en", "ar", "ru", "ja")
        for word in row["alias"].split()
    }
)


@given(
    st.one_of(st.text(max_size=30), st.lists(st.sampled_from([*WORDS, "7", "1,000", "-"]), max_size=6).map(" ".join)),
    st.one_of(st.sampled_from(LANGUAGES), st.text(max_size=5)),
    st.booleans(),
)
@settings(max_examples=250, deadline=None)
def test_any_text_is_read_or_unreadable(text: str, language: str, asserted: bool) -> None:
    try:
        found = READER.read(text, language, asserted=asserted)
    except UnreadablePhrase:
        return
    assert found.low is not None and (found.high is None or found.low <= found.high)
    assert (found.rule, "default") in RULES


@given(st.text(max_size=20), st.sampled_from(sorted({rule for rule, _ in RULES})))
@settings(max_examples=60, deadline=None)
def test_a_stated_rule_raises_nothing_but_value_errors(text: str, rule: str) -> None:
    try:
        found = READER.read(text, "en", rule=rule)
    except ValueError:
        return
    assert found.rule == rule


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


CASES = st.tuples(
    st.sampled_from(sorted({rule for rule, _ in RULES} - {"hull", "range", "no_losses"})),
    st.integers(2, 5000),
    st.booleans(),
)


@given(st.lists(CASES, min_size=1, max_size=25), st.sampled_from(PROFILES))
@settings(max_examples=40, deadline=None)
def test_recode_is_bounds_row_by_row(cases: list[tuple[str, int, bool]], profile: str) -> None:
    frame = pd.DataFrame({
        "count_rule": [rule for rule, _, _ in cases],
        "count_point": pd.array([n for _, n, _ in cases], dtype="Int64"),
        "count_low": pd.array([bounds(RULES, r, n, asserted=a)[0] for r, n, a in cases], dtype="Int64"),
        "count_high": pd.array([bounds(RULES, r, n, asserted=a)[1] for r, n, a in cases], dtype="Int64"),
        "stance": ["asserts" if asserted else "denies" for _, _, asserted in cases],
    }, index=range(5, 5 + len(cases)))  # fmt: skip
    made = recode(frame, profile, RULES)
    assert list(made.index) == list(frame.index)
    assert [(whole(low), whole(high)) for low, high in zip(made["count_low"], made["count_high"], strict=True)] == [
        bounds(RULES, rule, n, None, profile, asserted) for rule, n, asserted in cases
    ]


def test_recode_keeps_the_bounds_of_hulls_and_ranges() -> None:
    frame = frame_of([Quantity("hull", None, 13, 20), Quantity("range", None, 5, 8), Quantity("dozens", None, 12, 99)])
    for profile in ("default", "airwars", "literal", "exclude"):
        made = recode(frame, profile, RULES)
        assert made["count_low"].tolist()[:2] == [13, 5]
        assert made["count_high"].tolist()[:2] == [20, 8]
    made = recode(frame, "acled", RULES)
    assert made["count_low"].tolist() == [13, 5, 12]
    assert made["count_high"].tolist() == [20, 5, 12]


def test_recode_keeps_what_has_no_rule_and_does_not_touch_its_input() -> None:
    frame = pd.DataFrame(
        {"count_rule": [None, "dozens"], "count_point": [None, None], "count_low": [4, 12], "count_high": [6, 99]}
    )
    before = frame.copy()
    made = recode(frame, "acled", RULES)
    assert made["count_low"].tolist() == [4, 12] and made["count_high"].tolist() == [6, 12]
    pd.testing.assert_frame_equal(frame, before)


def test_an_unknown_profile_or_frame_says_what_is_accepted() -> None:
    frame = frame_of([Quantity("exact", 2, 2, 2)])
    with pytest.raises(ValueError, match="acled, airwars, default, exclude, literal"):
        recode(frame, "oryx", RULES)
    with pytest.raises(ValueError, match="missing: count_rule"):
        recode(frame.drop(columns="count_rule"), "acled", RULES)
    with pytest.raises(ValueError, match="known are"):
        bounds(RULES, "heaps", 2)
    with pytest.raises(ValueError, match="needs a number"):
        bounds(RULES, "at_least", None)
