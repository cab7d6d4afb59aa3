"""Whether two addresses are of one document.

Scheme, ``www``, mobile hosts, a trailing slash, tracking parameters, the fragment and the order of
parameters make no difference; anything else does.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_HOST = re.compile(r"^(?:www[0-9]?|m|mobile|amp)\.")
_AMP = re.compile(r"/amp(?:/|\.html)?$")


def address_key(url: str) -> str:
    """Form under which spellings of one address are equal.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
        Host, path and remaining parameters; empty where the text is no web address.
    """
    from courlan import normalize_url

    try:
        parts = urlsplit(normalize_url(url.strip(), strict=False))
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = _HOST.sub("", parts.hostname)
    path = _AMP.sub("", unquote(parts.path)).rstrip("/")
    query = "&".join(sorted(p for p in parts.query.split("&") if p and p not in ("amp", "amp=1")))
    return f"{host}{path}" + (f"?{query}" if query else "")


def without_trackers(url: str) -> str:
    """Address as it was given, less what only follows its reader."""
    from courlan import normalize_url

    return normalize_url(url.strip(), strict=False).partition("#")[0]


def host_of(url: str) -> str:
    """Host of an address without ``www`` and mobile prefixes; empty where there is none."""
    return address_key(url).partition("/")[0].partition("?")[0]
