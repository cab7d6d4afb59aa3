"""Coded words against the texts they come from, for those who hold the texts.

The dataset stores no article text. A holder of the text can prove paragraph, offset and hash with this.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from lossclaims.problems import Problems
from lossclaims.records import Records
from lossclaims.rows import Row

# a block is a run of lines that are not blank
_BLOCK = re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|\Z))+")
WORDS = ("item_text", "count_text", "when_text", "place_text", "hedge")


def blocks(text: str) -> list[tuple[int, int]]:
    """Start and end of each block between blank lines, in code points; the first is the headline."""
    return [match.span() for match in _BLOCK.finditer(text)]


def check_texts(records: Records, folder: Path, problems: Problems) -> int:
    """Hold coded words against text files.

    Parameters
    ----------
    records : Records
    folder : Path
        Folder with the texts; a text is found by its SHA-256, whatever its name.
    problems : Problems
        Faults are added here: a hash with no file, words that do not stand where the record says.

    Returns
    -------
    int
        Number of mentions that were held against a text.
    """
    texts = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        texts[hashlib.sha256(data).hexdigest()] = data
    checked = 0
    for record in records.of("report"):
        digest = record.top.text("text_sha256")
        if not digest:
            continue
        if digest not in texts:
            problems.add(
                record.top.place("text_sha256"), "text_sha256", digest, "text_has_the_recorded_hash",
                f"a file in {folder} with this SHA-256; one changed byte gives another",
            )  # fmt: skip
            continue
        text = texts[digest].decode("utf-8")
        spans = blocks(text)
        for row in record.lists.get("mentions", ()):
            checked += 1
            _check_mention(row, text, spans, problems)
    return checked


def _check_mention(row: Row, text: str, spans: list[tuple[int, int]], problems: Problems) -> None:
    start, paragraph = row.values.get("char_start"), row.values.get("paragraph")
    key = "count_text" if row.text("count_text") else "item_text"
    words = row.text(key)
    if not isinstance(start, int) or not isinstance(paragraph, int):
        return
    if text[start : start + len(words)] != words:
        places = [m.start() for m in re.finditer(re.escape(words), text)]
        near = ", ".join(str(p) for p in sorted(places, key=lambda p: abs(p - start))[:3])
        problems.add(
            row.place("char_start"), "char_start", start, "words_stand_at_char_start",
            f"{words!r} stands at {near}" if near else f"{words!r} does not stand in the text",
        )  # fmt: skip
        return
    block = next((i for i, (a, b) in enumerate(spans) if a <= start < b), None)
    if block != paragraph:
        problems.add(row.place("paragraph"), "paragraph", paragraph, "words_stand_in_the_paragraph", str(block))
        return
    a, b = spans[paragraph]
    for other in WORDS:
        if row.text(other) and row.text(other) not in text[a:b]:
            problems.add(
                row.place(other), other, row.text(other), "words_stand_in_the_paragraph",
                f"words of paragraph {paragraph}, letter by letter",
            )  # fmt: skip
    if row.text("claimant_text") and row.text("claimant_text") not in text:
        problems.add(
            row.place("claimant_text"), "claimant_text", row.text("claimant_text"), "words_stand_in_the_text",
            "words of the text, letter by letter",
        )  # fmt: skip
