"""Keys and tokens that lie in the data directory, each in a file only its owner can read."""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from server.errors import Refused


def require_private(path: Path, code: str) -> None:
    """Raise Refused, with ``code``, when others than its owner may read ``path``; FileNotFoundError without it."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Refused(code, f"{path} can be read by others: chmod 600 it")


def read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what ``path`` holds; the first call puts there what ``make`` returns. Raises Refused, see require_private.

    Two processes may start at once: the link makes the first complete file the one that counts, for both.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        require_private(path, "key.open")
        return path.read_bytes()
    except FileNotFoundError:
        pass
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    write_new(draft, make())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()


def write_new(path: Path, content: bytes) -> None:
    """Write a file that was not there, on the disk when this returns; raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
