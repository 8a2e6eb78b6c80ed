"""One thread per input device, and one for time: they turn what a device says into calls of the flow."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from drivers.codec.recognise import recognise
from drivers.errors import CardRemoved, DriverError
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import AccessOpened, BytesRead, IdentityAvailable, ProofAvailable, ReadingEvent
from drivers.scanner.base import Scanner
from drivers.smartcard.base import CardReader
from kiosk.background import Background
from kiosk.conversation.card_talk import CardTalk
from kiosk.conversation.code_talk import CodeTalk
from kiosk.conversation.memory import ReadingOrder

log = logging.getLogger(__name__)

_POLL_S: Final = 0.25  # how soon a thread notices that it is to end
_ORDER_POLL_S: Final = 0.03  # how long a person who typed a number may wait for the reader to notice
_AFTER_FAULT_S: Final = 1.0


class _Worker(Background):
    """A thread that runs ``_round`` until it is stopped; a round that fails is logged and does not end it."""

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._round()
            except DriverError as error:
                log.warning("%s: %s", self._thread.name, error.code)
                self._stopping.wait(_AFTER_FAULT_S)
            except Exception:
                # A device that comes back must find its thread alive; without it the kiosk is deaf until a restart.
                log.exception("%s", self._thread.name)
                self._stopping.wait(_AFTER_FAULT_S)

    def _round(self) -> None:
        raise NotImplementedError


class ReaderWorker(_Worker):
    """Owns the card reader."""

    def __init__(self, reader: CardReader, talk: CardTalk, options: ReadOptions) -> None:
        super().__init__("card-reader")
        self._options = options
        self._reader = reader
        self._talk = talk

    def _round(self) -> None:
        if not self._reader.wait_for_card(_POLL_S):
            return
        self._talk.card_arrived()
        try:
            while not self._stopping.is_set():
                order = self._talk.take_order()
                if order is not None:
                    self._read(order)
                if self._reader.wait_for_removal(_ORDER_POLL_S):
                    return
        except CardRemoved:
            return
        finally:
            self._talk.card_left()

    def _read(self, order: ReadingOrder) -> None:
        access = None

        def observe(event: ReadingEvent) -> None:
            nonlocal access
            match event:
                case AccessOpened():
                    access = event.access
                case BytesRead(done=done, total=total):
                    self._talk.chip_progress(order, done / total if total else 0.0)
                case IdentityAvailable(identity=identity):
                    assert access is not None
                    self._talk.chip_identified(order, identity, access)
                case ProofAvailable(assurance=assurance, reasons=reasons):
                    self._talk.chip_proved(order, assurance, reasons)

        try:
            connection = self._reader.connect()
            try:
                options = replace(self._options, code=order.conversation.code)
                reading = read_chip(connection, order.passwords, options=options, observer=observe)
            finally:
                connection.close()
        except CardRemoved:
            self._talk.card_lost(order)
            raise
        except DriverError as error:
            self._talk.chip_failed(order, error)
        else:
            self._talk.chip_read(order, reading)


class ScannerWorker(_Worker):
    """Owns the scanner."""

    def __init__(self, scanner: Scanner, talk: CodeTalk) -> None:
        super().__init__("scanner")
        self._scanner = scanner
        self._talk = talk

    def _round(self) -> None:
        self._scanner.look_for_mrz(self._talk.wants_mrz())
        scan = self._scanner.read(_POLL_S)
        if scan is not None:
            self._talk.code_seen(recognise(scan.data))
        elif self._scanner.hint is not None:
            self._talk.hint_given(self._scanner.hint)


class TimeKeeper(_Worker):
    """Lets states time out, warnings appear and hints vanish."""

    def __init__(self, check_time: Callable[[], float]) -> None:
        super().__init__("time")
        self._check_time = check_time

    def _round(self) -> None:
        wait_s = self._check_time()
        # A new deadline may come while this waits, but none is nearer than a second: looking again then is soon enough.
        self._stopping.wait(min(max(wait_s, 0.05), 0.5))
