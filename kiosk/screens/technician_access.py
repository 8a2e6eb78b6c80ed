"""Who may see the technician's page: nobody, until a secret was set with ``tiepdon-kiosk technician-secret``."""

import logging
import os
import secrets
import threading
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

log = logging.getLogger(__name__)

SECRET_FILE: Final = "technician-secret"  # noqa: S105 - the name of a file
SHORTEST_SECRET: Final = 8
SESSION_S: Final = 15 * 60.0
TRIES: Final = 5
LOCKED_S: Final = 60.0
"""After TRIES wrong secrets nobody is let in for this long, twice as long after each further one."""

_LONGEST_SECRET: Final = 200
_LONGEST_LOCK_S: Final = 3600.0


class Refusal(StrEnum):
    NOT_SET = "not-set"
    WRONG = "wrong"
    LOCKED = "locked"


def write_secret(data_dir: Path, secret: str) -> None:
    """Keep the Argon2id hash of ``secret`` below ``data_dir``, readable by its owner only.

    Raises ValueError for a secret of fewer than SHORTEST_SECRET characters.
    """
    if not SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET:
        raise ValueError(f"a technician's secret has {SHORTEST_SECRET} to {_LONGEST_SECRET} characters")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = data_dir / f"{SECRET_FILE}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(PasswordHasher().hash(secret))
    fresh.replace(data_dir / SECRET_FILE)


class TechnicianAccess:
    """Sessions live in this process: a restart ends them all."""

    def __init__(self, data_dir: Path, monotonic: Callable[[], float]) -> None:
        self._file = data_dir / SECRET_FILE
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sessions: dict[str, float] = {}
        self._failures = 0
        self._locked_until = 0.0

    @property
    def is_set(self) -> bool:
        return self._file.is_file()

    def sign_in(self, secret: str) -> str | Refusal:
        """Return the key of a new session, or why there is none."""
        with self._lock:  # one check at a time: 5 tries are 5 tries, and Argon2 takes 64 MB each
            if self._monotonic() < self._locked_until:
                return Refusal.LOCKED
            if (kept := self._hash()) is None:
                return Refusal.NOT_SET
            if not _matches(kept, secret[:_LONGEST_SECRET]):
                self._failed()
                return Refusal.WRONG
            self._failures = 0
            key = secrets.token_urlsafe(32)
            self._sessions[key] = self._monotonic() + SESSION_S
            return key

    def is_signed_in(self, key: str | None) -> bool:
        with self._lock:
            now = self._monotonic()
            self._sessions = {one: until for one, until in self._sessions.items() if until > now}
            return key is not None and key in self._sessions

    def sign_out(self, key: str | None) -> None:
        with self._lock:
            self._sessions.pop(key or "", None)

    def _hash(self) -> str | None:
        try:
            return self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None

    def _failed(self) -> None:
        self._failures += 1
        log.warning("technician's page: wrong secret, %d in a row", self._failures)
        if self._failures >= TRIES:
            self._locked_until = self._monotonic() + min(LOCKED_S * 2 ** (self._failures - TRIES), _LONGEST_LOCK_S)


def _matches(kept: str, secret: str) -> bool:
    try:
        return PasswordHasher().verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False
