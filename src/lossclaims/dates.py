"""The words of a time, in the language of the text, to the first and last day that they allow.

Decides the interval and its precision from the phrase and the day of the statement alone. Refuses a phrase that
no rule covers; a relative phrase without a day of reference stays unresolved, and nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from lossclaims.quantities import LONGEST, Numbers, Phrase, Phrases, UnreadablePhrase, fold, languages

NOT_STATED = "not_stated"
# the rule of a bare weekday, whose day does not hang on which day near it the document is of
WEEKDAY = "weekday"
OPEN = "open"
_DAY = dt.timedelta(days=1)
_FIGURE = re.compile(r"[0-9]{1,2}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")


@dataclass(frozen=True)
class Window:
    """The days that a phrase allows.

    Parameters
    ----------
    start, end : datetime.date or None
        First and last day; None is open, or unresolved.
    precision : int or None
        UCDP code: 1 one day, 2 two to six days, 3 a week, 4 up to a month, 5 longer; None where an end is open.
    rule : str
        Name of the rule.
    """

    start: dt.date | None
    end: dt.date | None
    precision: int | None
    rule: str


@dataclass(frozen=True)
class _Rule:
    """A row of ``date_rules``."""

    start_anchor: str
    start_per_n: int
    start_days: int
    end_anchor: str
    end_per_n: int
    end_days: int
    hours: bool


@dataclass(frozen=True)
class _Reading:
    """One reading of a phrase: ``known`` unless a day of reference is lacking, ``absolute`` if it needs none.

    ``of_weekday`` marks one that a weekday names: no other weekday can stand beside it.
    """

    rule: str
    start: dt.date | None
    end: dt.date | None
    weight: int
    depth: int = 0
    known: bool = True
    absolute: bool = False
    closed: bool = True
    of_weekday: bool = False
    disagrees: str = ""

    @property
    def rank(self) -> tuple[int, int]:
        return self.weight, -self.depth

    @property
    def days(self) -> tuple[dt.date | None, dt.date | None]:
        return self.start, self.end


class DateReader:
    """Reads times by the rules and phrases of the vocabulary.

    Parameters
    ----------
    rules : Iterable of Mapping
        Rows of ``date_rules`` as text.
    aliases : Iterable of Mapping
        Rows of ``aliases``; the kinds ``date_rule``, ``weekday`` (Monday is 1), ``month``, ``relative_year``
        (0 this year, -1 the year before), ``number`` and ``ordinal`` are used.

    Raises
    ------
    ValueError
        If a phrase names a rule that the table does not have.
    """

    def __init__(self, rules: Iterable[Mapping[str, str]], aliases: Iterable[Mapping[str, str]]) -> None:
        phrases = list(aliases)
        self._rules = {
            row["rule"]: _Rule(
                start_anchor=row["start_anchor"],
                start_per_n=int(row["start_per_n"] or 0),
                start_days=int(row["start_days"] or 0),
                end_anchor=row["end_anchor"],
                end_per_n=int(row["end_per_n"] or 0),
                end_days=int(row["end_days"] or 0),
                hours=row["n_unit"] == "hour",
            )
            for row in rules
        }
        self._phrases = Phrases(phrases, "date_rule")
        self._weekdays = Phrases(phrases, "weekday")
        self._months = Phrases(phrases, "month")
        self._years = Phrases(phrases, "relative_year")
        self._numbers = Numbers(phrases)
        self._names: dict[tuple[str, str], dict[str, int]] = {}
        self._read: dict[tuple[str, str, dt.date | None], _Reading | UnreadablePhrase] = {}
        named = {row["id"] for row in phrases if row["kind"] == "date_rule"}
        if strange := sorted(named - set(self._rules)):
            raise ValueError(f"aliases name date rules that are not there: {', '.join(strange)}")

    def read(self, text: str, language: str, earliest: dt.date | None, latest: dt.date | None) -> Window:
        """Window of a time phrase.

        Parameters
        ----------
        text : str
            The words, as printed; none means that no time is stated.
        language : str
            ISO 639-1 or a BCP 47 tag that begins with it.
        earliest, latest : datetime.date or None
            Bounds of the day of reference: of the statement, else of publication. A relative phrase takes
            in what it means on either.

        Returns
        -------
        Window
            Never ends after ``latest``, unless the phrase names a later day outright.

        Raises
        ------
        UnreadablePhrase
            If no rule reads the words, or rules read them differently.
        """
        if not fold(text):
            return Window(None, latest, None, NOT_STATED)
        first, last = self._both(text, language, earliest, latest)
        if last.absolute:
            start, end = last.days
        elif latest is None:
            start, end = (last.start if last.closed or last.start else None), None
        else:
            # what is named outright needs no day of reference; the rest could lie before any known one
            start = last.start if earliest is None and last.start == self._one(text, language, None).start else None
            if earliest is not None and first.start is not None and last.start is not None:
                start = min(first.start, last.start)
            end = max(filter(None, (first.end, last.end)), default=None)
        if latest is not None and end is not None and (start is None or start <= latest):
            end = min(end, latest)
        return Window(start, end, precision(start, end), last.rule)

    def weekday_disagrees(
        self, text: str, language: str, earliest: dt.date | None = None, latest: dt.date | None = None
    ) -> str:
        """What is at odds where a phrase names a weekday and a date that do not go together.

        The reading takes the weekday, on its day nearest to the date. Empty where nothing disagrees or where
        the phrase cannot be read.

        Parameters
        ----------
        text, language, earliest, latest
            As for `read`.
        """
        if not fold(text):
            return ""
        try:
            return self._both(text, language, earliest, latest)[1].disagrees
        except UnreadablePhrase:
            return ""

    def _both(
        self, text: str, language: str, earliest: dt.date | None, latest: dt.date | None
    ) -> tuple[_Reading, _Reading]:
        """The reading on the first and on the last possible day of reference."""
        last = self._one(text, language, latest)
        return (last if earliest in (None, latest) else self._one(text, language, earliest)), last

    def _one(self, text: str, language: str, day: dt.date | None) -> _Reading:
        # copies of one report have the same words on the same day
        key = (text, language, day)
        if key not in self._read:
            self._read[key] = self._parse(text, language, day)
        found = self._read[key]
        if isinstance(found, UnreadablePhrase):
            raise found
        return found

    def _parse(self, text: str, language: str, day: dt.date | None) -> _Reading | UnreadablePhrase:
        folded = fold(text)
        found: list[_Reading] = []
        if len(folded) <= LONGEST:
            found = _Parse(self, language).best(folded, day)
        if not found:
            return UnreadablePhrase(text, language, self._phrases.nearest)
        if len({r.days for r in found}) > 1:
            rules = " and ".join(sorted({r.rule for r in found}))
            return UnreadablePhrase(text, language, reason=f"it can be read in more than one way ({rules})")
        return found[0]

    def names(self, kind: str, language: str) -> dict[str, int]:
        """Folded names of the weekdays (Monday is 1) or months (January is 1) of a language."""
        if (kind, language) not in self._names:
            own = self._weekdays if kind == "weekday" else self._months
            known = dict(_calendar_names(kind, languages(language)[0]))
            self._names[kind, language] = known | own.words(language)
        return self._names[kind, language]


@cache
def _calendar_names(kind: str, language: str) -> dict[str, int]:
    """Names in CLDR, wide and abbreviated; those that two days or months share are left out.

    Only the format forms: babel resolves stand-alone ones that CLDR inherits by whichever language was loaded first.
    """
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return {}
    forms = (locale.days if kind == "weekday" else locale.months)["format"]
    known: dict[str, set[int]] = {}
    for width in ("wide", "abbreviated"):
        for number, name in forms[width].items():
            known.setdefault(fold(name), set()).add(number + 1 if kind == "weekday" else number)
    return {name: numbers.pop() for name, numbers in known.items() if name and len(numbers) == 1}


class _Parse:
    """One reading of one phrase, with what its parts were found to be."""

    def __init__(self, reader: DateReader, language: str) -> None:
        self.reader = reader
        self.language = language
        self.known: dict[tuple[str, dt.date | None], list[_Reading]] = {}

    def best(self, text: str, day: dt.date | None) -> list[_Reading]:
        """Readings that account for most of the text."""
        key = (text, day)
        if key not in self.known:
            self.known[key] = []
            found = [
                r
                for p in self.reader._phrases.for_text(text, self.language)
                for f in p.match(text)
                for r in self.of(p, f, day)
            ]
            top = max((r.rank for r in found), default=None)
            self.known[key] = [r for r in found if r.rank == top]
        return self.known[key]

    def of(self, phrase: Phrase, found: Mapping[str, str], day: dt.date | None) -> Iterator[_Reading]:
        """Reading of a phrase whose placeholders stand for the given words, if they can."""
        rule = self.reader._rules[phrase.id]
        n = 0
        if "n" in found:
            number = self.reader._numbers.read(found["n"], self.language)
            if number is None:
                return
            n = -(-number // 24) if rule.hours else number
        weight, depth = phrase.weight, 0
        named: dict[int, _Reading] = {}
        # the second day first: the first one is the last such day up to it
        for place, suffix in ((2, "2"), (1, "")):
            until = named[2].end if 2 in named and named[2].end else day
            part = self.span(found, suffix, until)
            if part is None:
                return
            if part.rule:
                named[place] = part
                weight, depth = weight + part.weight, depth + part.depth
        if "day2" in found:
            if 1 not in named or (later := self.later_day(found["day2"], named[1])) is None:
                return
            named[2] = later
            weight += len(found["day2"])
        of_weekday = any(part.of_weekday for part in named.values())
        weekday = None
        if "weekday" in found:
            weekday = self.reader.names("weekday", self.language).get(found["weekday"].rstrip("."))
            if weekday is None:
                return
            if of_weekday and rule.start_anchor == "weekday_near":
                return
            weight += len(found["weekday"])
            named.setdefault(1, _last_weekday(weekday, day))
        try:
            start, start_known, start_absolute = _anchor(rule.start_anchor, named, weekday, day)
            end, end_known, end_absolute = _anchor(rule.end_anchor, named, weekday, day)
            if start is not None:
                start += _DAY * (rule.start_per_n * n + rule.start_days)
            if end is not None:
                end += _DAY * (rule.end_per_n * n + rule.end_days)
        except OverflowError:
            return
        if start is not None and end is not None and start > end:
            return
        yield _Reading(
            phrase.id, start, end, weight, depth,
            known=start_known and end_known,
            absolute=start_absolute and end_absolute,
            closed=rule.start_anchor != OPEN and rule.end_anchor != OPEN,
            of_weekday=of_weekday or weekday is not None,
            disagrees=_disagreement(named, weekday, found),
        )  # fmt: skip

    def span(self, found: Mapping[str, str], suffix: str, day: dt.date | None) -> _Reading | None:
        """The days that the placeholders name: without a rule if there are none, None if they cannot."""
        for name, single in ((f"date{suffix}", True), (f"span{suffix}", False)):
            if name in found:
                inner = [r for r in self.best(found[name], day) if r.closed]
                if len({r.days for r in inner}) != 1:
                    return None
                if single and inner[0].known and inner[0].start != inner[0].end:
                    return None
                return replace(inner[0], depth=inner[0].depth + 1)
        if not suffix and any(name in found for name in ("day", "month", "mm", "year")):
            return self.calendar(found, day)
        return _Reading("", None, None, 0)

    def later_day(self, text: str, first: _Reading) -> _Reading | None:
        """A later day of the month that the first day lies in, or None if there is none."""
        figure = int(text) if _FIGURE.fullmatch(text) else self.reader._numbers.ordinal(text, self.language)
        if figure is None or first.start is None or first.start != first.end:
            return first if figure is not None and not first.known else None
        days = _days(first.start.year, first.start.month, figure) if 1 <= figure <= 31 else None
        return replace(first, start=days[0], end=days[1]) if days and days[0] > first.start else None

    def calendar(self, found: Mapping[str, str], day: dt.date | None) -> _Reading | None:
        """Day, month or year that is named, the last such one up to the day of reference where it is named in part."""
        in_month = month = year = None
        weight = sum(len(found[k]) for k in ("day", "month", "mm", "year") if k in found)
        if "day" in found:
            figure = int(found["day"]) if _FIGURE.fullmatch(found["day"]) else None
            in_month = self.reader._numbers.ordinal(found["day"], self.language) if figure is None else figure
            if in_month is None or not 1 <= in_month <= 31:
                return None
        if "month" in found:
            month = self.reader.names("month", self.language).get(found["month"].rstrip("."))
            if month is None:
                return None
        elif "mm" in found:
            month = int(found["mm"]) if _FIGURE.fullmatch(found["mm"]) else None
            if month is None or not 1 <= month <= 12:
                return None
        if "year" in found:
            shift = self.reader._years.words(self.language).get(found["year"])
            if _YEAR.fullmatch(found["year"]):
                year = int(found["year"])
            elif shift is None or month is None:
                return None
            elif day is None:
                return _Reading("calendar", None, None, weight, known=False)
            else:
                year = day.year + shift
        if "year" in found and ("day" not in found or month):
            days = _days(year, month, in_month)
            return days and _Reading("calendar", *days, weight, absolute=bool(_YEAR.fullmatch(found["year"])))
        if day is None:
            return _Reading("calendar", None, None, weight, known=False)
        days = _last_such(month, in_month, day)
        return days and _Reading("calendar", *days, weight)


def _days(year: int | None, month: int | None, day: int | None) -> tuple[dt.date, dt.date] | None:
    """First and last day of a year, month or day, or None if there is no such day."""
    if year is None:
        return None
    try:
        if day is not None and month is not None:
            return dt.date(year, month, day), dt.date(year, month, day)
        if month is not None:
            following = dt.date(year + month // 12, month % 12 + 1, 1)
            return dt.date(year, month, 1), following - _DAY
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    except ValueError:
        return None


def _last_such(month: int | None, day: int | None, until: dt.date) -> tuple[dt.date, dt.date] | None:
    """Last day or month of that name that begins on a day or before it; the 29th of February needs eight years."""
    year, at = until.year, until.month
    for _ in range(12 * 8 + 1):
        if month in (None, at):
            days = _days(year, at, day)
            if days and days[0] <= until:
                return days
        year, at = (year - 1, 12) if at == 1 else (year, at - 1)
    return None


def _last_weekday(weekday: int, day: dt.date | None) -> _Reading:
    if day is None:
        return _Reading("weekday", None, None, 0, known=False)
    found = day - _DAY * ((day.isoweekday() - weekday) % 7)
    return _Reading("weekday", found, found, 0)


def _anchor(
    anchor: str, named: Mapping[int, _Reading], weekday: int | None, day: dt.date | None
) -> tuple[dt.date | None, bool, bool]:
    """Day of an anchor, whether it is known, and whether it needs no day of reference."""
    if anchor == OPEN:
        return None, True, False
    if anchor in ("first", "last", "first2", "last2"):
        part = named[2 if anchor.endswith("2") else 1]
        return (part.start if anchor.startswith("first") else part.end), part.known, part.absolute
    if anchor in ("first_past", "last_past"):
        part = named[1]
        found = part.start if anchor == "first_past" else part.end
        if found is None or part.start is None or part.end is None or day is None:
            return found, part.known, part.absolute
        # a month of a year that is named outright is what it is
        over = part.absolute or not part.start <= day <= part.end
        return found if over else _year_before(found), part.known, part.absolute
    if anchor == "weekday_near":
        part = named[1]
        if part.start is None or weekday is None:
            return None, False, False
        near = part.start + _DAY * ((weekday - part.start.isoweekday() + 3) % 7 - 3)
        if day is not None and part.start <= day < near:
            near -= 7 * _DAY
        return near, True, part.absolute
    if day is None:
        return None, False, False
    if anchor == "weekday_before" and weekday is not None:
        return _last_weekday(weekday, day - _DAY).start, True, False
    month_first = day.replace(day=1)
    days = {
        "report": day,
        "report_monday": day - _DAY * (day.isoweekday() - 1),
        "report_saturday": day - _DAY * ((day.isoweekday() - 6) % 7),
        "report_month_first": month_first,
        "report_year_first": day.replace(month=1, day=1),
        "previous_month_first": (month_first - _DAY).replace(day=1),
        "previous_month_last": month_first - _DAY,
        "previous_year_first": dt.date(day.year - 1, 1, 1),
        "previous_year_last": dt.date(day.year - 1, 12, 31),
    }
    return days[anchor], True, False


def _year_before(day: dt.date) -> dt.date:
    """First or last day of the same month a year before."""
    days = _days(day.year - 1, day.month, None)
    if days is None:
        raise OverflowError(f"no year before {day.year}")
    return days[0] if day.day == 1 else days[1]


def _disagreement(named: Mapping[int, _Reading], weekday: int | None, found: Mapping[str, str]) -> str:
    if weekday is not None and ("date" in found or "day" in found) and named[1].start is not None:
        day = named[1].start
        if day.isoweekday() != weekday:
            return f"{day.isoformat()} was no {found['weekday']}"
    return next((r.disagrees for r in named.values() if r.disagrees), "")


def precision(start: dt.date | None, end: dt.date | None) -> int | None:
    """UCDP precision code of a window (GED codebook 22.1, appendix 2): 1 one day, 2 up to six days, 3 a week,
    4 up to a month, 5 longer, None where an end is open."""
    if start is None or end is None:
        return None
    days = (end - start).days + 1
    return next(code for code, most in ((1, 1), (2, 6), (3, 7), (4, 31), (5, days)) if days <= most)
