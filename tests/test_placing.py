"""Is what is put in place there as a whole, or not at all, whatever happens meanwhile?"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lossclaims import placing
from lossclaims.placing import finish, place

OLD = {f"tables/t{i}.csv": f"old {i}".encode() * 50 for i in range(12)} | {
    "package.json": b"old",
    "docs/book.md": b"old",
}
NEW = {f"tables/t{i}.csv": f"new {i}".encode() * 60 for i in range(3, 15)} | {
    "package.json": b"new",
    "docs/book.md": b"new",
}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")


def state(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def put(root: Path, files: dict[str, bytes]) -> list[Path]:
    return place(root, {root / name: data for name, data in files.items()}, [root / "tables"])


def tables(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name.startswith("tables/")}


def in_child(work: Callable[[], object]) -> int:
    """Run work in a forked process and give its pid."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except OSError:
            os._exit(3)
        finally:
            os._exit(4)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    made.mkdir()
    put(made, OLD)
    assert state(made) == OLD
    return made


def test_what_is_given_is_there_and_nothing_else(root: Path) -> None:
    (root / "tables" / "stray.csv").write_text("stray")
    (root / "kept.txt").write_text("kept")
    changed = put(root, NEW)
    assert state(root) == NEW | {"kept.txt": b"kept"}
    assert root / "tables" / "stray.csv" in changed and root / "tables" / "t0.csv" in changed
    assert put(root, NEW) == []


def test_killed_at_every_step_leaves_old_or_new_and_the_next_run_succeeds(root: Path, tmp_path: Path) -> None:
    """A process that dies at its k-th file operation that Python announces, for every k until one survives."""
    whole = {frozenset(tables(OLD).items()), frozenset(tables(NEW).items())}
    seen = set()
    for k in range(1, 2000):

        def work(k: int = k) -> None:
            count = 0

            def hook(event: str, _args: object) -> None:
                nonlocal count
                if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "ctypes.dlsym"):
                    count += 1
                    if count == k:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(hook)
            put(root, NEW)

        code = ended(in_child(work))
        found = state(root)
        at_tables = frozenset((n, d) for n, d in found.items() if n.startswith("tables/"))
        assert at_tables in whole, f"torn after {k} calls"
        assert found["package.json"] in (b"old", b"new") and found["docs/book.md"] in (b"old", b"new")
        seen.add((found["tables/t5.csv"] == NEW["tables/t5.csv"], found["package.json"] == b"new"))
        put(root, NEW)
        assert state(root) == NEW
        put(root, OLD)
        assert state(root) == OLD and not list(root.glob(placing.STAGING + "*"))
        if code == 0:
            break
    assert code == 0 and k > 20
    # the kills met the work before, in the midst of, and after its moves
    assert {(False, False), (True, False), (True, True)} <= seen


def test_killed_at_fifty_random_moments(root: Path) -> None:
    begin = time.perf_counter()
    put(root, NEW)
    put(root, OLD)
    takes = (time.perf_counter() - begin) / 2
    whole = {frozenset(tables(OLD).items()), frozenset(tables(NEW).items())}
    rng = random.Random(50)
    for _ in range(50):
        pid = in_child(lambda: put(root, NEW))
        time.sleep(rng.uniform(0, 1.5 * takes))
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        assert frozenset((n, d) for n, d in state(root).items() if n.startswith("tables/")) in whole
        put(root, OLD)
        assert state(root) == OLD


def test_full_disk_changes_nothing(root: Path) -> None:
    import resource

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        put(root, {**NEW, "package.json": b"new" * 1000})

    assert ended(in_child(work)) == 3
    assert state(root) == OLD and not list(root.glob(placing.STAGING + "*"))


@pytest.mark.parametrize("locked", [".", "docs"])
def test_read_only_folder_changes_nothing(root: Path, locked: str) -> None:
    for folder in [root, *root.parents]:
        if os.getuid() == 0 and str(folder).startswith("/tmp/"):
            os.chmod(folder, 0o755)
    for path in [root, *root.rglob("*")]:
        if os.getuid() == 0:
            os.chown(path, 65534, 65534)
    if os.getuid() == 0:
        os.chown(root / locked, 0, 0)
    os.chmod(root / locked, 0o555)

    def work() -> None:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        put(root, NEW)

    try:
        assert ended(in_child(work)) == 3
        assert {n: d for n, d in state(root).items() if not n.startswith(placing.STAGING)} == OLD
    finally:
        os.chmod(root / locked, 0o755)
    assert put(root, NEW) and state(root) == NEW


def test_a_system_that_cannot_exchange_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "_exchange_at_once", lambda a, b: False)
    put(root, NEW)
    assert state(root) == NEW


def test_remnants_of_a_killed_run_go(root: Path) -> None:
    (root / ".lossclaims-abc").mkdir()
    (root / ".lossclaims-abc" / "file0").write_text("half")
    assert finish(root) is False
    assert state(root) == OLD
