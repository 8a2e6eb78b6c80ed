"""The first slip of a registration by hand comes from the desk's own printer, with its proof; else from the browser."""

import re
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.contract.fleet import CommandResult, KioskCommand, ReprintSlip
from server.db import Database
from server.fleet import pairing
from server.fleet.pairing import DESK_COOKIE
from server.fleet.service import Device
from server.fleet.state import take_report
from server.queues.models import TicketReprint
from server.reports.visits import visits_of
from tests.server.fleet.reports import report
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk
from tests.server.staff import Browser

READY = {"kind": "printer", "state": "ready", "code": "ok", "since": MORNING}
PAPER_OUT = {"kind": "printer", "state": "unavailable", "code": "printer.paper_out", "since": MORNING}


class OwnDevices:
    """The devices of one desk, paired with its browser."""

    def __init__(self, desk: Browser, hospital: Database) -> None:
        self.desk, self.hospital = desk, hospital
        self.device, self.token = add_kiosk(hospital, "Q")
        self.hear()
        with hospital.begin() as session:
            begun = pairing.begin_pairing(session, self.device.id, facility=FACILITY, by="le.tan", now=MORNING)
        (shown,) = self.hear()
        with hospital.begin() as session:
            secret = pairing.confirm_pairing(
                session, begun, shown.arguments["code"], facility=FACILITY, by="le.tan", now=MORNING
            )
        assert secret is not None
        desk.client.set_cookie(DESK_COOKIE, secret)
        self.hear(CommandResult(command_id=shown.id, result="done"))

    def hear(self, *results: CommandResult, **changes: object) -> tuple[KioskCommand, ...]:
        """Let the devices report; return what they are asked to do."""
        told = report(**{"place": "desk", "devices": [READY], "results": results, **changes})
        return take_report(self.hospital, told, device=self.device, now=self.desk.clock.now()).commands

    def slip(self, order: UUID) -> ReprintSlip:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.desk.app.test_client().get(f"/api/v1/reprints/{order}", headers=headers)
        assert answer.status_code == 200
        return ReprintSlip.model_validate_json(answer.data)


@pytest.fixture
def devices(desk: Browser, hospital: Database) -> OwnDevices:
    return OwnDevices(desk, hospital)


def register(desk: Browser, **changes: str) -> str:
    """Register somebody by hand; return the address of the slip's page."""
    fields = {
        "request_key": str(uuid4()), "kind": "documents", "full_name": "Nguyễn Thị Thử Nghiệm", "born_on": "15/8/1990",
        "sex": "female", "personal_number": "034190000017", "service": "NOI", "payer": "self", **changes,
    }  # fmt: skip
    answer = desk.send("/desk", **fields)
    assert answer.status_code == 303
    return answer.headers["Location"]


def words(desk: Browser, address: str) -> str:
    return re.sub(r"\s+", " ", desk.get(address).text)


def test_the_slip_is_ordered_with_the_registration_and_its_proof_stands_at_the_desk(
    desk: Browser, devices: OwnDevices, hospital: Database
) -> None:
    page = register(desk)
    (order,) = devices.hear()
    slip = devices.slip(order.id)
    assert (slip.copy_number, slip.ticket.label, slip.payer, slip.price_vnd) == (0, "A001", "self", 50_600)
    assert slip.ticket.waiting_before == 0
    assert "Kiosk Q: đang in phiếu" in words(desk, page)
    devices.hear(CommandResult(command_id=order.id, result="done"))
    shown = words(desk, page)
    assert "Kiosk Q: đã in phiếu" in shown
    assert "In ở máy tính này" in shown  # torn, or fallen under the desk
    with hospital.reading() as session:
        assert session.scalars(sa.select(TicketReprint.copy)).all() == [0]
        (visit,) = visits_of(session, facility=FACILITY, day=DAY)
    assert visit.reprints == 0  # the first paper is no copy in any figure
    encounter = page.rpartition("/")[2]
    assert "In lại phiếu" in words(desk, f"/reception/encounters/{encounter}")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("printer.paper_out", "Kiosk Q: không in được phiếu (hết giấy), xin in ở máy tính này"),
        ("paper.unsure", "Kiosk Q: phiếu có thể chưa in xong, xin xem ở máy in"),
    ],
)
def test_a_slip_that_did_not_come_out_stands_open_until_one_is_given(
    desk: Browser, devices: OwnDevices, result: str, said: str
) -> None:
    page = register(desk)
    (order,) = devices.hear()
    devices.hear(CommandResult(command_id=order.id, result=result))
    assert said in words(desk, page)
    assert said in words(desk, "/slips")
    desk.send(f"/slips/copies/{order.id}/given")
    assert "Kiosk Q: đã đưa phiếu tận tay" in words(desk, page)
    assert said not in words(desk, "/slips")


def test_a_printer_without_paper_is_asked_for_nothing_and_the_page_says_where_to_print(
    desk: Browser, devices: OwnDevices
) -> None:
    devices.hear(devices=[PAPER_OUT])
    page = words(desk, register(desk))
    assert "Máy in của Kiosk Q chưa in được (hết giấy). Xin in phiếu ở máy tính này." in page
    assert devices.hear(devices=[PAPER_OUT]) == ()


def test_pressing_twice_orders_one_slip(desk: Browser, devices: OwnDevices) -> None:
    key = str(uuid4())
    assert register(desk, request_key=key) == register(desk, request_key=key)
    assert len(devices.hear()) == 1


def test_a_browser_that_stands_at_no_desk_prints_by_itself(desk: Browser, hospital: Database, kiosk: Device) -> None:
    take_report(hospital, report(devices=[READY]), device=kiosk, now=MORNING)
    page = words(desk, register(desk))
    assert "In phiếu" in page
    assert "máy in" not in page.lower()
    assert take_report(hospital, report(devices=[READY]), device=kiosk, now=MORNING).commands == ()
