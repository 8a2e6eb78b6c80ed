"""The pages about people as a browser gets them, on both databases."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.accounts.sessions import CONFIRMED_FOR
from server.audit import AuditLine
from server.db import Database
from server.fleet.service import Device
from tests.server.hospital import arrival, build_hospital, register
from tests.server.staff import PASSWORD, Browser, add_staff

REASON = "Cùng một người"


def come(database: Database, kiosk: Device | None, number: str | None = None, **changes: Any) -> UUID:
    return register(database, arrival(number, **changes), kiosk).answer.patient_id


def fields(page: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


@pytest.fixture
def desk(hospital: Database, lead: Browser) -> Browser:
    """A colleague's browser, who may not merge."""
    desk = lead.another()
    desk.sign_in(add_staff(hospital))
    return desk


def test_the_record_shows_the_person_and_that_it_was_read(desk: Browser, hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk, "034190000017")
    page = desk.get(f"/patients/{patient_id}").text
    for words in ("Nguyễn Thị Thử Nghiệm", "15/08/1990", "Nữ", "034190000017", "A001", "Khám nội", "23/11/2026"):
        assert words in page
    assert "đã được chip xác thực" in page
    with hospital.reading() as session:
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "patient.read")).one()
    assert (line.actor, line.subject_id) == ("staff:le.tan", str(patient_id))
    assert desk.get(f"/patients/{uuid4()}").status_code == 404


def test_visits_to_another_hospital_are_not_shown(desk: Browser, hospital: Database, kiosk: Device) -> None:
    build_hospital(hospital, "34998")
    patient_id = come(hospital, kiosk, "034190000017")
    come(hospital, None, "034190000017", facility="34998", service="NHI")
    page = desk.get(f"/patients/{patient_id}").text
    assert "A001" in page
    assert "B001" not in page


def test_a_change_is_saved_with_its_reason_and_shown_in_the_trail(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    address = f"/patients/{come(hospital, kiosk, '034190000017')}"
    form = {"full_name": "Nguyễn Thị Thử", "born_on": "15/8/1990", "sex": "female", "version": "1"}
    refused = desk.send(address, **form)
    assert refused.status_code == 422
    assert "Xin ghi lý do" in refused.text
    assert 'value="Nguyễn Thị Thử"' in refused.text  # what was typed is still there
    saved = desk.send(address, **form, reason="Sai chính tả trên hồ sơ")
    page = desk.get(saved.headers["Location"]).text
    for words in (
        "Đã lưu thay đổi.",
        "Nguyễn Thị Thử Nghiệm → Nguyễn Thị Thử",
        "Lý do: Sai chính tả",
        "Nhân viên le.tan",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"full_name": " "}, "Họ tên phải có chữ cái"),
        ({"born_on": "31/2/1990"}, "Ngày sinh chưa đúng"),
        ({"born_on": "24/11/2026"}, "Ngày sinh chưa đúng"),  # tomorrow
        ({"phone": "12"}, "Số điện thoại chưa đúng"),
        ({"nationality": "V1"}, "Quốc tịch gồm 3 chữ cái"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    desk: Browser, hospital: Database, kiosk: Device, changes: dict[str, str], words: str
) -> None:
    address = f"/patients/{come(hospital, kiosk)}"
    form = {"full_name": "Nguyễn Thị Thử", "born_on": "1990", "version": "1"} | changes
    answer = desk.send(address, **form)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_slower_of_two_editors_sees_what_changed_and_keeps_what_she_typed(
    desk: Browser, lead: Browser, hospital: Database, kiosk: Device
) -> None:
    address = f"/patients/{come(hospital, kiosk)}"
    form = {"full_name": "Nguyễn Thị Thử Nghiệm", "born_on": "15/8/1990", "sex": "female", "version": "1"}
    lead.send(address, **form, phone="0912000017")
    slower = desk.send(address, **form, address="Thôn Mới")
    assert slower.status_code == 409
    for words in ("Có người vừa sửa", "Số điện thoại: trống → 0912000017", "Nhân viên truong.ca", 'value="Thôn Mới"'):
        assert words in slower.text
    assert fields(slower.text, "version")[0] == "2"


def test_numbers_are_added_and_ended_and_one_that_is_taken_leads_to_its_holder(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    holder = come(hospital, kiosk, "034190000017", person={"full_name": "Trần Văn Khác", "born_on": "1971"})
    address = f"/patients/{come(hospital, kiosk)}"

    def give(value: str, system: str, version: int) -> Any:
        return desk.send(
            f"{address}/numbers", system=system, value=value, version=str(version)
        )  # fmt: skip

    assert "không đúng dạng" in give("12", "vn-cmnd", 1).text
    assert give("99 000 0017", "vn-cmnd", 1).status_code == 303
    taken = give("034190000017", "vn-personal-number", 2)
    assert taken.status_code == 409
    assert "đang thuộc hồ sơ của người khác" in taken.text
    assert f"/patients/{holder}" in taken.text
    page = desk.get(address).text
    (end,) = re.findall(rf'action="({address}/numbers/[^"]+/end)"', page)
    assert desk.send(end, reason="Gõ nhầm", version="2").status_code == 303
    assert "dùng đến" in desk.get(address).text


def test_relatives_are_noted_linked_and_taken_back_with_a_reason(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    mother = come(hospital, kiosk, "034190000017")
    address = f"/patients/{come(hospital, kiosk, person={'full_name': 'Lê Bé Thử', 'born_on': '2024'})}"
    form = {"relationship": "mother", "full_name": "Nguyễn Thị Thử Nghiệm", "phone": "0912 000 017"}
    assert desk.send(f"{address}/relatives", **form, number="12").status_code == 422
    assert desk.send(f"{address}/relatives", **form, number="034190000017").status_code == 303
    page = desk.get(address).text
    assert f'<a href="/patients/{mother}">Nguyễn Thị Thử Nghiệm</a> · 0912000017' in page
    (end,) = re.findall(rf'action="({address}/relatives/[^"]+/end)"', page)
    assert desk.send(end, reason="").status_code == 422
    assert desk.send(end, reason="Nhầm bé cùng phòng").status_code == 303
    page = desk.get(address).text
    assert "Chưa ghi ai." in page
    assert "Người nhà: Nguyễn Thị Thử Nghiệm → trống" in page
    assert desk.send(end, reason="Nhầm bé cùng phòng").status_code == 409


def test_a_pair_is_compared_merged_and_parted_again(
    desk: Browser, lead: Browser, hospital: Database, kiosk: Device
) -> None:
    citizen, paperless = come(hospital, kiosk, "034190000017"), come(hospital, kiosk)
    pairs = lead.get("/patients/duplicates").text
    assert "1 cặp chờ xem" in pairs
    (compare,) = re.findall(r'href="(/patients/compare/[^"]+)"', pairs)
    page = lead.get(compare).text
    assert re.search(rf'value="{citizen}" checked', page)  # the record with a personal number is proposed
    versions = {name: fields(page, name)[0] for name in ("first_version", "second_version")}
    missing = lead.post(compare, token_from=compare, survivor=str(citizen), **versions, reason="")
    assert missing.status_code == 422
    merged = lead.post(compare, token_from=compare, survivor=str(citizen), **versions, reason=REASON)
    page = lead.get(merged.headers["Location"]).text
    for words in ("Đã gộp hai hồ sơ", f"Lý do: {REASON}", "A001", "A002"):
        assert words in page
    old = desk.get(f"/patients/{paperless}")
    assert old.status_code == 303
    assert "đã được gộp vào hồ sơ này" in desk.get(old.headers["Location"]).text
    assert "Không có cặp nào" in lead.get("/patients/duplicates").text
    (undo,) = re.findall(r'action="(/patients/merges/[^"]+/undo)"', page)
    undone = lead.send(undo, survivor=str(citizen), reason="Nhầm người")
    assert "Đã tách thành hai hồ sơ" in lead.get(undone.headers["Location"]).text
    assert desk.get(f"/patients/{paperless}").status_code == 200
    assert "1 cặp chờ xem" in lead.get("/patients/duplicates").text
    again = lead.send(undo, survivor=str(citizen), reason="Nhầm người")
    assert again.status_code == 409


def test_merging_and_parting_ask_who_is_there_and_carry_out_what_the_form_held(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    citizen, paperless = come(hospital, kiosk, "034190000017"), come(hospital, kiosk)
    compare = f"/patients/compare/{citizen}/{paperless}"
    form = {"first_version": "1", "second_version": "1", "survivor": str(citizen), "reason": REASON}
    lead.clock.pass_by(CONFIRMED_FOR)
    asked = lead.send(compare, **form)
    assert (asked.status_code, fields(asked.text, "reason")) == (403, [REASON])
    assert lead.get(compare).status_code == 200  # both are still there
    merged = lead.send(compare, **form, step_up_secret=PASSWORD)
    assert merged.headers["Location"].startswith(f"/patients/{citizen}")
    (undo,) = re.findall(r'action="(/patients/merges/[^"]+/undo)"', lead.get(f"/patients/{citizen}").text)
    lead.clock.pass_by(CONFIRMED_FOR)
    assert lead.send(undo, survivor=str(citizen), reason="Nhầm người").status_code == 403
    parted = lead.send(undo, survivor=str(citizen), reason="Nhầm người", step_up_secret=PASSWORD)
    assert "done=undone" in parted.headers["Location"]


def test_of_two_heads_of_reception_who_merge_one_pair_the_second_is_told(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    one, other = come(hospital, kiosk), come(hospital, kiosk)
    compare = f"/patients/compare/{one}/{other}"
    form = {"first_version": "1", "second_version": "1", "reason": REASON}
    token = lead.token("/patients/duplicates")
    assert lead.client.post(compare, data={**form, "csrf_token": token, "survivor": str(one)}).status_code == 303
    slower = lead.client.post(compare, data={**form, "csrf_token": token, "survivor": str(other)})
    assert slower.status_code == 409
    assert "vừa thay đổi" in slower.text
    assert lead.get(compare).headers["Location"].startswith(f"/patients/{one}")


def test_two_citizens_are_shown_side_by_side_without_a_button_to_merge(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    one, other = come(hospital, kiosk, "034190000017"), come(hospital, kiosk, "034190000025")
    page = lead.get(f"/patients/compare/{one}/{other}").text
    assert "hai công dân" in page
    assert 'name="survivor"' not in page


def test_a_pair_that_is_two_people_leaves_the_list_with_a_reason(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    come(hospital, kiosk), come(hospital, kiosk)
    (apart,) = re.findall(r'action="(/patients/duplicates/[^"]+/apart)"', lead.get("/patients/duplicates").text)
    assert lead.send(apart, reason="").status_code == 422
    assert lead.send(apart, reason="Hai chị em").status_code == 303
    assert "Không có cặp nào" in lead.get("/patients/duplicates").text
    assert lead.send(apart, reason="Hai chị em").status_code == 409


def test_a_visit_with_a_number_in_conflict_leads_the_head_of_reception_to_the_pair(
    desk: Browser, lead: Browser, hospital: Database, kiosk: Device
) -> None:
    card = {"card_number": "DN4340123456789"}
    come(hospital, kiosk, "034190000017", insurance=card)
    stranger = arrival("034085000099", insurance=card, person={"full_name": "Trần Văn Khác", "born_on": "1985"})
    address = f"/reception/encounters/{register(hospital, stranger, kiosk).answer.encounter_id}"
    link = '<a href="/patients/duplicates">Xem hai hồ sơ cạnh nhau</a>'
    assert link in lead.get(address).text
    assert link not in desk.get(address).text
    assert "có thể mượn thẻ" in lead.get("/patients/duplicates").text


def test_any_other_record_is_found_by_its_number_to_be_compared(
    lead: Browser, hospital: Database, kiosk: Device
) -> None:
    one = come(hospital, kiosk, "034190000017")
    other = come(hospital, kiosk, insurance={"card_number": "DN4340123456789"}, person={"full_name": "Lê Thị Khác"})
    address = f"/patients/{one}"
    found = lead.send(f"{address}/compare", number="DN4 34 0123456789")
    assert found.headers["Location"] == f"/patients/compare/{one}/{other}"
    nobody = lead.send(f"{address}/compare", number="034190000017")
    assert nobody.status_code == 422  # her own


def test_a_colleague_at_the_desk_is_not_offered_to_merge(desk: Browser, hospital: Database, kiosk: Device) -> None:
    page = desk.get(f"/patients/{come(hospital, kiosk)}").text
    assert "Các lần gộp" not in page
    assert "/patients/duplicates" not in page
    assert desk.get("/patients/duplicates").status_code == 403
