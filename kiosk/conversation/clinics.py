"""The page of clinics for one person: which is proposed, what each costs them, which cannot be taken and why."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.conversation.memory import Conversation
from kiosk.conversation.view import AppointmentView, Language, ServiceView
from server.contract.appointments import AppointmentOffer
from server.contract.v1 import FacilityServices, ServiceOffer
from server.domain.appointments import USABLE
from server.domain.catalogue import ClinicState, Hours, Opening, Payer, opening, takes
from server.domain.days import VIETNAM, local_day
from server.domain.identity import IdentifierSystem
from server.domain.priority import ground_by_age
from server.domain.proposal import Audience, Candidate, Unfit, Visitor, propose


@dataclass(frozen=True, slots=True)
class Door:
    """Whether one service can be taken by this person now."""

    state: ClinicState
    is_open: bool
    opens: str | None  # ``13:00``, where it is closed now and open again today


def payer_of(talk: Conversation) -> Payer:
    """Return whose price counts: what the person chose; else the fund's for whoever may be insured with it."""
    if talk.payer is not None:
        return talk.payer
    numbers = talk.known.person.identifiers if talk.known else ()
    is_insurable = talk.insurance is not None or not any(one.system is IdentifierSystem.PASSPORT for one in numbers)
    return Payer.INSURED if is_insurable else Payer.SELF


def payers_offered(offered: FacilityServices) -> tuple[Payer, ...]:
    """Return the kinds of payer for which anything has a price, in the order of the screen."""
    priced = {price.payer for one in offered.services for price in one.prices}
    return tuple(payer for payer in Payer if payer in priced)


def price_of(offer: ServiceOffer, payer: Payer) -> int | None:
    """Return the price in đồng; None where the service is not to be had for this payer."""
    if not offer.prices:  # of a server that knows one price only
        return offer.price_vnd
    return next((one.price_vnd for one in offer.prices if one.payer is payer), None)


def door_of(offer: ServiceOffer, talk: Conversation, offered: FacilityServices, *, online: bool, now: datetime) -> Door:
    """Return whether ``offer`` can be taken; without a server by its hours, for what else it was is not known."""
    state, opens = offer.state, offer.opens
    if not offer.open and state is ClinicState.OPEN:
        state = ClinicState.CLOSED  # of a server that gives no reason
    if not online and state is not ClinicState.CLOSED:
        at_present = _by_hours(offer, offered, now)
        state, opens = at_present.state, at_present.opens
    is_open = takes(state, is_exempt=_is_exempt(talk, offer, now)) and price_of(offer, payer_of(talk)) is not None
    return Door(state, is_open, f"{opens:%H:%M}" if opens and state is ClinicState.LATER else None)


def find_open(
    talk: Conversation, offered: FacilityServices | None, service: str, *, online: bool, now: datetime
) -> ServiceOffer | None:
    """Return the offer of a service that this person can take now."""
    offer = next((one for one in offered.services if one.service == service), None) if offered else None
    if offer is None or offered is None:
        return None
    return offer if door_of(offer, talk, offered, online=online, now=now).is_open else None


def code_for(talk: Conversation, service: str) -> str | None:
    """Return the appointment's code that goes with a visit to ``service``.

    A letter the server has said nothing of goes along whatever is chosen: the server links it when it can.
    """
    appointment = appointment_of(talk)
    if appointment is None:
        return talk.appointment_code
    return appointment.code if appointment.check_in in USABLE and appointment.service == service else None


def appointment_of(talk: Conversation) -> AppointmentOffer | None:
    """Return the appointment to show: the first that can be used now, else the one whose code was shown."""
    found = talk.visitor.appointments if talk.visitor else ()
    usable = next((one for one in found if one.check_in in USABLE), None)
    return usable or next((one for one in found if talk.appointment_code in {one.code, one.short_code}), None)


def usable_appointment(talk: Conversation) -> AppointmentOffer | None:
    found = appointment_of(talk)
    return found if found is not None and found.check_in in USABLE else None


def service_views(
    talk: Conversation, offered: FacilityServices, *, online: bool, now: datetime
) -> tuple[ServiceView, ...]:
    """Return the clinics in the order of the screen, the proposed one first; unknown waiting is not zero."""
    vietnamese = talk.language == "vi"
    payer = payer_of(talk)
    doors = {one.service: door_of(one, talk, offered, online=online, now=now) for one in offered.services}
    offers = {one.service: one for one in offered.services}
    views = []
    for placed in propose(_candidates(offered, doors, online=online), _visitor(talk), on=local_day(now)):
        offer, door = offers[placed.service], doors[placed.service]
        price_vnd = price_of(offer, payer)
        views.append(
            ServiceView(
                service=offer.service,
                name=offer.name if vietnamese else offer.name_en,
                room=offer.room,
                floor=offer.floor,
                waiting=offer.waiting if online else None,
                open=door.is_open,
                price_vnd=offer.price_vnd if price_vnd is None else price_vnd,
                state="no-price" if price_vnd is None else door.state.value,
                opens=door.opens,
                wait_min=(offer.wait.least_min, offer.wait.most_min) if online and offer.wait else None,
                ground=placed.ground.value if placed.ground else None,
                unfit=_meant_for(offer, placed.unfit),
                unfit_age=offer.age_from if offer.age_below is None else offer.age_below,
            )
        )
    return tuple(views)


def appointment_view(
    talk: Conversation, offered: FacilityServices | None, language: Language
) -> AppointmentView | None:
    """Return what the screen says of the person's appointment; None when there is none to speak of."""
    found = appointment_of(talk)
    if found is None:
        return None
    is_offered = offered is not None and any(one.service == found.service for one in offered.services)
    return AppointmentView(
        check_in=found.check_in.value,
        is_usable=found.check_in in USABLE and is_offered,
        service=found.service_name if language == "vi" else found.service_name_en,
        room=found.room,
        floor=found.floor,
        doctor=found.doctor,
        due_on=f"{found.due_on:%d/%m}",
        time=f"{found.starts_at.astimezone(VIETNAM):%H:%M}" if found.starts_at else None,
        valid_to=f"{found.valid_to:%d/%m}",
    )


def _meant_for(offer: ServiceOffer, unfit: Unfit | None) -> str | None:
    if unfit is None:
        return None
    if unfit is Unfit.SEX:
        return f"for-{offer.for_sex}"
    return "age-from" if offer.age_below is None else "age-below"


def _candidates(offered: FacilityServices, doors: dict[str, Door], *, online: bool) -> list[Candidate]:
    return [
        Candidate(
            service=one.service,
            accepts=doors[one.service].is_open,
            waiting=one.waiting if online else None,
            wait_min=one.wait.most_min if online and one.wait else None,
            audience=Audience(one.for_sex, one.age_from, one.age_below),
        )
        for one in offered.services
    ]


def _visitor(talk: Conversation) -> Visitor:
    if talk.known is None:
        return Visitor()
    appointment = usable_appointment(talk)
    return Visitor(
        born_on=talk.known.person.born_on,
        sex=talk.known.person.sex,
        appointment=appointment.service if appointment else None,
        last_service=talk.visitor.last_service if talk.visitor else None,
    )


def _is_exempt(talk: Conversation, offer: ServiceOffer, now: datetime) -> bool:
    """Whether the cap does not hold for this person: by priority, or by an appointment for this very service."""
    appointment = usable_appointment(talk)
    if talk.declared or (appointment is not None and appointment.service == offer.service):
        return True
    return talk.known is not None and ground_by_age(talk.known.person.born_on, local_day(now)) is not None


def _by_hours(offer: ServiceOffer, offered: FacilityServices, now: datetime) -> Opening:
    hours = [Hours(one.weekday, one.opens, one.closes) for one in offer.hours]
    return opening(hours, at=now, holidays=offered.holidays)
