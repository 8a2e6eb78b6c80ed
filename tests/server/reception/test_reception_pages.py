"""The desk's pages as a browser gets them, on both databases."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.contract.v1 import CallStaff
from server.db import Database
from server.feed import find_newest_id
from server.fleet.models import StaffCall
from server.fleet.service import Device, call_staff
from server.snapshots import KEPT_FOR
from tests.server.hospital import MORNING, arrival, register
from tests.server.staff import Browser, add_staff

REASON = "Bệnh nhân là trẻ em"


@pytest.fixture
def encounter(desk: Browser, hospital: Database, kiosk: Device) -> str:
    """The address of one encounter's page."""
    return f"/reception/encounters/{register(hospital, arrival(), kiosk).answer.encounter_id}"


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def test_the_list_shows_todays_arrivals(desk: Browser, encounter: str) -> None:
    page = desk.get("/reception").text
    for word in (
        "A001",
        "Nguyễn Thị Thử Nghiệm",
        "1990",
        "Nữ",
        "Khám nội",
        "Phòng 101",
        "Chip thật",
        "Kiosk K",
        "07:15",
    ):
        assert word in page
    assert encounter in page


def test_declared_priority_is_confirmed_on_the_visits_page_and_said_in_words(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    visit = register(hospital, arrival(declared=("pregnancy",)), kiosk).answer.encounter_id
    address = f"/reception/encounters/{visit}"
    page = desk.get(address).text
    assert "Đánh dấu đã xử lý" not in page  # a remark would leave her without an answer
    hidden = {name: field(page, name) for name in ("ground", "seen", "is_from_visit")}
    answer = desk.send(
        f"/queues/encounters/{visit}/priority", **hidden, decision="confirmed", reason="Xem sổ khám thai"
    )
    assert urlsplit(answer.location).path == address
    page = desk.get(answer.location).text
    for words in ("Đã ghi kết luận về diện ưu tiên", "Đã xử lý: Đã xác nhận: Xem sổ khám thai", "Phụ nữ mang thai"):
        assert words in page
    assert "A001" in page


def test_an_empty_morning_says_so(desk: Browser) -> None:
    assert "Chưa có ai." in desk.get("/reception").text


def test_a_search_goes_by_post_so_that_no_name_stands_in_an_address(desk: Browser, encounter: str) -> None:
    page = desk.post("/reception/search", text="thu nghiem").text
    assert "A001" in page
    assert 'value="thu nghiem"' in page
    nobody = desk.post("/reception/search", text="ai khác").text
    assert "A001" not in nobody
    assert "Không có ai phù hợp" in nobody
    assert desk.get("/reception/search").status_code == 405


def test_what_one_desk_has_fetched_all_others_get_without_reading_it_again(
    desk: Browser,
    hospital: Database,
    kiosk: Device,
    encounter: str,
    count_queries: Callable[[Callable[[], object]], int],
) -> None:
    address = f"/reception/rows?id={encounter.rpartition('/')[2]}&after="
    colleague = desk.another()
    colleague.sign_in(add_staff(hospital, "dong.nghiep"))
    told = find_newest_id(hospital)
    pages: list[str] = []
    first = count_queries(lambda: pages.append(desk.get(f"{address}{told}").text))
    second = count_queries(lambda: pages.append(colleague.get(f"{address}{told}").text))
    assert pages[0] == pages[1]
    assert first - second >= 2  # its rows and the day's totals; who asks is read for each
    register(hospital, arrival("034190000222"), kiosk)
    newer = colleague.get(f"{address}{find_newest_id(hospital)}").get_json()
    assert newer["totals"].startswith("2 lượt đến")


def test_a_page_that_is_open_gets_rows_as_fragments(desk: Browser, hospital: Database, kiosk: Device) -> None:
    encounter_id = register(hospital, arrival(), kiosk).answer.encounter_id
    answer = desk.get(f"/reception/rows?id={encounter_id}&id={uuid4()}").get_json()
    assert answer["day"] == "2026-11-23"
    assert answer["totals"].startswith("1 lượt đến")
    (row,) = answer["rows"]
    assert row["id"] == str(encounter_id)
    assert row["html"].strip().startswith(f'<tr id="arrival-{encounter_id}"')


def test_a_row_fetched_anew_or_searched_for_is_the_row_of_the_page(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    contradicted = arrival("034190000025", evidence={"assurance": "chip-contradicted"})
    ids = [register(hospital, command, kiosk).answer.encounter_id for command in (arrival(), contradicted)]
    page = desk.get("/reception").text
    fetched = desk.get(f"/reception/rows?id={ids[0]}&id={ids[1]}").get_json()["rows"]
    token = desk.token("/reception")
    found = desk.client.post("/reception/search", data={"csrf_token": token}, headers={"X-Fragment": "1"}).get_json()
    assert found["rows"] == fetched
    assert {row["id"] for row in fetched} == {str(one) for one in ids}
    for row in fetched:
        assert row["html"] in page
        assert f'data-key="{row["key"]}"' in row["html"]
    for shape in re.findall('href="#(.+?)"/>', "".join(row["html"] for row in fetched)):
        assert f'<symbol id="{shape}"' in page


def test_a_name_full_of_markup_stays_text_everywhere(desk: Browser, hospital: Database, kiosk: Device) -> None:
    name = "<script>alert('x')</script>{{7*7}}"
    encounter_id = register(hospital, arrival(person={"full_name": name}), kiosk).answer.encounter_id
    for page in (
        desk.get("/reception").text,
        desk.get(f"/reception/encounters/{encounter_id}").text,
        desk.get(f"/reception/rows?id={encounter_id}").get_json()["rows"][0]["html"],
    ):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;{{7*7}}" in page


@pytest.mark.parametrize("query", ["id=1", "id=%00", "id='--"])
def test_an_id_that_is_none_is_refused(desk: Browser, query: str) -> None:
    assert desk.get(f"/reception/rows?{query}").status_code == 422


def test_the_encounters_page_says_how_identity_was_established_and_that_it_was_read(
    desk: Browser, hospital: Database, encounter: str
) -> None:
    page = desk.get(encounter).text
    for words in ("Chip thật, dữ liệu đã xác thực", "chip trên thẻ", "PACE-CAN", "034190000017", "15/08/1990"):
        assert words in page
    with hospital.reading() as session:
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.read")).one()
    assert line.actor == "staff:le.tan"
    assert line.subject_id == encounter.rpartition("/")[2]


def test_reading_a_record_again_and_again_is_one_line_of_its_trail_and_noted_each_time(
    desk: Browser, hospital: Database, encounter: str
) -> None:
    for _ in range(3):
        page = desk.get(encounter).text
    trail = page[page.index('<ol class="trail">') :].partition("</ol>")[0]
    # The look that shows the page is written with it, and told by the next one.
    assert (trail.count("Xem hồ sơ"), trail.count("(2 lần)")) == (1, 1)
    with hospital.reading() as session:
        reads = sa.select(sa.func.count()).select_from(AuditLine).where(AuditLine.action == "encounter.read")
        assert session.scalar(reads) == 3


def test_a_discrepancy_shows_both_sides_and_is_settled_in_words(
    desk: Browser, hospital: Database, kiosk: Device, encounter: str
) -> None:
    command = arrival(person={"born_on": "1990-08-16", "sex": "male"})
    address = f"/reception/encounters/{register(hospital, command, kiosk).answer.encounter_id}"
    page = desk.get(address).text
    for words in ("ngày sinh", "15/08/1990", "16/08/1990", "giới tính", "Nữ", "Nam"):
        assert words in page
    issues = re.findall(rf'action="({address}/issues/[^"]+)"', page)
    assert len(issues) == 2
    assert desk.post(issues[0], token_from=address, decision="Đã xem giấy khai sinh").status_code == 303
    assert desk.post(issues[0], token_from=address, decision="Khác").status_code == 409
    page = desk.get(address).text
    assert "Đã xử lý: Đã xem giấy khai sinh" in page
    assert len(re.findall(rf'action="{address}/issues/', page)) == 1


def test_a_change_of_clinic_shows_the_new_number_the_old_one_and_the_reason(desk: Browser, encounter: str) -> None:
    version = field(desk.get(encounter).text, "version")
    answer = desk.post(f"{encounter}/clinic", token_from=encounter, service="NHI", reason=REASON, version=version)
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"]).text
    for words in ("Đã chuyển. Số mới: B001.", "Số cũ A001", f"Lý do: {REASON}", "Nhân viên le.tan", "Phòng 102"):
        assert words in page


def test_the_second_of_two_editors_sees_the_conflict_and_keeps_what_was_typed(
    desk: Browser, hospital: Database, encounter: str
) -> None:
    other = desk.another()
    other.sign_in(add_staff(hospital, "dong.nghiep"))
    version = field(desk.get(encounter).text, "version")
    other.post(f"{encounter}/clinic", token_from=encounter, service="NHI", reason="Nhầm khoa", version=version)
    answer = desk.post(f"{encounter}/clinic", token_from=encounter, service="NOI", reason=REASON, version=version)
    assert answer.status_code == 409
    assert "Đồng nghiệp vừa sửa lượt khám này" in answer.text
    assert "Nhân viên dong.nghiep" in answer.text
    assert "Nhầm khoa" in answer.text
    assert REASON in answer.text
    assert int(field(answer.text, "version")) == int(version) + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"service": "NHI", "reason": ""}, "Xin ghi lý do bằng chữ"),
        ({"service": "", "reason": REASON}, "Xin chọn phòng khám"),
        ({"service": "NOI", "reason": REASON}, "đang ở phòng khám này rồi"),
    ],
)
def test_a_form_that_cannot_be_carried_out_says_what_is_missing(
    desk: Browser, encounter: str, fields: dict[str, str], words: str
) -> None:
    answer = desk.post(f"{encounter}/clinic", token_from=encounter, version="1", **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_form_our_pages_never_send_is_refused(desk: Browser, encounter: str) -> None:
    for path, fields in [("clinic", {"version": "x"}), ("clinic", {}), ("reprint", {"copy_number": "0"})]:
        assert desk.post(f"{encounter}/{path}", token_from=encounter, **fields).status_code == 422


def test_a_reprint_is_marked_counted_and_carries_the_same_number(desk: Browser, encounter: str) -> None:
    answer = desk.post(f"{encounter}/reprint", token_from=encounter, copy_number="1")
    slip = desk.get(answer.headers["Location"]).text
    for words in ("IN LẠI lần 1", "A001", "Khám nội", "Phòng 101", "Bệnh viện huyện Thử", "<svg"):
        assert words in slip
    again = desk.post(f"{encounter}/reprint", token_from=encounter, copy_number="1")
    assert again.headers["Location"] == answer.headers["Location"]
    page = desk.get(encounter).text
    assert "Đã in lại 1 lần" in page
    assert field(page, "copy_number") == "2"


def test_a_slip_speaks_the_patients_language(desk: Browser, hospital: Database, kiosk: Device) -> None:
    encounter_id = register(hospital, arrival(language="en"), kiosk).answer.encounter_id
    answer = desk.post(f"/reception/encounters/{encounter_id}/reprint", copy_number="1")
    slip = desk.get(answer.headers["Location"]).text
    assert "REPRINT no. 1" in slip
    assert "Trial District Hospital" in slip
    assert "In phiếu" in slip  # the button is the desk's


def test_a_copy_nobody_asked_for_cannot_be_printed(desk: Browser, encounter: str) -> None:
    answer = desk.post(f"{encounter}/reprint", token_from=encounter, copy_number="1")
    address = urlsplit(answer.headers["Location"]).path
    assert desk.get(address[:-1] + "2").status_code == 404


class TestCalls:
    @pytest.fixture
    def call(self, desk: Browser, hospital: Database, kiosk: Device) -> UUID:
        with hospital.begin() as session:
            call_staff(
                session,
                CallStaff(request_key=uuid4(), step="confirming", problem=None, called_at=MORNING),
                device=kiosk,
                now=MORNING,
            )
        with hospital.reading() as session:
            return session.scalars(sa.select(StaffCall.id)).one()

    def test_a_call_says_where_and_at_which_step(self, desk: Browser, call: UUID) -> None:
        calls = desk.get("/reception/calls").text
        assert "Kiosk K, từ 07:15" in calls
        assert "đang xác nhận danh tính" in calls

    def test_a_call_says_in_words_what_went_wrong(self, desk: Browser, hospital: Database, call: UUID) -> None:
        with hospital.begin() as session:
            session.execute(sa.update(StaffCall).values(problem="chip.contradicts_code"))
        assert "chip và mã QR của hai người khác nhau" in desk.get("/reception/calls").text
        with hospital.begin() as session:
            session.execute(sa.update(StaffCall).values(problem="teapot.empty"))
        desk.clock.pass_by(KEPT_FOR)  # a call changes by itself nowhere else: no desk is told
        assert "teapot.empty" in desk.get("/reception/calls").text, "a newer kiosk's code stays readable"

    def test_a_red_flag_rings_before_whoever_waits_longer(
        self, desk: Browser, hospital: Database, kiosk: Device, call: UUID
    ) -> None:
        urgent = CallStaff(request_key=uuid4(), step="red-flags", problem="urgent.chest-pain", called_at=MORNING)
        with hospital.begin() as session:
            call_staff(session, urgent, device=kiosk, now=MORNING + timedelta(minutes=5))
        calls = desk.get("/reception/calls").text
        assert "CẤP CỨU: Đau ngực dữ dội" in calls
        assert calls.index("call-urgent") < calls.index("đang xác nhận danh tính")
        assert calls.count("call-urgent") == 1

    def test_an_answered_call_rings_nowhere(self, desk: Browser, hospital: Database, call: UUID) -> None:
        assert desk.post(f"/reception/calls/{call}/answer", token_from="/reception").status_code == 303
        assert "Không có ai đang gọi" in desk.get("/reception/calls").text
        with hospital.reading() as session:
            answered = session.get_one(StaffCall, call)
        assert (answered.answered_by, answered.answered_at) == ("le.tan", MORNING)

    def test_the_second_to_answer_learns_that_a_colleague_goes(
        self, desk: Browser, hospital: Database, call: UUID
    ) -> None:
        other = desk.another()
        other.sign_in(add_staff(hospital, "dong.nghiep"))
        for browser, is_first in ((other, True), (desk, False), (other, True)):
            token = browser.token("/reception")
            answer = browser.client.post(
                f"/reception/calls/{call}/answer", data={"csrf_token": token}, headers={"X-Fragment": "1"}
            )
            assert ("Đồng nghiệp khác" not in answer.text) is is_first

    def test_a_step_a_newer_kiosk_knows_stays_readable(self, desk: Browser, hospital: Database, call: UUID) -> None:
        with hospital.begin() as session:
            session.execute(sa.update(StaffCall).values(step="paying"))
        assert "paying" in desk.get("/reception/calls").text


class TestStream:
    @pytest.fixture
    def lines(self, desk: Browser) -> Iterator[Iterator[str]]:
        answer = desk.client.get("/reception/stream", headers={"Accept": "text/event-stream"})
        assert answer.status_code == 200
        assert answer.mimetype == "text/event-stream"
        yield (line for chunk in answer.response for line in chunk.decode().splitlines())  # type: ignore[union-attr]  # a stream of bytes
        answer.close()

    def test_an_arrival_is_told_to_a_page_that_is_open(
        self, desk: Browser, hospital: Database, kiosk: Device, lines: Iterator[str]
    ) -> None:
        assert next(line for line in lines if line.startswith("event")) == "event: reset"
        # The watcher may begin after the first arrivals, whose pages are told to fetch everything instead.
        ids = []

        def arrive() -> None:
            for number in range(3):
                ids.append(register(hospital, arrival(f"0341900001{number:02d}"), kiosk).answer.encounter_id)

        thread = Thread(target=arrive)
        thread.start()
        told = next(line for line in lines if '"encounter"' in line or line == "event: reset")
        thread.join()
        assert told == "event: reset" or any(str(encounter_id) in told for encounter_id in ids)
        assert "Thử" not in told

    def test_a_stream_ends_when_its_reader_signs_out(self, desk: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(desk.app.extensions["live"], "_heartbeat_s", 0.05)
        answer = desk.client.get("/reception/stream")
        desk.send("/sign-out")
        assert answer.get_data().startswith(b"retry")  # all of it, to its end
        answer.close()

    def test_when_all_places_are_taken_a_page_is_told_to_ask_instead(self, desk: Browser) -> None:
        open_streams = [desk.client.get("/reception/stream") for _ in range(4)]
        refused = desk.client.get("/reception/stream")
        assert refused.status_code == 503
        for answer in open_streams:
            answer.close()

    def test_a_stranger_who_opens_many_displays_takes_no_place_of_the_desk(self, desk: Browser) -> None:
        displays = [desk.client.get("/board/all/stream") for _ in range(4)]
        assert [answer.status_code for answer in displays] == [200, 200, 200, 503]
        live_page = desk.client.get("/reception/stream")
        assert live_page.status_code == 200
        for answer in (*displays, live_page):
            answer.close()

    def test_who_asks_for_the_head_of_a_stream_alone_leaves_no_place_taken(self, desk: Browser) -> None:
        for _ in range(8):  # twice as many as there are places
            desk.client.head("/board/all/stream").close()
            desk.client.head("/reception/stream").close()
        live_page = desk.client.get("/reception/stream")
        assert live_page.status_code == 200
        live_page.close()
