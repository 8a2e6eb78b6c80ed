"""The simulator page: hands for the simulated devices, beside a kiosk screen that works as the real one.

It exists in the demo profile only; in production the module is not even imported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from drivers.simulated.deck import SimulatedCard
from drivers.simulated.document_pages import page_picture
from drivers.simulated.document_texts import card_qr_text, insurance_qr_text
from drivers.simulated.people import PEOPLE, get_person
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.printer_device import FAULTS
from drivers.simulated.printer_paper import PrintedTicket
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.scanner import SimulatedScanner, qr_picture
from kiosk.conversation.view import Language
from kiosk.flow import Kiosk
from kiosk.screens.language import asked_language
from kiosk.screens.presentation import screen_of
from kiosk.screens.texts.simulator import SIMULATOR_TEXTS
from server.domain.days import VIETNAM

_LONGEST_TEXT: Final = 1000
"""What a QR still holds at a size the picture can be seen in."""

_OTHER_CODES: Final = {
    "opaque": "eyJhbGciOiJFUzI1NiJ9.aW52ZW50ZWQtY2l0aXplbi0wMDAx.Zm9yLXRyYWluaW5nLW9ubHktbm90LWEtc2lnbmF0dXJl",
    "address": "https://example.org/thuc-don",
    "half": (card_qr_text(PEOPLE[0]) or "")[:40],
}


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What was last held before the scanner; ``name`` is a key of the texts, ``person`` fills its placeholder.

    ``page_of`` is the key of the person whose document's printed lines were held there, instead of a code of ``text``.
    """

    name: str
    text: str
    person: str = ""
    page_of: str | None = None

    def picture(self, *, pixels_per_module: int) -> bytes:
        if self.page_of is not None:
            return page_picture(get_person(self.page_of))
        return qr_picture(self.text, pixels_per_module=pixels_per_module)


@dataclass(frozen=True, slots=True)
class Slip:
    """A printed ticket as the page shows it; ``stamp`` names it in its address."""

    stamp: int
    printed_at: datetime
    whole: bool
    qr: str | None


class Bench:
    """The simulated devices of a kiosk; None for one that is real or missing."""

    def __init__(self, kiosk: Kiosk) -> None:
        devices = kiosk.devices
        self.kiosk = kiosk
        self.reader = devices.reader if isinstance(devices.reader, SimulatedCardReader) else None
        self.scanner = devices.scanner if isinstance(devices.scanner, SimulatedScanner) else None
        self.printer = devices.printer if isinstance(devices.printer, SimulatedPrinter) else None
        self.shown: ShownCode | None = None

    def show(self, code: ShownCode) -> None:
        if self.scanner is None:
            abort(409)
        self.shown = code
        self.scanner.show(code.picture(pixels_per_module=6))

    def clear(self) -> None:
        self.shown = None
        if self.scanner is not None:
            self.scanner.clear()

    def cards(self) -> tuple[SimulatedCard, ...]:
        return self.reader.cards() if self.reader else ()

    @property
    def inserted(self) -> SimulatedCard | None:
        key = self.reader.inserted if self.reader else None
        return next((card for card in self.cards() if card.key == key), None)

    @property
    def is_plugged_in(self) -> bool:
        return self.reader is not None and self.reader.status().code == "ok"

    def slips(self) -> Iterator[Slip]:
        for ticket in self.printer.tickets() if self.printer else ():
            yield Slip(_stamp(ticket), ticket.printed_at.astimezone(VIETNAM), ticket.whole, ticket.qr)

    def ticket(self, stamp: int) -> PrintedTicket | None:
        tickets = self.printer.tickets() if self.printer else ()
        return next((ticket for ticket in tickets if _stamp(ticket) == stamp), None)


def _stamp(ticket: PrintedTicket) -> int:
    return int(ticket.printed_at.timestamp() * 1_000_000)


def simulator_pages(kiosk: Kiosk, *, language: Language) -> Blueprint:
    """Return ``/simulator`` and its actions; ``language`` is used where the address names none (``?lang=en``)."""
    blueprint = Blueprint("simulator", __name__, url_prefix="/simulator")
    bench = Bench(kiosk)

    def panel() -> dict[str, object]:
        chosen = asked_language(language)
        return {
            "bench": bench,
            "faults": ("", *FAULTS),
            "language": chosen,
            "other_codes": tuple(_OTHER_CODES),
            "phrases": SIMULATOR_TEXTS[chosen],
            "with_code": {person.key for person in PEOPLE if card_qr_text(person)},
            "with_insurance": {person.key for person in PEOPLE if person.insurance},
        }

    @blueprint.get("")
    def home() -> ResponseReturnValue:
        return render_template("kiosk/simulator.html", screen=screen_of(kiosk.view()), **panel())

    @blueprint.get("/panel")
    def show_panel() -> ResponseReturnValue:
        return render_template("kiosk/simulator-panel.html", **panel())

    @blueprint.get("/code.png")
    def code_picture() -> ResponseReturnValue:
        if bench.shown is None:
            abort(404)
        return Response(bench.shown.picture(pixels_per_module=4), mimetype="image/png")

    @blueprint.get("/slips/<int:stamp>.png")
    def slip_picture(stamp: int) -> ResponseReturnValue:
        ticket = bench.ticket(stamp)
        if ticket is None:
            abort(404)
        return Response(ticket.png, mimetype="image/png")

    def add(rule: str, act: Callable[[], None]) -> None:
        def view() -> ResponseReturnValue:
            act()
            target = "simulator.show_panel" if request.headers.get("X-Tiepdon-Screen") else "simulator.home"
            return redirect(url_for(target, lang=asked_language(language)), 303)

        blueprint.add_url_rule(rule, rule.strip("/").replace("/", "-"), view, methods=["POST"])

    add("/card", lambda: _insert(bench))
    add("/card/remove", lambda: _reader(bench).remove())
    add("/reader/unplug", lambda: _reader(bench).unplug())
    add("/reader/plug-in", lambda: _reader(bench).plug_in())
    add("/code", lambda: _show_code(bench))
    add("/code/clear", bench.clear)
    add("/printer", lambda: _set_fault(bench))
    add("/server", lambda: kiosk.cut_server(request.form.get("cut") == "yes"))
    return blueprint


def _reader(bench: Bench) -> SimulatedCardReader:
    if bench.reader is None:
        abort(409)
    return bench.reader


def _insert(bench: Bench) -> None:
    reader, key = _reader(bench), request.form.get("card", "")
    if key not in {card.key for card in reader.cards()}:
        abort(404)
    reader.insert(key)


def _show_code(bench: Bench) -> None:
    code = _wanted_code(bench, request.form.get("kind", ""), request.form.get("of", ""))
    if code is None:
        abort(404)
    if code.text or code.page_of:
        bench.show(code)


def _wanted_code(bench: Bench, kind: str, of: str) -> ShownCode | None:
    if kind in ("card", "insurance"):
        person = next((one for one in PEOPLE if one.key == of), None)
        text = person and (card_qr_text(person) if kind == "card" else insurance_qr_text(person))
        return ShownCode(f"sample.{kind}", text, person.full_name) if person and text else None
    if kind == "page":
        owner = next((one for one in PEOPLE if one.key == of), None)
        return ShownCode("sample.page", "", owner.full_name, owner.key) if owner else None
    if kind == "other" and of in _OTHER_CODES:
        return ShownCode(f"sample.{of}", _OTHER_CODES[of])
    if kind == "slip" and of.isascii() and of.isdigit():
        ticket = bench.ticket(int(of))
        return ShownCode("sample.slip", ticket.qr) if ticket and ticket.qr else None
    if kind == "typed":
        return ShownCode("sample.typed", request.form.get("text", "").strip()[:_LONGEST_TEXT])
    return bench.shown if kind == "again" else None


def _set_fault(bench: Bench) -> None:
    fault = request.form.get("fault", "")
    if bench.printer is None:
        abort(409)
    if fault and fault not in FAULTS:
        abort(404)
    bench.printer.set_fault(fault or None)
