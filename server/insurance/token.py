"""The gateway's token: one per facility, shared by all threads, taken by one of them while the others wait."""

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from server.domain.days import VIETNAM
from server.insurance.config import Credentials
from server.insurance.errors import GatewayRefused, GatewayUnavailable
from server.insurance.transport import HttpReply, Transport

USUAL_LIFE: Final = timedelta(minutes=50)
LONGEST_LIFE: Final = timedelta(hours=12)
MARGIN: Final = timedelta(seconds=60)
REFUSED_CODES: Final = frozenset({"401", "402", "403"})


@dataclass(frozen=True, slots=True)
class Token:
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)
    good_until: datetime


def digest_of(password: str, case: Literal["upper", "lower"]) -> str:
    """Return the MD5 of a password in hexadecimal: what the gateway asks for instead of the password."""
    digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return digest.upper() if case == "upper" else digest


class TokenStore:
    """The present token of one facility."""

    def __init__(
        self, transport: Transport, path: str, credentials: Credentials, digest: str, now: Callable[[], datetime]
    ) -> None:
        self._transport = transport
        self._path = path
        self._form = {"username": credentials.username, "password": digest}
        self._now = now
        self._lock = threading.Lock()
        self._token: Token | None = None

    def get(self, *, refused: Token | None = None) -> Token:
        """Return a token that holds; never ``refused``, which the gateway no longer takes.

        Raises GatewayUnavailable, GatewayRefused.
        """
        with self._lock:
            token = self._token
            if token is not None and token != refused and self._now() < token.good_until:
                return token
            self._token = None
            self._token = read_token(self._transport.post(self._path, form=self._form), self._now())
            return self._token


def read_token(reply: HttpReply, now: datetime) -> Token:
    """Return the token in an answer; raises GatewayRefused when the account is not taken, else GatewayUnavailable."""
    content = reply.content or {}
    code = str(content.get("maKetQua") or reply.status)
    key = content.get("APIKey")
    fields: Mapping[str, Any] = key if isinstance(key, dict) else content  # some variants flatten the fields
    access, identity = fields.get("access_token"), fields.get("id_token")
    if isinstance(access, str) and isinstance(identity, str) and access and identity and code in {"200", "000"}:
        return Token(access, identity, now + life(fields.get("expires_in"), now) - MARGIN)
    if code in REFUSED_CODES:
        raise GatewayRefused(code)
    if reply.content is None:
        raise GatewayUnavailable("not_json" if reply.status == 200 else f"status_{reply.status}")
    raise GatewayUnavailable("no_token")


def life(expires_in: object, now: datetime) -> timedelta:
    """Return how long a token lasts, 1 minute to 12 hours.

    The field comes as an instant, as seconds since 1970 (or milliseconds), or as a number of seconds.
    """
    left = _left(expires_in, now)
    return USUAL_LIFE if left is None else min(max(left, timedelta(minutes=1)), LONGEST_LIFE)


def _left(value: object, now: datetime) -> timedelta | None:
    text = "" if isinstance(value, bool) else str(value or "").strip()
    if re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", text):
        number = float(text)
        if number < 1e9:
            return timedelta(seconds=number)
        return timedelta(seconds=(number / 1000 if number >= 1e12 else number) - now.timestamp())
    try:
        # Seven digits of a second are written where Python reads six.
        instant = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text))
    except ValueError:
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=VIETNAM)) - now
