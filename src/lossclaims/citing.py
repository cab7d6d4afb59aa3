"""How to cite a release, from its descriptor alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def cite_as(descriptor: Mapping[str, Any], style: str) -> str:
    """Citation of the release that a descriptor describes.

    Parameters
    ----------
    descriptor : Mapping
        With contributors, created, version and title.
    style : str
        ``text``, ``bibtex`` or ``apa``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the style does not exist.
    """
    who = " and ".join(c["title"] for c in descriptor["contributors"])
    year, version, title = descriptor["created"][:4], descriptor["version"], descriptor["title"]
    if style == "bibtex":
        lines = [
            f"@misc{{lossclaims_{version.replace('.', '_')},",
            f"  author = {{{{{who}}}}},",
            f"  title = {{{title}}},",
            f"  year = {{{year}}},",
            f"  version = {{{version}}},",
            "  note = {Data set, CC BY 4.0},",
            "}",
        ]
        return "\n".join(lines)
    if style == "apa":
        return f"{who}. ({year}). {title} (Version {version}) [Data set]."
    if style == "text":
        return f"{who}, {title}, version {version}, {year}, CC BY 4.0."
    raise ValueError(f"no style {style!r}; one of text, bibtex, apa")
