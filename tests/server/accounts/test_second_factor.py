"""The second factor: codes of an authenticator app, recovery codes, and what must not get around them."""

import base64
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from server.accounts import second_factor, service, sessions
from server.accounts.models import RecoveryCode, SecondFactor
from server.accounts.totp import code_of, enrolment_address, matching_step, secret_text, step_at
from server.accounts.vault import Vault
from server.audit import AuditLine
from server.contract.settings import Profile
from server.db import Database
from tests.server.hospital import MORNING
from tests.server.staff import PASSWORD, Browser, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")

SECRET = b"12345678901234567890"  # RFC 6238, appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert code_of(SECRET, step_at(datetime.fromtimestamp(seconds, UTC))) == code


@pytest.mark.parametrize(("steps_away", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(steps_away: int, is_taken: bool) -> None:
    code = code_of(SECRET, step_at(MORNING) + steps_away)
    assert (matching_step(SECRET, code, now=MORNING, last_step=0) is not None) is is_taken


def test_a_code_is_taken_once_and_none_before_it_afterwards() -> None:
    step = step_at(MORNING)
    assert matching_step(SECRET, code_of(SECRET, step), now=MORNING, last_step=0) == step
    assert matching_step(SECRET, code_of(SECRET, step), now=MORNING, last_step=step) is None
    assert matching_step(SECRET, code_of(SECRET, step - 1), now=MORNING, last_step=step) is None


def test_the_app_gets_an_address_of_the_usual_form() -> None:
    address = enrolment_address(SECRET, "le.tan")
    assert address.startswith("otpauth://totp/Tiepdon:le.tan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tiepdon")
    assert secret_text(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_a_sealed_secret_opens_for_its_own_account_with_its_own_key_only(tmp_path: Path) -> None:
    vault, user = Vault(tmp_path / "here"), uuid4()
    sealed = vault.seal(user, SECRET)
    assert SECRET not in sealed
    assert Vault(tmp_path / "here").unseal(user, sealed) == SECRET  # after a restart
    with pytest.raises(InvalidTag):
        vault.unseal(uuid4(), sealed)
    with pytest.raises(InvalidTag):
        Vault(tmp_path / "elsewhere").unseal(user, sealed)
    assert (tmp_path / "here" / "accounts.key").stat().st_mode & 0o777 == 0o600


class TestInTheBrowser:
    @pytest.fixture
    def browser(self, browser: Browser, hospital: Database) -> Browser:
        add_staff(hospital)
        return browser

    @pytest.fixture
    def enrolled(self, browser: Browser) -> tuple[bytes, list[str]]:
        """The secret and recovery codes of somebody who has set it up and signed out."""
        browser.sign_in()
        page = browser.post("/second-factor/begin", token_from="/password", password=PASSWORD).text
        secret = self.secret_on(page)
        page = browser.post("/second-factor/confirm", token_from="/password", code=self.code(browser, secret)).text
        codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page)
        assert len(set(codes)) == 10
        browser.post("/sign-out", token_from="/password")
        browser.clock.pass_by(timedelta(seconds=60))
        return secret, codes

    @staticmethod
    def secret_on(page: str) -> bytes:
        found = re.search(r"<code>([A-Z2-7 ]{39})</code>", page)
        assert found
        return base64.b32decode(found[1].replace(" ", ""))

    @staticmethod
    def code(browser: Browser, secret: bytes) -> str:
        return code_of(secret, step_at(browser.clock.now()))

    def test_the_password_alone_opens_nothing_and_the_code_opens_all(
        self, browser: Browser, enrolled: tuple[bytes, list[str]]
    ) -> None:
        answer = browser.sign_in(next="/counter")
        assert answer.headers["Location"] == "/sign-in/code?next=/counter"
        assert browser.get("/reception").status_code == 302
        assert browser.client.post("/password").status_code == 401
        before = browser.client.get_cookie("tiepdon")
        code = self.code(browser, enrolled[0])
        answer = browser.post(
            "/sign-in/code", token_from="/sign-in/code", code=f"{code[:3]} {code[3:]}", next="/counter"
        )
        assert answer.headers["Location"] == "/counter"
        assert browser.get("/reception").status_code == 200
        after = browser.client.get_cookie("tiepdon")
        assert before is not None
        assert after is not None
        assert before.value != after.value

    def test_a_wrong_code_and_a_used_one_are_refused(
        self, browser: Browser, hospital: Database, enrolled: tuple[bytes, list[str]]
    ) -> None:
        code = self.code(browser, enrolled[0])
        browser.sign_in()
        assert browser.post("/sign-in/code", token_from="/sign-in/code", code="abcdef").status_code == 422
        assert browser.post("/sign-in/code", token_from="/sign-in/code", code=code).status_code == 303
        other = browser.another()
        other.sign_in()
        assert other.post("/sign-in/code", token_from="/sign-in/code", code=code).status_code == 422
        with hospital.reading() as session:
            refused = sa.select(sa.func.count()).where(AuditLine.action == "staff.second-factor-refused")
            assert session.scalar(refused) == 2

    def test_guessing_codes_becomes_slow_and_the_known_password_buys_no_free_guesses(
        self, browser: Browser, enrolled: tuple[bytes, list[str]]
    ) -> None:
        statuses = []
        for _ in range(5):
            answer = browser.sign_in()
            if answer.status_code != 303:
                statuses.append(answer.status_code)
                break
            statuses.append(browser.post("/sign-in/code", token_from="/sign-in/code", code="000000").status_code)
        assert statuses == [422, 422, 422, 422, 429]

    def test_a_short_wait_is_said_in_seconds_and_a_long_one_in_minutes(self, browser: Browser) -> None:
        add_staff(browser.app.extensions["db"], "go.sai")
        waits = []
        for _ in range(11):
            while (answer := browser.sign_in("go.sai", "sai mật khẩu rồi")).status_code == 429:
                waits.append(re.findall(r"thử lại sau (\d+ \w+)", answer.text)[0])
                browser.clock.pass_by(timedelta(seconds=int(answer.headers["Retry-After"])))
        assert waits == ["2 giây", "4 giây", "8 giây", "16 giây", "32 giây", "64 giây", "3 phút"]

    def test_whoever_mistyped_often_is_asked_for_the_code_at_once_after_the_right_password(
        self, browser: Browser, enrolled: tuple[bytes, list[str]]
    ) -> None:
        for _ in range(12):
            assert browser.sign_in(password="sai mật khẩu rồi").status_code == 422
            browser.clock.pass_by(timedelta(minutes=15))
        assert browser.sign_in().status_code == 303
        browser.clock.pass_by(timedelta(seconds=20))
        code = self.code(browser, enrolled[0])
        assert browser.post("/sign-in/code", token_from="/sign-in/code", code=code).status_code == 303

    def test_after_five_minutes_the_password_is_asked_for_again(
        self, browser: Browser, enrolled: tuple[bytes, list[str]]
    ) -> None:
        browser.sign_in()
        token = browser.token("/sign-in/code")
        browser.clock.pass_by(sessions.CODE_LIMIT)
        answer = browser.client.post(
            "/sign-in/code", data={"csrf_token": token, "code": self.code(browser, enrolled[0])}
        )  # fmt: skip
        assert answer.headers["Location"] == "/sign-in?notice=sign_in.ended"
        assert browser.get("/reception").status_code == 302

    def test_a_recovery_code_opens_once_however_it_is_typed(
        self, browser: Browser, hospital: Database, enrolled: tuple[bytes, list[str]]
    ) -> None:
        typed = enrolled[1][0].lower().replace("-", " ").replace("0", "o")
        browser.sign_in()
        assert browser.post("/sign-in/code", token_from="/sign-in/code", code=typed).status_code == 303
        assert "Còn 9 mã dự phòng" in browser.get("/second-factor").text
        other = browser.another()
        other.sign_in()
        assert other.post("/sign-in/code", token_from="/sign-in/code", code=typed).status_code == 422
        with hospital.reading() as session:
            kept = session.scalars(sa.select(RecoveryCode.code_hash)).all()
        assert not any(enrolled[1][0].replace("-", "").encode() in one for one in kept)

    def test_new_recovery_codes_end_the_old_ones(
        self, browser: Browser, hospital: Database, enrolled: tuple[bytes, list[str]]
    ) -> None:
        browser.sign_in()
        browser.post("/sign-in/code", token_from="/sign-in/code", code=self.code(browser, enrolled[0]))
        page = browser.send("/second-factor/recovery-codes").text
        new = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", page)
        assert len({*new, *enrolled[1]}) == 20
        other = browser.another()
        other.sign_in()
        assert other.post("/sign-in/code", token_from="/sign-in/code", code=enrolled[1][0]).status_code == 422
        assert other.post("/sign-in/code", token_from="/sign-in/code", code=new[0]).status_code == 303
        with hospital.reading() as session:
            assert session.scalar(sa.select(AuditLine.actor).where(AuditLine.action == "staff.recovery-codes-renewed"))

    def test_without_the_app_there_are_no_recovery_codes(self, browser: Browser) -> None:
        browser.sign_in()
        assert browser.send("/second-factor/recovery-codes").status_code == 422

    def test_setting_it_up_asks_for_the_password_and_counts_only_with_a_code(
        self, browser: Browser, hospital: Database
    ) -> None:
        browser.sign_in()
        wrong = browser.post("/second-factor/begin", token_from="/password", password="sai mật khẩu rồi")
        assert wrong.status_code == 422
        assert "<code>" not in wrong.text
        page = browser.post("/second-factor/begin", token_from="/password", password=PASSWORD).text
        refused = browser.post("/second-factor/confirm", token_from="/password", code="000000")
        assert refused.status_code == 422
        assert secret_text(self.secret_on(page)) not in refused.text
        with hospital.reading() as session:
            assert session.scalars(sa.select(SecondFactor.confirmed_at)).one() is None
        assert browser.another().sign_in().headers["Location"] == "/reception"  # not asked for a code yet

    def test_the_secret_of_a_second_factor_in_use_is_never_shown_again(
        self, browser: Browser, enrolled: tuple[bytes, list[str]]
    ) -> None:
        browser.sign_in()
        code = self.code(browser, enrolled[0])
        browser.post("/sign-in/code", token_from="/sign-in/code", code=code)
        page = browser.post("/second-factor/begin", token_from="/password", password=PASSWORD)
        assert page.status_code == 409
        assert secret_text(enrolled[0]) not in page.text

    def test_turning_it_off_asks_for_the_password(self, browser: Browser, enrolled: tuple[bytes, list[str]]) -> None:
        browser.sign_in()
        browser.post("/sign-in/code", token_from="/sign-in/code", code=self.code(browser, enrolled[0]))
        wrong = browser.post("/second-factor/remove", token_from="/password", password="sai mật khẩu rồi")
        assert wrong.status_code == 422
        right = browser.post("/second-factor/remove", token_from="/password", password=PASSWORD)
        assert right.status_code == 303
        assert browser.another().sign_in().headers["Location"] == "/reception"

    def test_in_production_nobody_works_before_setting_it_up(self, browser: Browser, hospital: Database) -> None:
        settings = browser.app.extensions["settings"]
        browser.app.extensions["settings"] = settings.model_copy(update={"profile": Profile.PRODUCTION})
        browser.sign_in()
        assert browser.get("/reception").headers["Location"] == "/second-factor"
        assert "Bệnh viện yêu cầu" in browser.get("/second-factor").text
        page = browser.post("/second-factor/begin", token_from="/password", password=PASSWORD).text
        code = self.code(browser, self.secret_on(page))
        browser.post("/second-factor/confirm", token_from="/password", code=code)
        assert browser.get("/reception").status_code == 200


def test_a_lost_phone_is_forgotten_by_an_administrator(hospital: Database, tmp_path: Path) -> None:
    add_staff(hospital)
    vault = Vault(tmp_path)
    with hospital.begin() as session:
        user = service.get_user(session, "le.tan")
        secret = second_factor.begin(session, user.id, vault=vault)
        code = code_of(secret, step_at(MORNING))
        assert second_factor.confirm(session, user.id, code, vault=vault, by="staff:le.tan", now=MORNING)
    with hospital.begin() as session:
        second_factor.remove(session, service.get_user(session, "le.tan"), by="system", now=MORNING)
    with hospital.reading() as session:
        assert not second_factor.is_enrolled(session, user.id)
        assert second_factor.recovery_codes_left(session, user.id) == 0
