"""The day's list by place, by state and by day."""

from datetime import timedelta
from uuid import UUID

import pytest

from server.db import Database
from server.fleet.service import Device
from server.reception.arrivals import AT_THE_DESK, Filter, Show, list_arrivals
from server.registration import corrections
from server.registration.corrections import Act
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, register
from tests.server.staff import Browser


@pytest.fixture
def visits(hospital: Database, kiosk: Device) -> dict[str, UUID]:
    """Four visits: at kiosk K by chip, at kiosk A with an unchecked card, at the desk by QR, and one taken back."""
    other, _ = add_kiosk(hospital, "A")
    by_chip = register(hospital, arrival("034190000017"), kiosk)
    insured = register(hospital, arrival("034190000025", insurance={"card_number": "DN4010012345678"}), other)
    by_code = register(
        hospital, arrival("034190000033", evidence={"assurance": "qr", "method": "qr", "access": None}), None
    )
    gone = register(hospital, arrival("034190000041"), kiosk)
    act = Act(FACILITY, "Bệnh nhân về", 1, "le.tan", MORNING)
    with hospital.begin() as session:
        corrections.cancel_encounter(session, gone.answer.encounter_id, act)
    found = {"chip": by_chip, "insured": insured, "code": by_code, "gone": gone}
    return {name: one.answer.encounter_id for name, one in found.items()} | {"kiosk A": other.id}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), {"chip", "insured", "code", "gone"}),
        (Filter(place=AT_THE_DESK), {"code"}),
        (Filter(show=Show.WAITING), {"chip", "insured", "code"}),
        (Filter(show=Show.INSURANCE_UNVERIFIED), {"insured"}),
        (Filter(show=Show.UNPROVED), {"code"}),
        (Filter(show=Show.CANCELLED), {"gone"}),
        (Filter(show=Show.CANCELLED, place=AT_THE_DESK), set()),  # all that is asked for must hold
    ],
)
def test_a_filter_shows_those_and_only_those(
    hospital: Database, visits: dict[str, UUID], wanted: Filter, expected: set[str]
) -> None:
    with hospital.reading() as session:
        page = list_arrivals(session, facility=FACILITY, day=DAY, wanted=wanted)
    assert {one.encounter_id for one in page.arrivals} == {visits[name] for name in expected}


def test_the_filter_of_a_kiosk_shows_its_visits_alone(hospital: Database, visits: dict[str, UUID]) -> None:
    with hospital.reading() as session:
        page = list_arrivals(session, facility=FACILITY, day=DAY, wanted=Filter(place=str(visits["kiosk A"])))
    assert [one.encounter_id for one in page.arrivals] == [visits["insured"]]


def test_a_row_says_why_somebody_must_look_and_how_many_reasons_more_there_are(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    register(hospital, arrival("034190000017"), kiosk)
    differing = arrival("034190000017", service="NHI", person={"born_on": "1991-08-15", "sex": "male"})
    register(hospital, differing, kiosk)
    page = desk.get("/reception").text
    assert "hồ sơ khác giấy tờ (+1)" in page
    assert "chip mâu thuẫn" not in page


def test_yesterdays_list_is_there_today_and_is_searched_as_yesterdays(desk: Browser, visits: dict[str, UUID]) -> None:
    desk.clock.pass_by(timedelta(days=1))
    desk.sign_in()
    assert "Chưa có ai." in desk.get("/reception").text
    yesterday = desk.get(f"/reception?day={DAY}").text
    assert "Người đến ngày" in yesterday
    assert "A001" in yesterday
    found = desk.post("/reception/search", token_from="/reception", day=str(DAY), text="A002").text
    assert "A002" in found
    assert "A001" not in found
    rows = desk.get(f"/reception/rows?day={DAY}&id={visits['chip']}").get_json()
    assert (rows["day"], len(rows["rows"])) == (str(DAY), 1)


@pytest.mark.parametrize("fields", [{"place": "kiosk"}, {"show": "everything"}, {"day": "hôm qua"}])
def test_what_no_page_of_ours_sends_is_refused(desk: Browser, fields: dict[str, str]) -> None:
    assert desk.post("/reception/search", token_from="/reception", **fields).status_code == 422
