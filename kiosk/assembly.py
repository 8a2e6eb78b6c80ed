"""Puts a kiosk together from its settings."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from drivers.icao9303.reader import ReadOptions
from drivers.icao9303.trust import EMPTY_TRUST_STORE
from kiosk import checks
from kiosk.clock import Clock, SystemClock
from kiosk.config import KioskSettings
from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import IssuedTicket
from kiosk.desk.card_help import help_orders
from kiosk.desk.copies import paper_orders
from kiosk.desk.orders import Handler, Orders, desk_orders
from kiosk.desk.readings import DeskReadings
from kiosk.desk.refused import refused_orders
from kiosk.device_token import DeviceToken
from kiosk.devices import Devices, open_devices
from kiosk.flow import Background, Kiosk
from kiosk.heartbeat import Heartbeat
from kiosk.journal.errors import JournalError
from kiosk.journal.store import Journal
from kiosk.paper.printing import PrintWorker
from kiosk.paper.ticket_layout import HospitalLayout
from kiosk.registration.gateway import FallbackGateway, OfflineGateway, OnlineGateway, Reach
from kiosk.registration.registrar import InFlight, Registrar
from kiosk.registration.steps import OnStep, nobody_watches
from kiosk.registration.sync import Sync
from kiosk.registration.visitor_finder import VisitorFinder
from kiosk.server import CuttableServer, HttpServer, Server
from kiosk.session import State
from kiosk.status import StatusReporter
from kiosk.trust import TRUST_UNUSABLE, known_issuers
from kiosk.workers import ReaderWorker, ScannerWorker, TimeKeeper
from server.contract.appointments import FindVisitor
from server.contract.fleet import HandOver
from server.contract.v1 import IdentityProved, RegisterEncounter

log = logging.getLogger(__name__)

_NOTHING: Final[Mapping[str, Handler]] = MappingProxyType({})

PAPERS_CUT: Final = "ticket.may_not_have_printed"
"""Staff are called with it after a restart that found a visit whose patient may hold no ticket."""


class _NoErrands:
    """Of a kiosk whose journal cannot be used: it takes nobody in, so there is nothing to run."""

    def register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        raise AssertionError("a kiosk out of service registered somebody")

    def tell_proof(self, message: IdentityProved) -> None:
        raise AssertionError("a kiosk out of service registered somebody")

    def call_staff(self, step: State, problem: str | None, handed: HandOver | None = None) -> None:
        log.error("staff cannot be called from %s: the kiosk is out of service", step)

    def find_visitor(self, conversation: Conversation, asked: FindVisitor) -> None:
        raise AssertionError("a kiosk out of service looked for a visitor")

    def print_again(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        raise AssertionError("a kiosk out of service printed a copy")

    def find_visit(self, conversation: Conversation, visit_code: str) -> None:
        raise AssertionError("a kiosk out of service looked for a visit")


def open_kiosk(
    settings: KioskSettings,
    *,
    clock: Clock | None = None,
    on_step: OnStep = nobody_watches,
    devices: Devices | None = None,
    server: Server | None = None,
) -> Kiosk:
    """Return a kiosk that is ready to ``start``; what is not handed in is opened as ``settings`` say."""
    clock = clock or SystemClock()
    devices = devices or open_devices(settings.devices)
    try:
        journal = Journal.open(settings.kiosk.data_dir)
    except JournalError as error:
        log.error("out of service: %s", error)
        kiosk = Kiosk(settings.kiosk, clock=clock, errands=_NoErrands(), devices=devices)
        kiosk.block(error.code)
        link = server or _http_server(settings)
        kiosk.run_with(*_input_workers(kiosk, devices, ReadOptions()), _heartbeat(kiosk, link, clock, settings))
        return kiosk
    return _assemble(settings, clock, on_step, devices, server or _http_server(settings), journal)


def _assemble(
    settings: KioskSettings, clock: Clock, on_step: OnStep, devices: Devices, server: Server, journal: Journal
) -> Kiosk:
    section = settings.kiosk
    line = CuttableServer(server) if settings.is_demo else None
    server = line or server
    in_flight = InFlight()
    reach = Reach(lambda online: kiosk.online_changed(online))
    gateway = FallbackGateway(
        OnlineGateway(server, journal, clock, on_step),
        OfflineGateway(journal.kept_services, journal, clock, on_step),
        reach,
    )
    finder = VisitorFinder(server, reach, lambda conversation, found: kiosk.visitor_found(conversation, found))
    registrar = Registrar(
        journal=journal,
        gateway=gateway,
        server=server,
        reach=reach,
        in_flight=in_flight,
        clock=clock,
        on_step=on_step,
        backlog_grew=lambda: sync.wake(),
        rings=section.place == "kiosk",
        finder=finder,
    )
    kiosk = Kiosk(section, clock=clock, errands=registrar, devices=devices, line=line)
    printing = PrintWorker(
        devices.printer,
        journal=journal,
        layout=HospitalLayout(journal.kept_services),
        watcher=kiosk,
        clock=clock,
        on_step=on_step,
        status_every_s=section.printer_status_s,
    )
    sync = Sync(
        journal=journal,
        server=server,
        reach=reach,
        in_flight=in_flight,
        listener=kiosk,
        clock=clock,
        settings=section,
    )
    registrar.report_to(kiosk, printing)
    issuers = known_issuers(settings)
    reporter = StatusReporter(
        journal=journal,
        sync=sync,
        printing=printing,
        devices=devices,
        clock=clock,
        settings=section,
        standing_warnings=() if issuers is not None else (TRUST_UNUSABLE,),
    )
    options = ReadOptions(photo=section.read_photo, trust=issuers or EMPTY_TRUST_STORE)
    kiosk.run_with(
        journal,
        printing,
        registrar,
        finder,
        sync,
        *_input_workers(kiosk, devices, options),
        _heartbeat(
            kiosk,
            server,
            clock,
            settings,
            {
                **paper_orders(printing, journal, server, clock),
                **refused_orders(journal, server, clock, sync.wake),
            },
        ),
        *([DeskReadings(kiosk, server)] if section.place == "desk" else []),
        reporter=reporter,
    )
    _look_back(kiosk, registrar, journal, clock)
    return kiosk


def _look_back(kiosk: Kiosk, registrar: Registrar, journal: Journal, clock: Clock) -> None:
    """Settle what an earlier process left: prints that were cut, a clock that went back, what was offered last."""
    try:
        kiosk.services_changed(journal.kept_services())
        if checks.clock_went_back(journal, clock.now()):
            kiosk.block(checks.CLOCK_WRONG)
        unfinished = journal.papers.settle_interrupted(clock.now())
        journal.copies.settle_interrupted(clock.now())
    except JournalError as error:
        log.error("journal: %s", error)
        kiosk.block(error.code)
        return
    if unfinished:
        log.warning("%d visits may have no paper", unfinished)
        registrar.call_staff(State.WELCOME, PAPERS_CUT)


def _input_workers(kiosk: Kiosk, devices: Devices, options: ReadOptions) -> list[Background]:
    workers: list[Background] = [TimeKeeper(kiosk.check_time)]
    if devices.reader is not None:
        workers.append(ReaderWorker(devices.reader, kiosk.card, options))
    if devices.scanner is not None:
        workers.append(ScannerWorker(devices.scanner, kiosk.codes))
    return workers


def _heartbeat(
    kiosk: Kiosk, server: Server, clock: Clock, settings: KioskSettings, more_orders: Mapping[str, Handler] = _NOTHING
) -> Heartbeat:
    about_the_person = {**desk_orders(kiosk.desk, server, clock), **help_orders(kiosk.help, server, clock)}
    orders = Orders({**about_the_person, **more_orders})
    section = settings.kiosk
    return Heartbeat(
        kiosk,
        server=server,
        orders=orders,
        clock=clock,
        idle_pause_s=section.refresh_s,
        is_desk=section.place == "desk",
    )


def _http_server(settings: KioskSettings) -> HttpServer:
    section = settings.kiosk
    return HttpServer(
        str(section.server_url),
        facility=section.facility,
        token=DeviceToken(section.data_dir),
        timeout_s=section.server_timeout_s,
        ca=section.server_ca,
    )
