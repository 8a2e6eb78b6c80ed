"""How a kiosk looks at the desk: one light, what is going on there, what it needs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from server.domain.kiosk_care import Care, Finding
from server.fleet.hand_overs import open_hand_overs
from server.fleet.models import HandedOverSession
from server.fleet.state import FleetEntry, list_fleet
from server.insurance.standing import GatewayStanding, GatewayState, gateway_standing
from server.insurance.texts import TEXTS as GATEWAY_TEXTS
from server.presenting import Light, clock_time
from server.texts import Texts

VERSION: Final = version("tiepdon")

# Pages from which the kiosk can hand somebody over: everywhere somebody is, but where help has come already.
_NOBODY_TO_TAKE: Final = frozenset({"welcome", "staff-called"})


@dataclass(frozen=True, slots=True)
class Tile:
    """One kiosk in words. ``session`` is set when somebody stands there whom the desk can take over.

    ``helps`` is, when a card lies there that the desk can open.
    """

    kiosk_id: UUID
    name: str
    light: Light
    now: str
    needs: tuple[str, ...]
    session: UUID | None
    helps: UUID | None
    has_called: bool
    has_person: bool
    is_urgent: bool
    is_desk: bool
    version: str
    heard_at: datetime | None
    refused: int = 0
    has_reported: bool = True


@dataclass(frozen=True, slots=True)
class GatewayNotice:
    """How the insurance gateway is, in words; ``is_trouble``: somebody at the desk should know."""

    light: Light
    words: str
    is_trouble: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All kiosks, those that need somebody first; what was handed over and waits for a desk; the insurance gateway,
    None while it was not asked today.
    """

    tiles: tuple[Tile, ...]
    handed: tuple[HandedOverSession, ...]
    gateway: GatewayNotice | None = None

    @property
    def in_need(self) -> tuple[Tile, ...]:
        return tuple(tile for tile in self.tiles if tile.needs or (tile.helps and tile.has_called))

    @property
    def unheard(self) -> int:
        """How many have never said how they are."""
        return sum(not tile.has_reported for tile in self.tiles)

    @property
    def well(self) -> int:
        return sum(tile.light == "good" for tile in self.tiles)


def overview(session: Session, t: Texts, *, facility: str, now: datetime) -> Overview:
    """Return how the facility's kiosks are, in the page's language; no personal data."""
    entries = list_fleet(session, facility=facility, now=now, server_version=VERSION)
    desks = {entry.kiosk_id for entry in entries if entry.state is not None and entry.state.is_desk}
    # What a desk's own reader read belongs to that desk's page, and waits for nobody else.
    handed = [one for one in open_hand_overs(session, facility=facility, now=now) if one.kiosk_id not in desks]
    standing = gateway_standing(session, facility=facility, now=now)
    return Overview(
        tuple(tile_of(entry, t, now=now) for entry in entries),
        tuple(handed),
        _gateway_in_words(standing, t) if standing else None,
    )


_GATEWAY_LIGHTS: Final[dict[GatewayState, Light]] = {GatewayState.ANSWERS: "good", GatewayState.SILENT: "warn"}


def _gateway_in_words(standing: GatewayStanding, t: Texts) -> GatewayNotice:
    words, at = Texts(t.language, GATEWAY_TEXTS), standing.answered_at
    cause = f"gateway.cause.{standing.code}"
    text = words(
        f"gateway.{standing.state.value}",
        cause=words(cause) if words.has(cause) else standing.code,
        last=words("gateway.last", time=clock_time(at)) if at else words("gateway.never"),
        waiting=standing.waiting,
    )
    light = _GATEWAY_LIGHTS.get(standing.state, "bad")
    return GatewayNotice(light, text, is_trouble=standing.state is not GatewayState.ANSWERS)


def tile_of(entry: FleetEntry, t: Texts, *, now: datetime) -> Tile:
    state = entry.state
    has_person = state is not None and state.session is not None and Finding.SILENT not in _findings(entry)
    return Tile(
        kiosk_id=entry.kiosk_id,
        name=entry.name,
        light=_light(entry),
        now=_now(entry, t, now),
        needs=tuple(_in_words(one, t) for one in entry.care),
        session=state.session if state and has_person and state.step not in _NOBODY_TO_TAKE else None,
        helps=state.session if state and has_person and state.card_wants else None,
        has_called=entry.open_calls > 0,
        has_person=has_person,
        is_urgent=entry.is_urgent,
        is_desk=state is not None and state.is_desk,
        version=state.version if state else "",
        heard_at=state.received_at if state else entry.last_seen_at,
        refused=state.dead_letters if state else 0,
        has_reported=state is not None,
    )


def _findings(entry: FleetEntry) -> set[Finding]:
    return {one.finding for one in entry.care}


def _light(entry: FleetEntry) -> Light:
    if entry.state is None:
        return "fair"
    if not entry.care and not entry.open_calls:
        return "good"
    return "bad" if entry.is_urgent else "warn"


def _now(entry: FleetEntry, t: Texts, now: datetime) -> str:
    state = entry.state
    if state is None:
        return t("fleet.never" if entry.last_seen_at is None else "fleet.never_reported")
    if state.is_desk:
        return t("fleet.desk")
    if Finding.SILENT in _findings(entry):
        return ""
    if state.session is None:
        return t("fleet.idle")
    words = t("fleet.busy", step=t.find("step", state.step), time=_span(now - state.since, t))
    return f"{words}, {t('fleet.language.en')}" if state.language == "en" else words


def _span(span: timedelta, t: Texts) -> str:
    seconds = max(int(span.total_seconds()), 0)
    return t("fleet.seconds", count=seconds) if seconds < 120 else t("fleet.minutes", count=seconds // 60)


def _in_words(care: Care, t: Texts) -> str:
    return t(
        f"care.{care.finding.value}",
        cause=t.find("cause", care.code),
        device=t.find("device", care.subject),
        number=abs(care.number),
    )
