"""One HTTP exchange with the insurance gateway: bounded in time and size, and nothing secret in a log.

Account, token and password travel in the query string of the look-up; the gateway wants it so. The HTTP library writes
addresses to its debug log, hence the filter.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from server.contract.http_answer import AnswerTooLong, AnswerTooSlow, read_body
from server.insurance.errors import GatewayUnavailable

MAX_BODY_BYTES: Final = 2 * 1024 * 1024
"""A history of 500 visits takes about 300 kB."""


@dataclass(frozen=True, slots=True)
class HttpReply:
    """``content`` is None where the body is no JSON object."""

    status: int
    content: dict[str, Any] | None
    body: bytes


class Transport:
    """Kept-alive connections to one gateway; shared by all threads.

    ``read_s`` bounds each wait for bytes and the reading of the whole answer.
    """

    def __init__(
        self, base_url: str, *, connect_s: float = 5.0, read_s: float = 10.0, connections: int = 4,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._base_url = base_url.rstrip("/")
        self._read_s = read_s
        self._monotonic = monotonic
        self._pool = urllib3.PoolManager(
            num_pools=2,
            maxsize=connections,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=connect_s, read=read_s),
            headers={"Accept": "application/json", "User-Agent": "tiepdon"},
        )
        logging.getLogger("urllib3.connectionpool").addFilter(_QUERIES)

    def post(
        self, path: str, *, query: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None,
        message: Mapping[str, str] | None = None,
    ) -> HttpReply:  # fmt: skip
        """Return the answer to one POST; repeated once where the connection was reset, for look-ups change nothing.

        Raises GatewayUnavailable.
        """
        url = f"{self._base_url}{path}"
        if query:
            url += "?" + urlencode(query)
        body, kind = (
            (json.dumps(message, ensure_ascii=False).encode(), "application/json; charset=utf-8")
            if message is not None
            else (urlencode(form or {}).encode(), "application/x-www-form-urlencoded")
        )
        try:
            return self._exchange(url, body, kind)
        except _Reset:
            pass
        try:
            return self._exchange(url, body, kind)
        except _Reset:
            raise GatewayUnavailable("reset") from None

    def close(self) -> None:
        self._pool.clear()

    def _exchange(self, url: str, body: bytes, kind: str) -> HttpReply:
        # "from None": the library's errors carry the address, and with it the password.
        try:
            # A redirect would carry the token to another host.
            response = self._pool.request(
                "POST", url, body=body, headers={"Content-Type": kind}, redirect=False, preload_content=False
            )
            deadline = self._monotonic() + self._read_s
            content = read_body(response, longest_bytes=MAX_BODY_BYTES, deadline=deadline, monotonic=self._monotonic)
        except AnswerTooLong:
            raise GatewayUnavailable("too_large") from None
        except SSLError:
            raise GatewayUnavailable("tls") from None
        except (ConnectTimeoutError, NewConnectionError):
            raise GatewayUnavailable("connect") from None
        except (ReadTimeoutError, AnswerTooSlow):
            raise GatewayUnavailable("timeout") from None
        except ProtocolError as error:
            if any(isinstance(part, ConnectionError) for part in (*error.args, error.__cause__)):
                raise _Reset from None
            raise GatewayUnavailable("protocol") from None
        except HTTPError as error:
            raise GatewayUnavailable(type(error).__name__) from None
        return HttpReply(response.status, _json_object(content), content)


class _Reset(Exception):
    """The connection was reset or closed before an answer came."""


class _QueryFilter(logging.Filter):
    """Cuts the query string off every address in a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        return True


def _without_query(value: object) -> object:
    return value.partition("?")[0] if isinstance(value, str) else value


_QUERIES: Final = _QueryFilter()


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    return content if isinstance(content, dict) else None
