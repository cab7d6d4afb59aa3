"""The words of a figure, in the language of the text, to a rule and its bounds.

Decides which rule of ``quantity_rules`` the words follow, by the phrases in ``aliases``, and which number they
hold. Refuses a phrase that no rule covers or that two read differently: nothing is guessed.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from operator import itemgetter

from lossclaims.conventions import DEFAULT, bounds, read_rules

MANY_LANGUAGES = "mul"
LONGEST = 120
DISTRIBUTED = "distributed"
SINGULAR = "singular"
EXACT = "exact"

# marks that a language writes or leaves out at will, and letters that its keyboards mix up
_DROPPED = re.compile(
    "[\u00ad\u0307\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_ALIKE = str.maketrans({
    "ı": "i", "ё": "е", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ئ": "ي", "ک": "ك",
    "ة": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ۃ": "ه", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
    "−": "-", "〜": "~", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "՚": "'", "،": ",", "٬": ",",
    "、": ",", "٫": ".", "«": " ", "»": " ", "“": " ", "”": " ", "„": " ", '"': " ", "「": " ", "」": " ", "*": " ",
})  # fmt: skip
_SPACE_BY_IDEOGRAPH = re.compile(
    "(?<=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]) | (?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])"
)
_EDGE = " .,;:!?"
_PLAIN = re.compile(r"[0-9]{1,12}")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,' ])[0-9]{3}(?:\1[0-9]{3})*")
_GROUPED_BY_TWO = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
_DECIMAL = re.compile(r"([0-9]{1,6})([.,])([0-9]{1,6})")
_PLACEHOLDER = re.compile(r"\{([a-z]+[0-9]?)\}")


class UnreadablePhrase(ValueError):
    """A phrase that no rule reads, or that rules read differently.

    Parameters
    ----------
    text, language : str
        The phrase.
    near : callable
        Gives the known phrases of the language that are nearest to it; it is called only where somebody reads them.
    reason : str
        Why it is refused.
    """

    def __init__(
        self,
        text: str,
        language: str,
        near: Callable[[str, str], tuple[str, ...]] | None = None,
        reason: str = "no rule reads it",
    ) -> None:
        super().__init__(text, language)
        self.text = text
        self.language = language
        self.reason = reason
        self._near = near

    @cached_property
    def nearest(self) -> tuple[str, ...]:
        """Known phrases of the language that are nearest to the phrase, best first."""
        return self._near(self.text, self.language) if self._near else ()

    def __str__(self) -> str:
        near = f"; nearest known: {', '.join(self.nearest)}" if self.nearest else ""
        return f"{self.text!r} ({self.language}): {self.reason}{near}"


@dataclass(frozen=True)
class Quantity:
    """What the words of a figure come to.

    Parameters
    ----------
    rule : str
        Name of the rule.
    point : int or None
        The number in the words; none for a word like dozens or a range.
    low, high : int or None
        Bounds under the default convention; a high of None is open.
    """

    rule: str
    point: int | None
    low: int | None
    high: int | None


def fold(text: str) -> str:
    """Form in which phrases are compared.

    Compatibility form without case, in ASCII digits, without the vowel marks and letter variants that Arabic
    script leaves to the writer, with one kind of dash and apostrophe, single blanks, and none beside a
    character of a script that writes without them.
    """
    if text.isascii():
        # most phrases, and nothing of the rest applies to them
        return " ".join(text.lower().translate(_ALIKE).split()).strip(_EDGE)
    text = unicodedata.normalize("NFKC", text).casefold()
    # casefolding can undo the compatibility form
    text = unicodedata.normalize("NFKC", text)
    text = _DROPPED.sub("", text).translate(_ALIKE)
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    text = " ".join(text.split())
    return _SPACE_BY_IDEOGRAPH.sub("", text).strip(_EDGE)


def languages(language: str) -> tuple[str, ...]:
    """A language tag, its language without region or script, and what holds in many languages."""
    tag = language.strip().lower().replace("_", "-")
    return tuple(dict.fromkeys(t for t in (tag, tag.split("-")[0], MANY_LANGUAGES) if t))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of ``aliases`` whose placeholders stand for what varies.

    Parameters
    ----------
    id : str
        Rule, or number.
    text : str
        As written in the list.
    literals : tuple of str
        Folded words before, between and after the placeholders.
    names : tuple of str
        Placeholders, in order.
    """

    id: str
    text: str
    literals: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, id: str, text: str) -> Phrase:
        """Phrase from a row of ``aliases``."""
        parts = _PLACEHOLDER.split(fold(text))
        return cls(id, text, tuple(parts[::2]), tuple(parts[1::2]))

    @property
    def weight(self) -> int:
        """Characters that the phrase itself accounts for."""
        return sum(len(part) for part in self.literals)

    def match(self, text: str) -> Iterator[dict[str, str]]:
        """Every way in which a folded text is this phrase, as what stands for each placeholder."""
        if not self.names:
            if text == self.literals[0]:
                yield {}
            return
        first, last = self.literals[0], self.literals[-1]
        if len(text) <= len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return
        for pieces in _pieces(text[len(first) : len(text) - len(last)], self.literals[1:-1]):
            yield dict(zip(self.names, pieces, strict=True))


def _pieces(text: str, between: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every way to cut a text at the given words, with something left in each piece."""
    if not between:
        if piece := text.strip():
            yield (piece,)
        return
    word = between[0]
    at = text.find(word, 1)
    while 0 < at < len(text) - len(word):
        if piece := text[:at].strip():
            for rest in _pieces(text[at + len(word) :], between[1:]):
                yield (piece, *rest)
        at = text.find(word, at + 1)


# characters at the beginning or end of a text by which its phrases are found
_END = 4


def _ends(phrase: Phrase) -> tuple[str, str]:
    """What of a phrase a text must have: all of it, its beginning or its end."""
    first, last = phrase.literals[0], phrase.literals[-1]
    if not phrase.names:
        return "whole", first
    if len(first) >= len(last) > 0 or (first and not last):
        return "first", first[:_END]
    return ("last", last[-_END:]) if last else ("any", "")


class Phrases:
    """Phrases of one kind by language.

    Parameters
    ----------
    aliases : Iterable of Mapping
        Rows of ``aliases``: kind, id, alias, language.
    kind : str
        Rows of other kinds are left aside.
    """

    def __init__(self, aliases: Iterable[Mapping[str, str]], kind: str) -> None:
        self._rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in aliases:
            if row["kind"] == kind:
                self._rows[row["language"].lower()].append((row["id"], row["alias"]))
        self._made: dict[str, tuple[Phrase, ...]] = {}
        self._by_ends: dict[str, dict[tuple[str, str], list[tuple[int, Phrase]]]] = {}

    def of(self, language: str) -> tuple[Phrase, ...]:
        """Phrases of a language, with those that hold in many."""
        if language not in self._made:
            rows = dict.fromkeys(row for tag in languages(language) for row in self._rows.get(tag, ()))
            self._made[language] = tuple(Phrase.of(id, alias) for id, alias in rows)
        return self._made[language]

    def for_text(self, text: str, language: str) -> list[Phrase]:
        """Phrases of a language that can begin and end a folded text, those with words at their beginning first."""
        if language not in self._by_ends:
            index: dict[tuple[str, str], list[tuple[int, Phrase]]] = defaultdict(list)
            for entry in enumerate(sorted(self.of(language), key=lambda phrase: not phrase.literals[0])):
                index[_ends(entry[1])].append(entry)
            self._by_ends[language] = index
        known = self._by_ends[language]
        keys = [("whole", text), ("any", "")]
        keys += [key for n in range(1, _END + 1) for key in (("first", text[:n]), ("last", text[-n:]))]
        return [
            phrase
            for _, phrase in sorted((e for key in dict.fromkeys(keys) for e in known.get(key, ())), key=itemgetter(0))
        ]

    def words(self, language: str) -> dict[str, int]:
        """Phrases without placeholders, of a kind whose ids are numbers."""
        return {p.literals[0]: int(p.id) for p in self.of(language) if not p.names}

    def nearest(self, text: str, language: str, most: int = 3) -> tuple[str, ...]:
        """Phrases nearest to a text, best first."""
        known = {" ".join(filter(None, (part.strip() for part in p.literals))): p.text for p in self.of(language)}
        hits = difflib.get_close_matches(fold(text)[:LONGEST], [k for k in known if k], n=most, cutoff=0.5)
        return tuple(known[hit] for hit in hits)


class Numbers:
    """Whole numbers in figures and words.

    A row of kind ``number`` is a word with its number as id; with ``{n}`` in it, a multiplier (its id times n:
    "{n} thousand", and "{n} people" with 1); with ``{n}`` and ``{m}``, a way to add a smaller number to a larger.
    What the rows lack is asked of num2words, where it has the language.

    Parameters
    ----------
    aliases : Iterable of Mapping
        Rows of ``aliases``.
    """

    def __init__(self, aliases: Iterable[Mapping[str, str]]) -> None:
        rows = list(aliases)
        self._numbers = Phrases(rows, "number")
        self._ordinals = Phrases(rows, "ordinal")
        self._words: dict[str, dict[str, int]] = {}
        self._known: dict[tuple[str, str, bool], int | None] = {}

    def read(self, text: str, language: str, library: bool = True) -> int | None:
        """Number that a folded text is, or None.

        Parameters
        ----------
        text : str
            Folded.
        language : str
        library : bool
            Whether to ask num2words for what the rows lack.
        """
        key = (text, language, library)
        if key not in self._known:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = None
            self._known[key] = self._read(text, language, library)
        return self._known[key]

    def ordinal(self, text: str, language: str) -> int | None:
        """Number of an ordinal in figures or words ("14th", "second"), or None."""
        for phrase in self._ordinals.of(language):
            for found in phrase.match(text):
                if not phrase.names:
                    return int(phrase.id)
                if _PLAIN.fullmatch(found["n"]):
                    return int(found["n"])
        return None

    def _read(self, text: str, language: str, library: bool) -> int | None:
        if (figure := _figure(text)) is not None:
            return figure
        if language not in self._words:
            self._words[language] = self._numbers.words(language)
        if text in self._words[language]:
            return self._words[language][text]
        for phrase in self._numbers.of(language):
            for found in phrase.match(text) if phrase.names else ():
                value = (
                    self._sum(found["n"], found["m"], language, library)
                    if "m" in found
                    else self._times(found["n"], int(phrase.id), language, library)
                )
                if value is not None:
                    return value
        return _library_words(languages(language)[-2]).get(text) if library and len(languages(language)) > 1 else None

    def _times(self, text: str, times: int, language: str, library: bool) -> int | None:
        if times > 1 and (decimal := _DECIMAL.fullmatch(text)) and decimal[2] == _decimal_sign(language):
            # three digits after a sign that is the decimal one here and groups elsewhere mean either
            if len(decimal[3]) == 3:
                return None
            value = Fraction(f"{decimal[1]}.{decimal[3]}") * times
            return value.numerator if value.denominator == 1 else None
        number = self.read(text, language, library)
        return None if number is None else number * times

    def _sum(self, larger: str, smaller: str, language: str, library: bool) -> int | None:
        if larger[-1].isdigit() and smaller[0].isdigit():
            return None
        n = self.read(larger, language, library)
        m = self.read(smaller, language, library) if n is not None and n >= 20 else None
        return n + m if n is not None and m and n % 10 ** len(str(m)) == 0 else None


def _figure(text: str) -> int | None:
    """Number in digits.

    Three digits after a sign are a group whichever sign the language prefers: a count has no thousandths, and
    texts copy the figures of foreign agencies.
    """
    if _PLAIN.fullmatch(text):
        return int(text)
    if _GROUPED.fullmatch(text) or _GROUPED_BY_TWO.fullmatch(text):
        return int(re.sub("[^0-9]", "", text))
    return None


@cache
def _decimal_sign(language: str) -> str:
    """Decimal sign of a language in CLDR, or nothing where CLDR lacks it."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(language.replace("-", "_")).number_symbols["latn"]["decimal"])
    except (UnknownLocaleError, ValueError, KeyError, TypeError):
        return ""


@cache
def _library_words(language: str) -> dict[str, int]:
    """Words of num2words for a language to numbers: every number to 999, then hundreds and thousands."""
    import num2words

    if language not in num2words.CONVERTER_CLASSES:
        return {}
    words: dict[str, int] = {}
    for number in (*range(1000), *range(1000, 10_000, 100), *range(10_000, 101_000, 1000), 1_000_000):
        try:
            word = fold(num2words.num2words(number, lang=language))
        except (NotImplementedError, TypeError, ValueError, LookupError, ArithmeticError):
            # converters fail on single numbers, each in its own way
            continue
        words.setdefault(word, number)
        words.setdefault(word.replace("-", " "), number)
    return words


class QuantityReader:
    """Reads figures by the rules and phrases of the vocabulary.

    Parameters
    ----------
    rules : Iterable of Mapping
        Rows of ``quantity_rules`` as text.
    aliases : Iterable of Mapping
        Rows of ``aliases``; the kinds ``quantity_rule``, ``number`` and ``ordinal`` are used.

    Raises
    ------
    ValueError
        If a phrase names a rule that the table does not have.
    """

    def __init__(self, rules: Iterable[Mapping[str, str]], aliases: Iterable[Mapping[str, str]]) -> None:
        rows, phrases = list(rules), list(aliases)
        self._rules = read_rules(rows)
        own = [row for row in rows if row["profile"] == DEFAULT]
        self._basis = {row["rule"]: row["basis"] for row in own}
        self._variants = {
            (row["variant_of"], language): row["rule"]
            for row in own
            if row["variant_of"]
            for language in row["translated_from"].split()
        }
        self._counting = {
            rule
            for (rule, profile), bound in self._rules.items()
            if profile == DEFAULT and "n" in (bound.low_number, bound.high_number)
        }
        self._phrases = Phrases(phrases, "quantity_rule")
        self.numbers = Numbers(phrases)
        named = {row["id"] for row in phrases if row["kind"] == "quantity_rule"}
        if strange := sorted(named - set(self._basis)):
            raise ValueError(f"aliases name quantity rules that are not there: {', '.join(strange)}")

    def read(
        self, text: str, language: str, *, asserted: bool = True, translated_from: str = "", rule: str = ""
    ) -> Quantity:
        """Rule and bounds of a figure.

        Parameters
        ----------
        text : str
            The words of the figure, as printed.
        language : str
            ISO 639-1 or a BCP 47 tag that begins with it.
        asserted : bool
            Whether the claim asserts the loss.
        translated_from : str
            Language from which the words were translated.
        rule : str
            The coder's own statement of a rule of grammar; the text may then be empty, or the noun.

        Returns
        -------
        Quantity

        Raises
        ------
        UnreadablePhrase
            If no rule reads the words, or rules read them differently.
        ValueError
            If the stated rule is unknown, is none that a coder states, or contradicts the words.
        """
        if rule:
            return self._stated(text, language, asserted, translated_from, rule)
        name, n, m = self._words(text, language)
        if translated_from:
            name = self._variants.get((name, languages(translated_from)[0].split("-")[0]), name)
        return self._quantity(text, language, asserted, name, n, m)

    def _stated(self, text: str, language: str, asserted: bool, translated_from: str, rule: str) -> Quantity:
        basis = self._basis.get(rule, "")
        grammar = sorted(name for name, kind in self._basis.items() if kind == "grammar")
        if basis not in ("grammar", "words"):
            raise ValueError(
                f"no rule {rule!r} to state; accepted are {', '.join(grammar)}, or none where the words hold it"
            )
        folded = fold(text)
        ordinal = self.numbers.ordinal(folded, language) if rule in (SINGULAR, EXACT) else None
        if ordinal is not None:
            return self._quantity(text, language, asserted, rule, ordinal if rule == EXACT else None, None)
        try:
            words = self.read(text, language, asserted=asserted, translated_from=translated_from) if folded else None
        except UnreadablePhrase:
            if basis == "words":
                raise
            words = None
        if rule == DISTRIBUTED:
            if words is None or words.low != words.high or (words.low or 0) < 2:
                raise ValueError(f"the rule {rule!r} needs a figure that is a whole number above one, not {text!r}")
        elif words is not None and words.rule != rule:
            raise ValueError(f"the words {text!r} follow the rule {words.rule!r}, not {rule!r}; leave the rule out")
        elif basis == "words":
            if words is None:
                raise ValueError(
                    f"the rule {rule!r} is read from words; without any, accepted are {', '.join(grammar)}"
                )
            return words
        return self._quantity(text, language, asserted, rule, None, None)

    def _quantity(self, text: str, language: str, asserted: bool, rule: str, n: int | None, m: int | None) -> Quantity:
        try:
            low, high = bounds(self._rules, rule, n, m, DEFAULT, asserted)
        except ValueError as error:
            raise UnreadablePhrase(text, language, reason=str(error)) from None
        if asserted and high == 0:
            raise UnreadablePhrase(
                text, language, reason="it says that nothing was lost: its stance is not an assertion"
            )
        return Quantity(rule, None if m is not None else n, low, high)

    def _words(self, text: str, language: str) -> tuple[str, int | None, int | None]:
        folded = fold(text)
        if not folded:
            raise UnreadablePhrase(text, language, reason="there are no words to read: state the rule of grammar")
        if len(folded) <= LONGEST:
            numbers = self.numbers
            # loading the library costs more than reading most phrases does
            for read in (lambda t: numbers.read(t, language, False), lambda t: numbers.read(t, language)):
                found = self._best(folded, language, read)
                if len(found) == 1:
                    return found.pop()
                if found:
                    raise UnreadablePhrase(text, language, reason=f"it can be read by {_names(found)}")
        raise UnreadablePhrase(text, language, self._phrases.nearest)

    def _best(
        self, text: str, language: str, number: Callable[[str], int | None]
    ) -> set[tuple[str, int | None, int | None]]:
        """What the phrases that account for most of the text make of it."""
        best, most = set[tuple[str, int | None, int | None]](), -1
        for phrase in self._phrases.for_text(text, language):
            if phrase.weight < most:
                continue
            for found in phrase.match(text):
                values = {
                    name: self.numbers.ordinal(part, language) if name == "ordinal" else number(part)
                    for name, part in found.items()
                }
                if not phrase.names and phrase.id in self._counting:
                    # a word such as "une dizaine" is both the rule and its number
                    values["n"] = number(text)
                n, m = values.get("n"), values.get("m")
                if None in values.values() or (n is not None and m is not None and n >= m):
                    continue
                if phrase.weight > most:
                    best, most = set(), phrase.weight
                best.add((phrase.id, n, m))
        if not best and text[0].isdigit() and (n := self.numbers.ordinal(text, language)) is not None:
            best.add((EXACT, n, None))
        return best


def _names(found: Iterable[tuple[str, int | None, int | None]]) -> str:
    return " and ".join(sorted({f"{rule} ({n})" if n is not None else rule for rule, n, _ in found}))
