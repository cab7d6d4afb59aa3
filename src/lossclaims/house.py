"""Where things lie in a checkout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class House:
    """The folders of one checkout.

    Parameters
    ----------
    root : Path
        Folder that holds ``schemas/`` and ``datasets/``.
    """

    root: Path

    @property
    def table_schemas(self) -> Path:
        return self.root / "schemas" / "tables"

    @property
    def record_schemas(self) -> Path:
        return self.root / "schemas" / "records"

    @property
    def vocabulary(self) -> Path:
        return self.root / "datasets" / "vocabulary"

    @property
    def records(self) -> Path:
        return self.root / "datasets" / "records"

    @property
    def tables(self) -> Path:
        return self.root / "datasets" / "tables"

    @property
    def descriptor(self) -> Path:
        return self.root / "datasets" / "datapackage.json"

    @property
    def dist(self) -> Path:
        return self.root / "dist"

    @property
    def codebook(self) -> Path:
        return self.root / "docs" / "codebook.md"

    @property
    def names(self) -> Path:
        return self.root / "src" / "lossclaims" / "_names.py"

    def name(self, path: Path) -> str:
        """Path as a message shows it: relative to the checkout, with forward slashes."""
        absolute = Path(os.path.abspath(path))
        root = Path(os.path.abspath(self.root))
        return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(path)


def find_house(start: Path | None = None) -> House:
    """Find the checkout around a folder.

    Parameters
    ----------
    start : Path, optional
        Folder to start from. By default the current one, and last the checkout that this package was loaded from;
        who names a folder means that one or one around it.

    Returns
    -------
    House

    Raises
    ------
    FileNotFoundError
        If no folder on the way holds ``schemas/tables`` and ``datasets``.
    """
    here = (start or Path.cwd()).resolve()
    loaded_from = () if start else (Path(__file__).resolve().parents[2],)
    for folder in (here, *here.parents, *loaded_from):
        if (folder / "schemas" / "tables").is_dir() and (folder / "datasets").is_dir():
            return House(folder)
    raise FileNotFoundError(
        f"{here}: no checkout of lossclaims here (a folder with schemas/tables and datasets); "
        "run the command inside one, or give --root"
    )
