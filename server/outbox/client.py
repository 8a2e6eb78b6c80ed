"""One HTTP exchange with the hospital's information system: bounded in time and size, its answer judged."""

import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

from server.contract.http_answer import AnswerTooLong, AnswerTooSlow, read_body
from server.domain.outbound import Verdict, verdict_of
from server.outbox.config import HisSection
from server.outbox.fhir import MEDIA_TYPE
from server.outbox.service import Outcome, TakenMessage

_ANSWER_BYTES: Final = 64 * 1024
_WORDS: Final = 500


class HisClient:
    """Kept-alive connections to one system; used by one thread at a time. ``read_s`` bounds a whole answer."""

    def __init__(self, section: HisSection, token: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = f"{section.base_url}{section.path}"
        self._read_s = section.read_s
        self._monotonic = monotonic
        self._pool = urllib3.PoolManager(
            num_pools=1,
            maxsize=1,
            retries=False,
            timeout=urllib3.Timeout(connect=section.connect_s, read=section.read_s),
            headers={"Authorization": f"Bearer {token}", "Accept": MEDIA_TYPE, "User-Agent": "tiepdon"},
        )
        logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)  # its debug lines hold addresses

    def send(self, message: TakenMessage) -> Outcome:
        """Send a message once and return what came of it; never raises for what the network or the other side does."""
        headers = {"Content-Type": f"{MEDIA_TYPE}; charset=utf-8", "Idempotency-Key": f'"{message.key}"'}
        deadline = self._monotonic() + self._read_s
        try:
            response = self._pool.request(
                "POST", self._url, body=message.body, headers={**self._pool.headers, **headers}, redirect=False,
                preload_content=False,
            )  # fmt: skip
            content = _read(response, deadline, self._monotonic)
        except SSLError:
            return Outcome(Verdict.UNREACHABLE, "his.tls")
        except (ConnectTimeoutError, NewConnectionError):
            return Outcome(Verdict.UNREACHABLE, "his.connect")
        except (ReadTimeoutError, AnswerTooSlow):
            return Outcome(Verdict.UNREACHABLE, "his.timeout")  # whether it was taken nobody knows: the key tells
        except HTTPError:
            return Outcome(Verdict.UNREACHABLE, "his.connection")
        return _judged(response.status, content, response.headers.get("Retry-After", ""))

    def close(self) -> None:
        self._pool.clear()


def _read(response: urllib3.BaseHTTPResponse, deadline: float, monotonic: Callable[[], float]) -> bytes:
    try:
        return read_body(response, longest_bytes=_ANSWER_BYTES, deadline=deadline, monotonic=monotonic)
    except AnswerTooLong:
        return b""  # the status says enough


def _judged(status: int, content: bytes, retry_after: str) -> Outcome:
    verdict = verdict_of(status)
    if verdict is Verdict.TAKEN:
        return Outcome(verdict)
    seconds = int(retry_after) if retry_after.isascii() and retry_after.isdecimal() and len(retry_after) < 6 else 0
    return Outcome(verdict, f"his.status-{status}", _words(content), timedelta(seconds=seconds))


def _words(content: bytes) -> str | None:
    """Return what an OperationOutcome says, as one printable line; None for anything else."""
    try:
        outcome: Any = json.loads(content)
        issues = outcome["issue"] if outcome["resourceType"] == "OperationOutcome" else []
        said = [str(one.get("diagnostics") or one.get("details", {}).get("text") or one["code"]) for one in issues[:5]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    text = " ".join("".join(c if c.isprintable() else " " for c in "; ".join(said)).split())
    return text[:_WORDS] or None
