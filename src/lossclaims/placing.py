"""Many files put in place as one: all of them, or none.

Everything is written beside its place first. A journal then says what goes where; from that moment on whoever comes
next finishes the work, were this process killed. A folder changes places with its successor in one step.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

STAGING = ".lossclaims-"
COMMITTED = STAGING + "committed"
JOURNAL = "journal.json"


def place(root: Path, files: Mapping[Path, bytes], folders: Collection[Path] = ()) -> list[Path]:
    """Write files below a folder, all or none.

    Parameters
    ----------
    root : Path
        Folder that holds every target; what is staged lies in it, so that moving is renaming.
    files : Mapping of Path to bytes
        Every file with its content.
    folders : collection of Path
        Folders that hold nothing but their part of `files`: what else lies there goes.

    Returns
    -------
    list of Path
        Files that changed or went, sorted.

    Raises
    ------
    OSError
        If something cannot be written or moved; everything is as it was then.
    """
    finish(root)
    changed = differing(files, folders)
    if not changed:
        return []
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=root))
    try:
        moves: list[tuple[str, Path]] = []
        for target in [f for f in folders if any(p.is_relative_to(f) for p in changed)]:
            staged = staging / f"folder{len(moves)}"
            for path, data in files.items():
                if path.is_relative_to(target):
                    _write(staged / path.relative_to(target), data)
            moves.append((staged.name, target))
        for path in changed:
            if path in files and not any(path.is_relative_to(f) for f in folders):
                staged = staging / f"file{len(moves)}"
                _write(staged, files[path])
                moves.append((staged.name, path))
        for _, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
        journal = [[name, os.path.relpath(target, root), _digest(staging / name)] for name, target in moves]
        _write(staging / JOURNAL, json.dumps(journal).encode())
        os.chmod(staging, 0o755)
        os.rename(staging, root / COMMITTED)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    finish(root)
    return changed


def differing(files: Mapping[Path, bytes], folders: Collection[Path] = ()) -> list[Path]:
    """Files that are not there as given, and files in the folders that were not given, sorted."""
    changed = [p for p, data in files.items() if not p.is_file() or p.read_bytes() != data]
    strays = [p for folder in folders for p in folder.rglob("*") if p.is_file() and p not in files]
    return sorted(changed + strays)


def finish(root: Path) -> bool:
    """Finish what a killed process had committed, and clear away what it had not.

    Returns
    -------
    bool
        Whether there was something to finish.

    Raises
    ------
    OSError
        If a move fails; the moves before it are taken back and nothing is left of the attempt.
    """
    for remnant in root.glob(STAGING + "*"):
        if remnant.name != COMMITTED:
            shutil.rmtree(remnant, ignore_errors=True)
    committed = root / COMMITTED
    if not (committed / JOURNAL).is_file():
        shutil.rmtree(committed, ignore_errors=True)
        return False
    moves = [
        (committed / name, root / where, digest)
        for name, where, digest in json.loads((committed / JOURNAL).read_text(encoding="utf-8"))
    ]
    try:
        for staged, target, digest in moves:
            # what a killed process moved already is not exchanged back
            if _digest(target) != digest:
                _exchange(staged, target)
    except OSError:
        for staged, target, digest in reversed(moves):
            if _digest(target) == digest:
                _exchange(target, staged)
        shutil.rmtree(committed, ignore_errors=True)
        raise
    # without its journal the rest is a remnant, even if the process is killed here
    (committed / JOURNAL).unlink()
    shutil.rmtree(committed, ignore_errors=True)
    return True


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.chmod(path, 0o644)


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of a folder; empty where there is nothing."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    if not path.is_dir():
        return ""
    found = hashlib.sha256()
    for name in sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()):
        found.update(f"{name}\0{_digest(path / name)}\n".encode())
    return found.hexdigest()


def _exchange(a: Path, b: Path) -> None:
    """Let two paths change places, in one step where the system can; the second need not exist."""
    if not b.exists():
        os.rename(a, b)
    elif not _exchange_at_once(a, b):
        aside = a.with_name(a.name + "-aside")
        os.rename(b, aside)
        try:
            os.rename(a, b)
        except OSError:
            os.rename(aside, b)
            raise
        os.rename(aside, a)


def _exchange_at_once(a: Path, b: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    if renameat2(here, os.fsencode(a), here, os.fsencode(b), exchange) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(number, os.strerror(number), str(b))
