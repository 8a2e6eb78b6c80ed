"""Asking the insurance gateway (BHXH) what a card is worth today.

Only the server asks, from its one registered address, in the name of a registered officer. What the gateway does in
practice: an HTML page with status 200, a 4xx with the real code in its JSON, connections reset, several seconds of
silence. Source: Official letter 1923/BHXH-CNTT of 20 June 2024 and its appendix 03.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Final, Protocol

from pydantic import ValidationError

from server.domain.card_check import CardStatus, verdict_of
from server.domain.days import local_day
from server.insurance.breaker import CircuitBreaker
from server.insurance.config import Credentials, InsuranceSection
from server.insurance.errors import GatewayError, GatewayUnavailable
from server.insurance.messages import CardAnswer, CardInquiry, Reply
from server.insurance.token import Token, TokenStore, digest_of
from server.insurance.transport import HttpReply, Transport

CACHE_ROWS: Final = 2000


class InsuranceGateway(Protocol):
    """One way to ask about cards; used by several threads."""

    def check_card(self, facility: str, inquiry: CardInquiry) -> Reply:
        """Return the gateway's answer to a facility's question; every result code is a normal return.

        Raises GatewayUnavailable (CircuitOpen when it was not asked), GatewayRefused.
        """
        ...

    def close(self) -> None:
        """Let go of the connections; harmless when called twice."""
        ...


class BhxhGateway:
    """The gateway over HTTP; the simulated one is asked by this class too, at its own address."""

    def __init__(
        self, section: InsuranceSection, credentials: Mapping[str, Credentials], *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._transport = Transport(
            section.base_url, connect_s=section.connect_s, read_s=section.read_s, connections=section.parallel
        )
        self._path = section.card_path
        self._now = now
        self._cache = _Cache(section.cache_s, monotonic)
        self._facilities = {
            code: _Facility(self._transport, section, one, now, monotonic) for code, one in credentials.items()
        }

    def check_card(self, facility: str, inquiry: CardInquiry) -> Reply:
        """See InsuranceGateway; raises KeyError for a facility without an account."""
        asker = self._facilities[facility]
        key = _Key(facility, inquiry.number, inquiry.full_name, str(inquiry.born_on), local_day(self._now()))
        known = self._cache.find(key)
        if known is not None:
            return known
        asker.breaker.enter()
        try:
            reply = self._ask(asker, inquiry)
        except GatewayError:  # a refused account too: asking on would lock it
            asker.breaker.failed()
            raise
        asker.breaker.succeeded()
        if verdict_of(reply.answer.result_code).status is not CardStatus.UNVERIFIED:
            self._cache.keep(key, reply)
        return reply

    def close(self) -> None:
        self._transport.close()

    def _ask(self, asker: "_Facility", inquiry: CardInquiry) -> Reply:
        token = asker.tokens.get()
        reply = self._post(asker, token, inquiry)
        if _refuses_token(reply):
            reply = self._post(asker, asker.tokens.get(refused=token), inquiry)
        return _read(reply)

    def _post(self, asker: "_Facility", token: Token, inquiry: CardInquiry) -> HttpReply:
        credentials = asker.credentials
        return self._transport.post(
            self._path,
            query={
                "token": token.access_token,
                "id_token": token.id_token,
                "username": credentials.username,
                "password": asker.digest,
            },
            message={
                "maThe": inquiry.number,
                "hoTen": inquiry.full_name,
                "ngaySinh": inquiry.written_birth_date,
                "hoTenCb": credentials.officer_name,
                "cccdCb": credentials.officer_number,
            },
        )


class _Facility:
    """What belongs to one account: its token and its standing with the gateway."""

    def __init__(
        self, transport: Transport, section: InsuranceSection, credentials: Credentials,
        now: Callable[[], datetime], monotonic: Callable[[], float],
    ) -> None:  # fmt: skip
        self.credentials = credentials
        self.digest = digest_of(credentials.password, section.digest_case)
        self.tokens = TokenStore(transport, section.token_path, credentials, self.digest, now)
        self.breaker = CircuitBreaker(monotonic)


def _refuses_token(reply: HttpReply) -> bool:
    code = (reply.content or {}).get("maKetQua")
    return reply.status in {401, 403} or (isinstance(code, str | int) and verdict_of(str(code)).refreshes_token)


def _read(reply: HttpReply) -> Reply:
    """Return the card's answer; a 4xx counts where its JSON names a result code."""
    if reply.content is None:
        raise GatewayUnavailable("not_json" if reply.status == 200 else f"status_{reply.status}")
    if reply.status >= 500:
        raise GatewayUnavailable(f"status_{reply.status}")
    try:
        return Reply(CardAnswer.model_validate(reply.content), reply.body)
    except ValidationError:
        raise GatewayUnavailable("wrong_json") from None  # the library's error quotes the patient's data


@dataclass(frozen=True, slots=True)
class _Key:
    facility: str
    number: str
    full_name: str  # as written: marks put right are a new question
    born_on: str
    day: date


class _Cache:
    """Clear answers of the last minutes: the same question comes again when a kiosk or the desk repeats itself."""

    def __init__(self, life_s: float, monotonic: Callable[[], float]) -> None:
        self._life_s = life_s
        self._monotonic = monotonic
        self._lock = Lock()
        self._rows: OrderedDict[_Key, tuple[float, Reply]] = OrderedDict()

    def find(self, key: _Key) -> Reply | None:
        with self._lock:
            row = self._rows.get(key)
            return row[1] if row is not None and self._monotonic() < row[0] else None

    def keep(self, key: _Key, reply: Reply) -> None:
        with self._lock:
            self._rows[key] = (self._monotonic() + self._life_s, reply)
            self._rows.move_to_end(key)
            while len(self._rows) > CACHE_ROWS:
                self._rows.popitem(last=False)
