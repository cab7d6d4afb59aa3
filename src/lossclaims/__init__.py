"""Who claimed what was lost in war.

>>> import lossclaims as lc
>>> lc.tables()                              # doctest: +SKIP
>>> lc.load("equipment_claims")              # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lossclaims.data import cite, datapackage, describe, explain, ledger, load, path, recode, tables
    from lossclaims.show import Incident, incident

    __version__: str

__all__ = [
    "Incident",
    "__version__",
    "cite",
    "datapackage",
    "describe",
    "explain",
    "incident",
    "ledger",
    "load",
    "path",
    "recode",
    "tables",
]


def __getattr__(name: str) -> Any:
    # imported on first use, so that importing the package costs next to nothing
    if name == "__version__":
        from importlib.metadata import version

        return version("lossclaims")
    if name in ("Incident", "incident"):
        from lossclaims import show as found
    elif name in __all__:
        from lossclaims import data as found  # type: ignore[no-redef]
    else:
        raise AttributeError(f"module 'lossclaims' has no attribute {name!r}")
    return getattr(found, name)


def __dir__() -> list[str]:
    return __all__
