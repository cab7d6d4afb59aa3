"""A release as somebody downloaded it: a folder, a zip, or a version, and what is in it.

Reading a release needs nothing but the standard library.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DESCRIPTOR = "datapackage.json"
SUMS = "SHA256SUMS"
# first characters by which a spreadsheet takes a text for a formula
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_VERSION = re.compile(r"v?([0-9]+\.[0-9]+\.[0-9]+)")


class NoRelease(ValueError):
    """What was named is no release, with what would be one."""


@dataclass(frozen=True)
class Release:
    """Files of one release that has a descriptor.

    Parameters
    ----------
    name : str
        As messages name it.
    files : Mapping of str to bytes
        Path below the descriptor's folder to content.
    """

    name: str
    files: Mapping[str, bytes]

    @property
    def descriptor(self) -> dict[str, Any]:
        """The Frictionless descriptor.

        Raises
        ------
        NoRelease
            If it is no JSON object with resources.
        """
        try:
            found = json.loads(self.files[DESCRIPTOR])
        except (KeyError, ValueError) as error:
            raise NoRelease(f"{self.name}: no readable {DESCRIPTOR} ({error})") from None
        if not isinstance(found, dict) or not isinstance(found.get("resources"), list):
            raise NoRelease(f"{self.name}: {DESCRIPTOR} is no data package")
        return found

    @property
    def version(self) -> str:
        return str(self.descriptor.get("version", ""))

    def resources(self, form: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Table name and resource of each table in a form, ``csv`` or ``parquet``."""
        for resource in self.descriptor["resources"]:
            if resource.get("format") == form:
                yield str(resource["name"]).removesuffix(f"-{form}"), resource


def open_release(where: str | Path) -> Release:
    """Open a release for its tables.

    Parameters
    ----------
    where : str or Path
        A zip of CSV or Parquet; a folder with ``datapackage.json`` or with such zips; or a version: the installed one,
        or one whose zip lies in the current folder or in ``dist``, or that a tag of the checkout around it names.

    Returns
    -------
    Release

    Raises
    ------
    NoRelease
        If there is none.
    """
    path = Path(where)
    if path.is_dir():
        if (path / DESCRIPTOR).is_file():
            return Release(str(where), _folder(path))
        for zipped in sorted(path.glob("lossclaims-*-csv.zip")):
            return open_release(zipped)
    elif path.is_file():
        return Release(str(where), dict(zip_members(path.read_bytes(), str(where))))
    elif match := _VERSION.fullmatch(str(where)):
        found = _by_version(match[1])
        if found is not None:
            return found
    raise NoRelease(
        f"{where}: no release; give a folder with {DESCRIPTOR} or with a CSV zip, a zip of CSV or Parquet, "
        "or a version that is installed, lies in the current folder or dist, or has a tag"
    )


def _folder(path: Path) -> dict[str, bytes]:
    """The descriptor's files, and what lies beside it as in an archive; not a checkout's hand-written files."""
    descriptor = (path / DESCRIPTOR).read_bytes()
    files = {DESCRIPTOR: descriptor}
    try:
        named = [str(r["path"]) for r in json.loads(descriptor)["resources"]]
    except (ValueError, KeyError, TypeError):
        named = []
    if (path / SUMS).is_file():
        named += [p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()]
    for name in named:
        if (path / name).is_file() and (path / name).resolve().is_relative_to(path.resolve()):
            files[name] = (path / name).read_bytes()
    return files


def _by_version(version: str) -> Release | None:
    from lossclaims.data import datapackage, path

    try:
        if datapackage()["version"] == version:
            return Release(version, _folder(path("claims").parents[1]))
    except FileNotFoundError:
        pass
    for folder in (Path(), Path("dist")):
        if (zipped := folder / f"lossclaims-{version}-csv.zip").is_file():
            return open_release(zipped)
    command = ["git", "archive", "--format=zip", f"v{version}:datasets", DESCRIPTOR, "tables"]
    try:
        made = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return None
    return Release(f"v{version}", dict(zip_members(made.stdout, version))) if made.returncode == 0 else None


def zip_members(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of a zip.

    Raises
    ------
    NoRelease
        If it is no zip, or a member is broken.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    yield info.filename, archive.read(info)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise NoRelease(f"{name}: no sound zip ({error})") from None
    except Exception as error:  # zlib.error and its like, which zipfile lets through
        raise NoRelease(f"{name}: a member cannot be unpacked ({error})") from None


def make_zip(files: Mapping[str, bytes]) -> bytes:
    """Zip of files, in their order; the same bytes wherever and whenever it is made with one version of zlib."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)  # its day is the first of 1980
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def sums_text(files: Mapping[str, bytes]) -> bytes:
    """``SHA256SUMS`` of files, in the form that ``sha256sum -c`` reads."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()


def parquet_as_csv(data: bytes) -> bytes:
    """A Parquet file in the reference form, CSV."""
    import pyarrow.parquet as pq

    # threads of pyarrow that still run when the process ends would abort it
    table = pq.ParquetFile(io.BytesIO(data)).read(use_threads=False)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*([cell(v) for v in column.to_pylist()] for column in table.columns), strict=True))
    return out.getvalue().encode()


def cell(value: Any) -> str:
    """A value as the reference form has it: ISO days, true and false, shortest numbers, empty for missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return value.strftime("%Y-%m-%d") if hasattr(value, "strftime") else str(value)
