"""The words of a time and the days that they allow, against expectations worked out by hand.

Monday 25 May 2020 is the day of the report wherever a case does not say otherwise.
"""

from __future__ import annotations

import csv
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossclaims.dates import DateReader, Window, precision
from lossclaims.quantities import UnreadablePhrase
from tests.conftest import ROOT

VOCABULARY = ROOT / "datasets" / "vocabulary"
MONDAY = dt.date(2020, 5, 25)
Days = tuple[str | None, str | None]


def rows(name: str) -> list[dict[str, str]]:
    with (VOCABULARY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


READER = DateReader(rows("date_rules"), rows("aliases"))


def days(window: Window) -> Days:
    return (
        window.start.isoformat() if window.start else None,
        window.end.isoformat() if window.end else None,
    )


def read(text: str, language: str = "en", day: dt.date | None = MONDAY) -> Days:
    return days(READER.read(text, language, day, day))


@pytest.mark.parametrize(
    ("text", "day", "start", "end", "code"),
    [
        # a date, a weekday
        ("on Saturday", "2020-05-25", "2020-05-23", "2020-05-23", 1),
        ("on Monday", "2020-05-25", "2020-05-25", "2020-05-25", 1),
        ("last Monday", "2020-05-25", "2020-05-18", "2020-05-18", 1),
        ("May 3", "2020-05-25", "2020-05-03", "2020-05-03", 1),
        # April gone by: in April itself, that of the year before
        ("last April", "2020-06-25", "2020-04-01", "2020-04-30", 4),
        ("last April", "2020-04-13", "2019-04-01", "2019-04-30", 4),
        ("since last April", "2020-04-13", "2019-04-01", "2020-04-13", 5),
        ("since last Thursday", "2020-04-13", "2020-04-09", "2020-04-13", 2),
        ("last February", "2020-02-29", "2019-02-01", "2019-02-28", 4),
        ("3 May 2020", "2020-05-25", "2020-05-03", "2020-05-03", 1),
        ("2019-11-21", "2020-05-25", "2019-11-21", "2019-11-21", 1),
        ("on the 14th of May", "2020-05-25", "2020-05-14", "2020-05-14", 1),
        ("Sept. 7", "2020-05-25", "2019-09-07", "2019-09-07", 1),
        ("today", "2020-05-25", "2020-05-25", "2020-05-25", 1),
        ("yesterday", "2020-03-01", "2020-02-29", "2020-02-29", 1),
        ("the day before yesterday", "2020-05-25", "2020-05-23", "2020-05-23", 1),
        ("three days ago", "2020-05-25", "2020-05-22", "2020-05-22", 1),
        # A to B
        ("from May 3 to May 7", "2020-05-25", "2020-05-03", "2020-05-07", 2),
        ("between June 6 and June 8", "2020-06-10", "2020-06-06", "2020-06-08", 2),
        ("on June 6 and June 7", "2020-06-08", "2020-06-06", "2020-06-07", 2),
        ("on June 6 and 7", "2020-06-08", "2020-06-06", "2020-06-07", 2),
        ("May 22-24", "2020-05-25", "2020-05-22", "2020-05-24", 2),
        ("22-24 May 2019", "2020-05-25", "2019-05-22", "2019-05-24", 2),
        ("from Thursday to Saturday", "2020-05-25", "2020-05-21", "2020-05-23", 2),
        ("between Friday and Monday", "2020-05-25", "2020-05-22", "2020-05-25", 2),
        ("December 28 to January 2", "2020-01-03", "2019-12-28", "2020-01-02", 2),
        ("from April to June 2019", "2020-05-25", "2019-04-01", "2019-06-30", 5),
        # the past few days, N days, N hours
        ("in the past few days", "2020-05-25", "2020-05-22", "2020-05-25", 2),
        ("during the last 3 days", "2020-05-25", "2020-05-22", "2020-05-25", 2),
        ("the past three days", "2020-05-25", "2020-05-22", "2020-05-25", 2),
        ("in the last 24 hours", "2020-05-25", "2020-05-24", "2020-05-25", 2),
        ("in the past 36 hours", "2020-05-25", "2020-05-23", "2020-05-25", 2),
        ("over the past 48 hours", "2020-05-25", "2020-05-23", "2020-05-25", 2),
        ("in the past two weeks", "2020-05-25", "2020-05-11", "2020-05-25", 4),
        ("over the past two months", "2020-05-25", "2020-03-24", "2020-05-25", 5),
        # since; this week
        ("since Thursday", "2020-05-25", "2020-05-21", "2020-05-25", 2),
        ("since April 4", "2019-06-01", "2019-04-04", "2019-06-01", 5),
        ("since April", "2020-05-25", "2020-04-01", "2020-05-25", 5),
        ("this week", "2020-05-28", "2020-05-25", "2020-05-28", 2),
        # the weekend; a night
        ("over the weekend", "2020-05-25", "2020-05-23", "2020-05-24", 2),
        ("over the weekend", "2020-05-23", "2020-05-23", "2020-05-23", 1),
        ("the night between Friday and Saturday", "2020-05-25", "2020-05-22", "2020-05-23", 2),
        ("Friday night", "2020-05-25", "2020-05-22", "2020-05-23", 2),
        ("Monday night", "2020-05-25", "2020-05-25", "2020-05-25", 1),
        ("overnight", "2020-05-25", "2020-05-24", "2020-05-25", 2),
        ("last night", "2020-05-25", "2020-05-24", "2020-05-25", 2),
        # about a date
        ("about May 10", "2020-05-25", "2020-05-09", "2020-05-11", 2),
        # weeks
        ("last week", "2020-05-25", "2020-05-18", "2020-05-24", 3),
        ("last week", "2020-05-31", "2020-05-18", "2020-05-24", 3),
        ("in the past week", "2020-05-25", "2020-05-19", "2020-05-25", 3),
        ("in recent weeks", "2020-05-25", "2020-05-04", "2020-05-25", 4),
        ("several weeks", "2020-05-25", "2020-05-04", "2020-05-25", 4),
        ("two weeks ago", "2020-05-25", "2020-05-08", "2020-05-14", 3),
        # months and years
        ("early May", "2020-05-25", "2020-05-01", "2020-05-10", 4),
        ("in mid-May", "2020-05-25", "2020-05-10", "2020-05-20", 4),
        ("late April", "2020-05-25", "2020-04-15", "2020-04-30", 4),
        ("late May", "2020-05-25", "2020-05-15", "2020-05-25", 4),
        ("in April", "2020-05-25", "2020-04-01", "2020-04-30", 4),
        ("in May", "2020-05-25", "2020-05-01", "2020-05-25", 4),
        ("in December", "2020-01-10", "2019-12-01", "2019-12-31", 4),
        ("last month", "2020-05-25", "2020-04-01", "2020-04-30", 4),
        ("last month", "2020-01-15", "2019-12-01", "2019-12-31", 4),
        ("earlier this month", "2020-05-25", "2020-05-01", "2020-05-24", 4),
        ("this month", "2020-05-25", "2020-05-01", "2020-05-25", 4),
        ("this year", "2020-05-25", "2020-01-01", "2020-05-25", 5),
        ("last year", "2020-05-25", "2019-01-01", "2019-12-31", 5),
        ("two months ago", "2020-05-25", "2020-03-09", "2020-04-10", 5),
        ("in 2019", "2020-05-25", "2019-01-01", "2019-12-31", 5),
        # open
        ("recently", "2020-05-25", None, "2020-05-25", None),
        ("in recent clashes", "2020-05-25", None, "2020-05-25", None),
        ("earlier", "2020-05-25", None, "2020-05-25", None),
        ("so far", "2020-05-25", None, "2020-05-25", None),
        ("until Friday", "2020-05-25", None, "2020-05-22", None),
        ("before May 10", "2020-05-25", None, "2020-05-09", None),
        ("", "2020-05-25", None, "2020-05-25", None),
    ],
)  # fmt: skip
def test_phrases_come_to_days(text: str, day: str, start: str | None, end: str | None, code: int | None) -> None:
    report = dt.date.fromisoformat(day)
    window = READER.read(text, "en", report, report)
    assert (days(window), window.precision) == ((start, end), code)


TODAY, YESTERDAY, SATURDAY = ("2020-05-25",) * 2, ("2020-05-24",) * 2, ("2020-05-23",) * 2
THIRD, LAST_WEEK, LAST_THREE = ("2020-05-03",) * 2, ("2020-05-18", "2020-05-24"), ("2020-05-22", "2020-05-25")
LAST_DAY, SINCE, OPEN = ("2020-05-24", "2020-05-25"), ("2020-05-21", "2020-05-25"), (None, "2020-05-25")
FRIDAY_NIGHT = ("2020-05-22", "2020-05-23")


@pytest.mark.parametrize(
    ("language", "cases"),
    [
        (
            "ar",
            {
                "اليوم": TODAY,
                "أمس": YESTERDAY,
                "أمس الأحد": YESTERDAY,
                "يوم السبت": SATURDAY,
                "مساء السبت": SATURDAY,
                "السبت الماضي": SATURDAY,
                "3 مايو": THIRD,
                "الثالث من مايو": THIRD,
                "٣ أيار": THIRD,
                "خلال الأيام الثلاثة الماضية": LAST_THREE,
                "خلال 3 أيام": LAST_THREE,
                "في آخر 24 ساعة": LAST_DAY,
                "خلال الـ24 ساعة الماضية": LAST_DAY,
                "منذ الخميس": SINCE,
                "الأسبوع الماضي": LAST_WEEK,
                "ليل الجمعة": FRIDAY_NIGHT,
                "حتى الآن": OPEN,
            },
        ),
        (
            "bg",
            {
                "днес": TODAY,
                "вчера": YESTERDAY,
                "в събота": SATURDAY,
                "3 май": THIRD,
                "през последните 3 дни": LAST_THREE,
                "миналата седмица": LAST_WEEK,
            },
        ),
        (
            "bn",
            {
                "আজ": TODAY,
                "গতকাল": YESTERDAY,
                "শনিবার": SATURDAY,
                "শনিবার (২৩ মে)": SATURDAY,
                "৩ মে": THIRD,
                "গত ৩ দিনে": LAST_THREE,
                "গত ২৪ ঘণ্টায়": LAST_DAY,
                "গত সপ্তাহে": LAST_WEEK,
            },
        ),
        (
            "cs",
            {
                "dnes": TODAY,
                "včera": YESTERDAY,
                "v sobotu": SATURDAY,
                "3. května": THIRD,
                "během posledních 3 dnů": LAST_THREE,
                "minulý týden": LAST_WEEK,
                "v noci na sobotu": FRIDAY_NIGHT,
            },
        ),
        (
            "de",
            {
                "heute": TODAY,
                "gestern": YESTERDAY,
                "am Samstag": SATURDAY,
                "am Samstagabend": SATURDAY,
                "am 3. Mai": THIRD,
                "am 22. und 23. Mai": FRIDAY_NIGHT,
                "am 3.5.": THIRD,
                "in den letzten drei Tagen": LAST_THREE,
                "in den vergangenen 24 Stunden": LAST_DAY,
                "seit Donnerstag": SINCE,
                "vergangene Woche": LAST_WEEK,
                "in der Nacht zu Samstag": FRIDAY_NIGHT,
                "in der Nacht von Freitag auf Samstag": FRIDAY_NIGHT,
                "kürzlich": OPEN,
            },
        ),
        (
            "el",
            {
                "σήμερα": TODAY,
                "χθες": YESTERDAY,
                "χθες Κυριακή": YESTERDAY,
                "το Σάββατο": SATURDAY,
                "στις 3 Μαΐου": THIRD,
                "τις τελευταίες 3 ημέρες": LAST_THREE,
                "την περασμένη εβδομάδα": LAST_WEEK,
                "από την Πέμπτη": SINCE,
            },
        ),
        (
            "es",
            {
                "hoy": TODAY,
                "ayer": YESTERDAY,
                "el sábado": SATURDAY,
                "el sábado por la tarde": SATURDAY,
                "el 3 de mayo": THIRD,
                "en los últimos tres días": LAST_THREE,
                "en las últimas 24 horas": LAST_DAY,
                "desde el jueves": SINCE,
                "la semana pasada": LAST_WEEK,
                "la noche del viernes": FRIDAY_NIGHT,
                "hasta ahora": OPEN,
            },
        ),
        (
            "fa",
            {
                "امروز": TODAY,
                "دیروز": YESTERDAY,
                "روز شنبه": SATURDAY,
                "۳ مه": THIRD,
                "طی سه روز گذشته": LAST_THREE,
                "هفته گذشته": LAST_WEEK,
                "جمعه‌شب": FRIDAY_NIGHT,
            },
        ),
        (
            "fr",
            {
                "aujourd'hui": TODAY,
                "hier": YESTERDAY,
                "samedi": SATURDAY,
                "samedi soir": SATURDAY,
                "le samedi 23 mai": SATURDAY,
                "samedi dernier": SATURDAY,
                "le 3 mai": THIRD,
                "les 22 et 23 mai": FRIDAY_NIGHT,
                "ces trois derniers jours": LAST_THREE,
                "au cours des dernières 24 heures": LAST_DAY,
                "depuis jeudi": SINCE,
                "la semaine dernière": LAST_WEEK,
                "dans la nuit de vendredi à samedi": FRIDAY_NIGHT,
                "récemment": OPEN,
            },
        ),
        (
            "hi",
            {
                "आज": TODAY,
                "बीते कल": YESTERDAY,
                "शनिवार को": SATURDAY,
                "3 मई": THIRD,
                "पिछले तीन दिनों में": LAST_THREE,
                "पिछले 24 घंटों में": LAST_DAY,
                "पिछले हफ्ते": LAST_WEEK,
            },
        ),
        (
            "hr",
            {
                "danas": TODAY,
                "jučer": YESTERDAY,
                "u subotu": SATURDAY,
                "3. svibnja": THIRD,
                "u posljednja 3 dana": LAST_THREE,
                "prošlog tjedna": LAST_WEEK,
                "u noći s petka na subotu": FRIDAY_NIGHT,
            },
        ),
        (
            "hu",
            {
                "ma": TODAY,
                "tegnap": YESTERDAY,
                "szombaton": SATURDAY,
                "május 3-án": THIRD,
                "az elmúlt három napban": LAST_THREE,
                "múlt héten": LAST_WEEK,
            },
        ),
        (
            "id",
            {
                "hari ini": TODAY,
                "kemarin": YESTERDAY,
                "pada hari Sabtu": SATURDAY,
                "Sabtu (23/5)": SATURDAY,
                "3 Mei": THIRD,
                "dalam tiga hari terakhir": LAST_THREE,
                "sejak Kamis": SINCE,
                "pekan lalu": LAST_WEEK,
                "Jumat malam": FRIDAY_NIGHT,
            },
        ),
        (
            "it",
            {
                "oggi": TODAY,
                "ieri": YESTERDAY,
                "sabato": SATURDAY,
                "sabato sera": SATURDAY,
                "il 3 maggio": THIRD,
                "negli ultimi tre giorni": LAST_THREE,
                "nelle ultime 24 ore": LAST_DAY,
                "da giovedì": SINCE,
                "la settimana scorsa": LAST_WEEK,
                "nella notte tra venerdì e sabato": FRIDAY_NIGHT,
                "finora": OPEN,
            },
        ),
        (
            "ja",
            {
                "今日": TODAY,
                "昨日": YESTERDAY,
                "土曜日": SATURDAY,
                "土曜日の夜": SATURDAY,
                "5月3日": THIRD,
                "3日": THIRD,
                "過去3日間": LAST_THREE,
                "過去24時間": LAST_DAY,
                "木曜日以降": SINCE,
                "先週": LAST_WEEK,
                "これまでに": OPEN,
            },
        ),
        (
            "ko",
            {
                "오늘": TODAY,
                "어제": YESTERDAY,
                "토요일": SATURDAY,
                "5월 3일": THIRD,
                "5월 23일 토요일": SATURDAY,
                "지난 3일": THIRD,
                "최근 3일간": LAST_THREE,
                "지난 24시간 동안": LAST_DAY,
                "목요일 이후": SINCE,
                "지난주": LAST_WEEK,
                "지금까지": OPEN,
            },
        ),
        (
            "nl",
            {
                "vandaag": TODAY,
                "gisteren": YESTERDAY,
                "op zaterdag": SATURDAY,
                "3 mei": THIRD,
                "de afgelopen drie dagen": LAST_THREE,
                "sinds donderdag": SINCE,
                "vorige week": LAST_WEEK,
                "in de nacht van vrijdag op zaterdag": FRIDAY_NIGHT,
            },
        ),
        (
            "no",
            {
                "i dag": TODAY,
                "i går": YESTERDAY,
                "på lørdag": SATURDAY,
                "3. mai": THIRD,
                "de siste tre dagene": LAST_THREE,
                "forrige uke": LAST_WEEK,
                "natt til lørdag": FRIDAY_NIGHT,
            },
        ),
        (
            "pl",
            {
                "dziś": TODAY,
                "wczoraj": YESTERDAY,
                "w sobotę": SATURDAY,
                "3 maja": THIRD,
                "w ciągu ostatnich 3 dni": LAST_THREE,
                "od czwartku": SINCE,
                "w zeszłym tygodniu": LAST_WEEK,
                "w nocy z piątku na sobotę": FRIDAY_NIGHT,
                "w nocy na sobotę": FRIDAY_NIGHT,
            },
        ),
        (
            "pt",
            {
                "hoje": TODAY,
                "ontem": YESTERDAY,
                "no sábado": SATURDAY,
                "3 de maio": THIRD,
                "nos últimos três dias": LAST_THREE,
                "desde quinta-feira": SINCE,
                "na semana passada": LAST_WEEK,
            },
        ),
        (
            "ro",
            {
                "astăzi": TODAY,
                "ieri": YESTERDAY,
                "sâmbătă": SATURDAY,
                "pe 3 mai": THIRD,
                "în ultimele trei zile": LAST_THREE,
                "săptămâna trecută": LAST_WEEK,
            },
        ),
        (
            "ru",
            {
                "сегодня": TODAY,
                "вчера": YESTERDAY,
                "в субботу": SATURDAY,
                "в субботу вечером": SATURDAY,
                "3 мая": THIRD,
                "за последние три дня": LAST_THREE,
                "за последние сутки": LAST_DAY,
                "с четверга": SINCE,
                "на прошлой неделе": LAST_WEEK,
                "в ночь на субботу": FRIDAY_NIGHT,
                "в ночь с пятницы на субботу": FRIDAY_NIGHT,
                "недавно": OPEN,
            },
        ),
        (
            "sr",
            {
                "danas": TODAY,
                "јуче": YESTERDAY,
                "u subotu": SATURDAY,
                "3. маја": THIRD,
                "u poslednja 3 dana": LAST_THREE,
                "prošle sedmice": LAST_WEEK,
            },
        ),
        (
            "tr",
            {
                "bugün": TODAY,
                "dün": YESTERDAY,
                "Cumartesi günü": SATURDAY,
                "3 Mayıs'ta": THIRD,
                "3 Mayıs": THIRD,
                "son üç günde": LAST_THREE,
                "son 24 saatte": LAST_DAY,
                "perşembeden bu yana": SINCE,
                "geçen hafta": LAST_WEEK,
                "cuma gecesi": FRIDAY_NIGHT,
                "şimdiye kadar": OPEN,
            },
        ),
        (
            "uk",
            {
                "сьогодні": TODAY,
                "вчора": YESTERDAY,
                "у суботу": SATURDAY,
                "3 травня": THIRD,
                "за останні три дні": LAST_THREE,
                "минулого тижня": LAST_WEEK,
                "у ніч на суботу": FRIDAY_NIGHT,
            },
        ),
        (
            "ur",
            {
                "آج": TODAY,
                "گزشتہ روز": YESTERDAY,
                "3 مئی": THIRD,
                "گذشتہ منگل": ("2020-05-19",) * 2,
                "24 گھنٹوں کے دوران": LAST_DAY,
                "گذشتہ ہفتے": LAST_WEEK,
                "جمعرات سے": SINCE,
            },
        ),
        (
            "zh",
            {
                "今天": TODAY,
                "昨天": YESTERDAY,
                "星期六": SATURDAY,
                "5月3日": THIRD,
                "3日": THIRD,
                "过去3天": LAST_THREE,
                "过去24小时": LAST_DAY,
                "自星期四以来": SINCE,
                "上周": LAST_WEEK,
                "迄今为止": OPEN,
            },
        ),
    ],
)
def test_languages(language: str, cases: dict[str, Days]) -> None:
    for text, expected in cases.items():
        assert read(text, language) == expected, text


def test_a_weekday_wins_over_its_date() -> None:
    for text in ("Saturday, 24 May", "Saturday 24 May", "on Saturday, May 24"):
        assert read(text) == SATURDAY
        assert READER.weekday_disagrees(text, "en", MONDAY, MONDAY) == "2020-05-24 was no saturday"
    assert read("samedi 24 mai", "fr") == SATURDAY
    assert read("samedi 24", "fr") == SATURDAY
    assert READER.weekday_disagrees("samedi 24", "fr", MONDAY, MONDAY) == "2020-05-24 was no samedi"


@pytest.mark.parametrize("text", ["Saturday, 23 May", "Saturday", "yesterday", "", "gibberish"])
def test_nothing_disagrees(text: str) -> None:
    assert READER.weekday_disagrees(text, "en", MONDAY, MONDAY) == ""


def test_a_weekday_does_not_stand_beside_another() -> None:
    with pytest.raises(UnreadablePhrase):
        read("Monday, Tuesday")


@pytest.mark.parametrize(
    ("text", "day", "expected"),
    [
        ("December 28", "2020-01-03", ("2019-12-28", "2019-12-28")),
        ("January 3", "2020-01-03", ("2020-01-03", "2020-01-03")),
        ("January 4", "2020-01-03", ("2019-01-04", "2019-01-04")),
        ("February 29", "2021-01-01", ("2020-02-29", "2020-02-29")),
        ("since December", "2020-01-03", ("2019-12-01", "2020-01-03")),
        ("yesterday", "2020-01-01", ("2019-12-31", "2019-12-31")),
        ("last week", "2020-01-02", ("2019-12-23", "2019-12-29")),
    ],
)
def test_partial_dates_lie_before_the_report(text: str, day: str, expected: Days) -> None:
    assert read(text, "en", dt.date.fromisoformat(day)) == expected


def test_an_interval_of_reference_gives_the_hull() -> None:
    early, late = dt.date(2020, 5, 23), dt.date(2020, 5, 25)
    assert days(READER.read("yesterday", "en", early, late)) == ("2020-05-22", "2020-05-24")
    assert days(READER.read("today", "en", early, late)) == ("2020-05-23", "2020-05-25")
    assert days(READER.read("last night", "en", early, late)) == ("2020-05-22", "2020-05-25")
    # Friday on either day; Saturday and Monday have other last Sundays
    assert days(READER.read("on Friday", "en", early, late)) == ("2020-05-22", "2020-05-22")
    assert days(READER.read("on Sunday", "en", early, late)) == ("2020-05-17", "2020-05-24")
    assert days(READER.read("", "en", early, late)) == (None, "2020-05-25")
    assert days(READER.read("recently", "en", early, late)) == (None, "2020-05-25")
    assert READER.read("yesterday", "en", early, late).precision == 2


def test_an_unknown_first_day_leaves_the_start_open() -> None:
    assert days(READER.read("yesterday", "en", None, MONDAY)) == (None, "2020-05-24")
    assert days(READER.read("since 4 April 2019", "en", None, MONDAY)) == ("2019-04-04", "2020-05-25")


@pytest.mark.parametrize(
    "text", ["yesterday", "on Saturday", "May 3", "the past few days", "last month", "recently", ""]
)
def test_without_a_day_of_reference_nothing_is_resolved(text: str) -> None:
    window = READER.read(text, "en", None, None)
    assert (window.start, window.end, window.precision) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25 May 2020", ("2020-05-25", "2020-05-25")),
        ("in April 2019", ("2019-04-01", "2019-04-30")),
        ("in 2019", ("2019-01-01", "2019-12-31")),
        ("from 3 May 2020 to 7 May 2020", ("2020-05-03", "2020-05-07")),
        ("since 4 April 2019", ("2019-04-04", None)),
        ("22-24 May 2019", ("2019-05-22", "2019-05-24")),
    ],
)
def test_full_dates_need_no_day_of_reference(text: str, expected: Days) -> None:
    assert read(text, "en", None) == expected


def test_a_later_day_that_is_named_outright_stays() -> None:
    assert read("1 June 2020") == ("2020-06-01", "2020-06-01")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("gibberish", "en"),
        ("May 32", "en"),
        ("30 February 2020", "en"),
        ("May 24-22", "en"),
        ("May 30-32", "en"),
        ("Saturday", "fr"),
        ("tomorrow", "en"),
        ("x" * 500, "en"),
        ("yesterday", ""),
    ],
)
def test_what_no_rule_reads_is_refused(text: str, language: str) -> None:
    with pytest.raises(UnreadablePhrase):
        read(text, language)


def test_an_alias_of_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="someday"):
        DateReader(rows("date_rules"), [{"kind": "date_rule", "id": "someday", "alias": "someday", "language": "en"}])


@pytest.mark.parametrize(("n", "code"), [(1, 1), (2, 2), (6, 2), (7, 3), (8, 4), (31, 4), (32, 5), (400, 5)])
def test_precision_of_a_window(n: int, code: int) -> None:
    assert precision(MONDAY, MONDAY + dt.timedelta(days=n - 1)) == code


def test_precision_of_an_open_window() -> None:
    assert precision(None, MONDAY) is None
    assert precision(MONDAY, None) is None


RELATIVE = {
    "en": [
        "today",
        "yesterday",
        "on Friday",
        "last week",
        "May 3",
        "in June",
        "early May",
        "since April 4",
        "the past few days",
        "over the weekend",
        "Friday night",
        "from Friday to Sunday",
        "two months ago",
        "recently",
        "until May 9",
        "this year",
        "last year",
        "Saturday, 24 May",
        "in the last 40 hours",
        "about May 10",
        "",
    ],
    "ar": ["اليوم", "أمس", "يوم السبت", "3 مايو", "منذ 4 أبريل", "خلال 5 أيام", "ليل الخميس", "أوائل مايو"],
    "ru": [
        "вчера",
        "в пятницу",
        "в ночь на субботу",
        "с 4 апреля",
        "за последние 48 часов",
        "в начале мая",
        "в выходные",
    ],
    "ja": ["昨日", "金曜日", "3日", "5月3日", "過去2日間", "先月", "5月初め", "5月3日から5日"],
}
PHRASES = [(language, text) for language, texts in RELATIVE.items() for text in texts]
DATES = st.dates(dt.date(1950, 1, 1), dt.date(2080, 12, 31))


@given(st.sampled_from(PHRASES), DATES, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_a_window_is_in_order_and_not_after_its_report(phrase: tuple[str, str], latest: dt.date, before: int) -> None:
    language, text = phrase
    window = READER.read(text, language, latest - dt.timedelta(days=before), latest)
    assert window.end is not None and window.end <= latest
    assert window.start is None or window.start <= window.end
    assert window.precision == precision(window.start, window.end)
    alone = READER.read(text, language, latest, latest)
    # a wider day of reference takes in what the phrase means on its last day
    assert window.start is None or (alone.start is not None and window.start <= alone.start)
    assert alone.end is not None and alone.end <= window.end


@given(DATES, st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_days_back_are_counted(day: dt.date, n: int) -> None:
    window = READER.read(f"in the last {n} days", "en", day, day)
    assert (window.start, window.end) == (day - dt.timedelta(days=n), day)


@given(DATES, DATES, st.sampled_from(["{:%Y-%m-%d}", "{:%d.%m.%Y}", "{:%d/%m/%Y}"]))
@settings(max_examples=40, deadline=None)
def test_a_full_date_is_itself(day: dt.date, report: dt.date, form: str) -> None:
    window = READER.read(form.format(day), "fr", report, report)
    assert (window.start, window.end, window.precision) == (day, day, 1)


WORDS = sorted(
    {
        w
        for row in rows("aliases")
        if row["kind"] == "date_rule" and row["language"] in ("en", "ar", "ja")
        for w in row["alias"].split()
        if "{" not in w
    }
)


@given(
    st.one_of(
        st.text(max_size=30),
        st.lists(st.sampled_from([*WORDS, "7", "May", "2020", "Friday", "السبت"]), max_size=7).map(" ".join),
    ),
    st.one_of(st.sampled_from(["en", "ar", "ja", "de", "tr"]), st.text(max_size=4)),
    st.one_of(st.none(), st.dates()),
    st.one_of(st.none(), st.integers(0, 9)),
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_unreadable(text: str, language: str, latest: dt.date | None, before: int | None) -> None:
    earliest = (
        None if latest is None or before is None or latest.toordinal() <= before else latest - dt.timedelta(days=before)
    )
    try:
        window = READER.read(text, language, earliest, latest)
    except UnreadablePhrase:
        return
    assert window.start is None or window.end is None or window.start <= window.end
