"""Faults in the forms that other programs read."""

from __future__ import annotations

import json
from collections.abc import Iterable

from lossclaims.problems import Problem

FORMATS = ("text", "json", "github", "sarif")


def format_problems(problems: Iterable[Problem], form: str) -> str:
    """Faults as text, JSON, GitHub annotations or SARIF 2.1.0.

    Parameters
    ----------
    problems : iterable of Problem
    form : str
        One of ``FORMATS``.

    Returns
    -------
    str
        Without a line end; empty where there is nothing to say.
    """
    listed = list(problems)
    if form == "json":
        return json.dumps([vars(p) for p in listed], ensure_ascii=False, indent=1)
    if form == "github":
        return "\n".join(map(_annotation, listed))
    if form == "sarif":
        return json.dumps(_sarif(listed), ensure_ascii=False, indent=1)
    return "\n".join(map(str, listed))


def _annotation(p: Problem) -> str:
    def escape(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def attribute(text: str) -> str:
        return escape(text).replace(":", "%3A").replace(",", "%2C")

    level = "warning" if p.warning else "error"
    what = f"{p.key} = {p.value!r}: " if p.key else ""
    place = f"file={attribute(p.file)},line={max(p.line, 1)},title={attribute(p.rule)}"
    return f"::{level} {place}::{escape(what + p.remedy)}"


def _sarif(problems: list[Problem]) -> dict[str, object]:
    results = [
        {
            "ruleId": p.rule,
            "level": "warning" if p.warning else "error",
            "message": {"text": (f"{p.key} = {p.value!r}: " if p.key else "") + p.remedy},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": p.file},
                        "region": {"startLine": max(p.line, 1)},
                    }
                }
            ],
        }
        for p in problems
    ]
    rules = [
        {"id": rule, "shortDescription": {"text": rule.replace("_", " ")}}
        for rule in sorted({p.rule for p in problems})
    ]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "lossclaims", "rules": rules}}, "results": results}],
    }
