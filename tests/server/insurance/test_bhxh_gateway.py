"""The real client against the simulated gateway, over HTTP."""

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest

from server.domain.card_check import VERDICTS
from server.domain.days import VIETNAM
from server.domain.identity import PartialDate, Sex
from server.insurance.config import SIMULATED_PASSWORD
from server.insurance.errors import CircuitOpen, GatewayRefused, GatewayUnavailable
from server.insurance.invented import (
    AREA_K1,
    CODES,
    ELSEWHERE,
    FAULT_NUMBERS,
    TWO_CARDS,
    YEAR_ONLY,
    Fault,
    name_of,
    number_of,
)
from server.insurance.messages import CardInquiry
from server.insurance.token import digest_of
from server.insurance.transport import Transport
from tests.server.hospital import FACILITY
from tests.server.insurance.conftest import Site

BORN = PartialDate(1980, 5, 17)
DUC = CardInquiry("001090123456", "NGUYỄN VĂN ĐỨC", PartialDate(1990, 8, 15))


def about(code: str) -> CardInquiry:
    return CardInquiry(number_of(code), name_of(code), BORN)


def faulty(fault: Fault) -> CardInquiry:
    return CardInquiry(FAULT_NUMBERS[fault], "Trần Văn Lỗi", PartialDate(1970, 1, 1))


def test_the_simulated_gateway_has_somebody_for_every_code_there_is() -> None:
    assert set(CODES) == set(VERDICTS)


@pytest.mark.parametrize("code", CODES)
def test_each_result_code_comes_back_as_the_gateway_gave_it(site: Site, code: str) -> None:
    assert site.client().check_card(FACILITY, about(code)).answer.result_code == code


def test_every_field_is_read(site: Site) -> None:
    answer = site.client().check_card(FACILITY, DUC).answer
    assert (answer.result_code, answer.card_number, answer.full_name) == ("000", "DN4340123456789", "Nguyễn Văn Đức")
    assert (answer.born_on, answer.sex, answer.primary_facility) == (PartialDate(1990, 8, 15), Sex.MALE, "34018")
    assert (answer.valid_from, answer.valid_to, answer.five_years_on) == (date(2024, 1, 1), None, date(2025, 1, 1))
    assert answer.living_area is None
    assert answer.visits[0].began_at == datetime(2026, 10, 5, 7, 12, tzinfo=VIETNAM)
    assert (answer.visits[0].facility, answer.visits[0].patient_type) == ("34018", "1.1")
    assert answer.inquiries[0].at == site.time.now
    assert answer.inquiries[0].by == "01013_BV"


def test_new_card_is_read_beside_the_old_one(site: Site) -> None:
    answer = site.client().check_card(FACILITY, about("003")).answer
    assert (answer.old_card_number, answer.new_card_number) == (number_of("003"), "GD4349900100003")
    assert (answer.new_valid_from, answer.new_valid_to) == (date(2026, 1, 1), date(2036, 12, 31))
    assert (answer.new_primary_facility, answer.new_primary_facility_name) == ("34018", "Trung tâm Y tế Thử")


@pytest.mark.parametrize(
    ("number", "name", "born", "code", "reason"),
    [
        (YEAR_ONLY, "Lò Thị Mẩy", PartialDate(1951), "000", "a card that has the year only"),
        (ELSEWHERE, "Đinh Văn Nơi Khác", PartialDate(1977, 2, 3), "000", "first registration elsewhere"),
        (AREA_K1, "Giàng A Thử", PartialDate(1992, 11, 9), "000", "area K1"),
        (TWO_CARDS, "Bùi Thị Hai Thẻ", PartialDate(1969, 6, 30), "004", "a second card that begins later"),
        (number_of("000"), "Nguyen Thi Ma", BORN, "060", "another name"),
        (number_of("000"), "Nguyễn Thu Mây Khang Khoai Không", BORN, "061", "its first letters fit"),
        (number_of("000"), name_of("000"), PartialDate(1980, 5, 18), "070", "another birth date"),
        (number_of("000"), "Nguye\u0302\u0303n Thi\u0323 Ma\u0303 Không Không Không", BORN, "000", "NFD marks"),
        ("GD4349999999999", "Ai Đó", BORN, "050", "nobody has it"),
    ],
)
def test_question_gets_the_answer_of_the_person_it_names(
    site: Site, number: str, name: str, born: PartialDate, code: str, reason: str
) -> None:
    answer = site.client().check_card(FACILITY, CardInquiry(number, name, born)).answer
    assert answer.result_code == code, reason


def test_officer_stands_in_every_question(site: Site) -> None:
    site.client().check_card(FACILITY, DUC)
    assert site.gateway.behaviour.questions == [
        {
            "maThe": "001090123456", "hoTen": "NGUYỄN VĂN ĐỨC", "ngaySinh": "15/08/1990",
            "hoTenCb": "Lê Thị Cán Bộ", "cccdCb": "034185000999",
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"officer_number": "034185000000"}, "054"), ({"officer_name": "Người Khác"}, "055")],
)
def test_wrong_officer_is_the_facilitys_own_mistake(site: Site, changes: dict[str, str], code: str) -> None:
    account = {"username": "34999_BV", "officer_name": "Lê Thị Cán Bộ", "officer_number": "034185000999", **changes}
    client = site.client(facilities={FACILITY: account})
    assert client.check_card(FACILITY, DUC).answer.result_code == code


def test_null_arrays_are_empty_ones(site: Site) -> None:
    answer = site.client().check_card(FACILITY, faulty("null-arrays")).answer
    assert (answer.result_code, answer.visits, answer.inquiries) == ("000", (), ())


def test_client_error_with_a_code_in_its_json_is_that_code(site: Site) -> None:
    assert site.client().check_card(FACILITY, faulty("client-400")).answer.result_code == "205"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("html", "not_json"),  # status 200 all the same
        ("wrong-json", "wrong_json"),
        ("huge", "too_large"),
        ("status-503", "status_503"),
        ("reset", "reset"),  # again at the second attempt
        ("delay-15", "timeout"),
    ],
)
def test_useless_answer_is_unavailable_and_the_next_question_works(site: Site, fault: Fault, reason: str) -> None:
    # The slow answer comes a second late, at the earliest (fixture ``site``).
    client = site.client(read_s=0.9 if reason == "timeout" else 30.0)
    with pytest.raises(GatewayUnavailable) as raised:
        client.check_card(FACILITY, faulty(fault))
    assert raised.value.reason == reason
    assert client.check_card(FACILITY, DUC).answer.result_code == "000"


def test_nobody_at_the_address_is_unavailable(site: Site) -> None:
    with pytest.raises(GatewayUnavailable, match="connect"):
        site.client(base_url="http://127.0.0.1:1").check_card(FACILITY, DUC)


def test_connection_that_was_reset_is_tried_once_more(site: Site) -> None:
    client = site.client()
    client.check_card(FACILITY, DUC)
    site.gateway.behaviour.resets = 1
    assert client.check_card(FACILITY, about("010")).answer.result_code == "010"
    site.gateway.behaviour.resets = 2
    with pytest.raises(GatewayUnavailable, match="reset"):
        client.check_card(FACILITY, about("110"))


def test_one_token_serves_all_threads(site: Site) -> None:
    client = site.client(parallel=8)
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda code: client.check_card(FACILITY, about(code)).answer.result_code, CODES[:8]))
    assert codes == list(CODES[:8])
    assert site.gateway.behaviour.tokens_taken == 1


def test_used_up_token_is_replaced_in_the_middle_of_a_question(site: Site) -> None:
    site.gateway.behaviour.token_calls = 2
    client = site.client()
    answers = [client.check_card(FACILITY, about(code)).answer.result_code for code in CODES[:6]]
    assert answers == list(CODES[:6])
    assert site.gateway.behaviour.tokens_taken == 3


@pytest.mark.parametrize("code", ["401", "501"])
def test_answer_that_refuses_the_token_is_asked_again_once_with_a_new_one(site: Site, code: str) -> None:
    assert site.client().check_card(FACILITY, about(code)).answer.result_code == code
    assert site.gateway.behaviour.tokens_taken == 2
    assert len(site.gateway.behaviour.questions) == 2


def test_token_is_taken_anew_before_it_runs_out(site: Site) -> None:
    client = site.client()
    client.check_card(FACILITY, DUC)
    site.time.pass_s(49 * 60 + 1)
    client.check_card(FACILITY, DUC)
    assert site.gateway.behaviour.tokens_taken == 2


def test_refused_account_is_said_and_not_tried_on_and_on(site: Site) -> None:
    account = {"username": "34998_BV", "officer_name": "Lê Thị Cán Bộ", "officer_number": "034185000999"}
    client = site.client(facilities={FACILITY: account})
    for _ in range(5):
        with pytest.raises(GatewayRefused) as raised:
            client.check_card(FACILITY, DUC)
        assert raised.value.result_code == "401"
    with pytest.raises(CircuitOpen):
        client.check_card(FACILITY, DUC)


def test_failing_gateway_is_left_alone_and_tried_by_one_question_after_a_pause(site: Site) -> None:
    client = site.client()
    site.gateway.behaviour.is_down = True
    for _ in range(5):
        with pytest.raises(GatewayUnavailable, match="status_503"):
            client.check_card(FACILITY, DUC)
    site.gateway.behaviour.is_down = False
    with pytest.raises(CircuitOpen) as raised:
        client.check_card(FACILITY, DUC)
    assert raised.value.retry_after_s == 30.0
    assert site.gateway.behaviour.questions == []
    site.time.pass_s(30)
    assert client.check_card(FACILITY, DUC).answer.result_code == "000"
    assert client.check_card(FACILITY, about("010")).answer.result_code == "010"


def test_same_question_within_minutes_is_answered_from_memory(site: Site) -> None:
    client = site.client()
    first = client.check_card(FACILITY, DUC)
    site.time.pass_s(299)
    assert client.check_card(FACILITY, DUC) is first
    site.time.pass_s(2)
    assert client.check_card(FACILITY, DUC) is not first


def test_memory_ends_at_midnight_in_viet_nam(site: Site) -> None:
    client = site.client()
    site.time.now = datetime(2026, 11, 23, 23, 59, 30, tzinfo=VIETNAM)
    client.check_card(FACILITY, DUC)
    site.time.pass_s(31)
    client.check_card(FACILITY, DUC)
    assert len(site.gateway.behaviour.questions) == 2


def test_name_put_right_is_a_new_question_and_an_unclear_answer_is_not_kept(site: Site) -> None:
    client = site.client()
    assert (
        client.check_card(FACILITY, CardInquiry(DUC.number, "Nguyen Van Duc", DUC.born_on)).answer.result_code == "060"
    )
    assert client.check_card(FACILITY, DUC).answer.result_code == "000"
    for _ in range(2):
        client.check_card(FACILITY, about("101"))
    assert len(site.gateway.behaviour.questions) == 4


def test_no_secret_and_no_person_is_in_any_log_or_error(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = site.client(read_s=0.5)
    for inquiry in (DUC, faulty("html"), faulty("wrong-json"), faulty("reset"), faulty("delay-15")):
        try:
            client.check_card(FACILITY, inquiry)
        except GatewayUnavailable:
            logging.getLogger("test").exception("failed")
    text = "\n".join(
        [
            *(caplog.handler.format(record) for record in caplog.records),
            *(str(record.args) for record in caplog.records),
        ]
    )
    assert "KQNhanLichSuKCB2024" in text  # the library did write about the exchange
    digest = digest_of(SIMULATED_PASSWORD, "upper")
    token = client._facilities[FACILITY].tokens.get()
    secrets = [
        SIMULATED_PASSWORD, digest, digest.lower(), token.access_token, token.id_token, "token=", "id_token",
        "password=", "34999_BV", "034185000999", DUC.number, DUC.full_name, *FAULT_NUMBERS.values(),
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []
    assert digest not in repr(client._facilities[FACILITY].credentials) + repr(token)


def test_answer_that_drips_is_given_up_as_a_whole() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(drip, listener)
        transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}", read_s=0.3)
        with pytest.raises(GatewayUnavailable, match="timeout"):
            transport.post("/api/token/take", form={})
        transport.close()
        assert dripping.result() < 100


def drip(listener: socket.socket) -> int:
    """Send one byte at a time, each well within the time limit; return how many until the asker went away."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for sent in range(100):
            try:
                connection.sendall(b" ")
            except ConnectionError:
                return sent
            time.sleep(0.05)
    return 100
