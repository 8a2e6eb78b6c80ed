"""The simulated insurance gateway: an HTTP server of its own that answers as the real one does, about invented people.

Account, token, officer, name and birth date are checked for real; result codes and faults belong to invented people
(``invented.py``). A production profile refuses it.
"""

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from server.domain.days import VIETNAM, local_day
from server.insurance.config import GatewayAccount
from server.insurance.invented import BY_NUMBER, Insured, code_for, new_card_days
from server.insurance.token import digest_of
from server.simulated_http import QuietHandler, cut_off

HTML: Final = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
_TOKEN_LIFE: Final = timedelta(minutes=50)
_NO_CARD: Final = frozenset({"050", "051", "052", "053", "054", "055", "060", "061", "070", "100", "101", "205"})


@dataclass
class Behaviour:
    """What can be changed while it runs; counters tell what it saw."""

    token_calls: int | None = None  # a token is good for so many look-ups; None: until it runs out
    resets: int = 0  # so many of the next requests are cut off
    is_down: bool = False  # every request is answered 503 with an HTML page
    expires_in: Callable[[datetime], object] = lambda now: (now + _TOKEN_LIFE).isoformat()
    tokens_taken: int = 0
    questions: list[dict[str, str]] = field(default_factory=list)


class SimulatedGateway:
    """The application (WSGI). ``accounts`` by facility; ``sleep`` waits for the delays."""

    def __init__(
        self, accounts: Mapping[str, GatewayAccount], password: str, *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC), sleep: Callable[[float], object] = time.sleep,
    ) -> None:  # fmt: skip
        self.behaviour = Behaviour()
        self._accounts = {account.username: account for account in accounts.values()}
        self._digest = digest_of(password, "lower")
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._calls_left: dict[tuple[str, str], int | None] = {}
        self._urls = Map(
            [
                Rule("/api/token/take", endpoint=self._take_token, methods=["POST"]),
                Rule("/api/egw/KQNhanLichSuKCB2024", endpoint=self._check_card, methods=["POST"]),
                Rule("/healthz", endpoint=lambda _: _json({"status": "ok"}), methods=["GET"]),
            ]
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        request.max_content_length = 65536
        try:
            endpoint, _ = self._urls.bind_to_environ(environ).match()
            response: Response | HTTPException = self._answer(endpoint, request)
        except HTTPException as error:
            response = error
        return response(environ, start_response)

    def _answer(self, endpoint: Callable[[Request], Response], request: Request) -> Response:
        with self._lock:
            cuts = self.behaviour.resets > 0
            self.behaviour.resets -= cuts
        if cuts:
            cut_off(request)
        if self.behaviour.is_down:
            return Response(HTML, status=503, mimetype="text/html")
        return endpoint(request)

    def _take_token(self, request: Request) -> Response:
        account, digest = self._accounts.get(request.form.get("username", "")), request.form.get("password", "")
        if account is None or not hmac.compare_digest(digest.lower(), self._digest):
            return _json({"maKetQua": "401", "APIKey": None})
        token, identity = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        with self._lock:
            self.behaviour.tokens_taken += 1
            self._calls_left[token, identity] = self.behaviour.token_calls
        key = {
            "access_token": token,
            "id_token": identity,
            "token_type": "Bearer",
            "username": account.username,
            "expires_in": self.behaviour.expires_in(self._now()),
        }
        return _json({"maKetQua": "200", "APIKey": key})

    def _check_card(self, request: Request) -> Response:
        account = self._accounts.get(request.args.get("username", ""))
        if account is None or not hmac.compare_digest(request.args.get("password", "").lower(), self._digest):
            return _json({"maKetQua": "401"})
        if not self._spend(request.args.get("token", ""), request.args.get("id_token", "")):
            return _json({"maKetQua": "401"}, status=401)
        sent = request.get_json(force=True, silent=True)
        fields = sent if isinstance(sent, dict) else {}
        question = {name: str(fields.get(name, "")) for name in ("maThe", "hoTen", "ngaySinh", "hoTenCb", "cccdCb")}
        self.behaviour.questions.append(question)
        if not all(question.values()):
            return _json({"maKetQua": "205", "ghiChu": "Tham số không đúng định dạng"})
        if question["cccdCb"] != account.officer_number:
            return _json({"maKetQua": "054", "ghiChu": "CCCD cán bộ chưa được đăng ký"})
        if question["hoTenCb"].upper() != account.officer_name.upper():
            return _json({"maKetQua": "055", "ghiChu": "Họ tên cán bộ không khớp CCCD"})
        person = BY_NUMBER.get(question["maThe"].upper())
        if person is None:
            return _json({"maKetQua": "050", "ghiChu": "Không có thông tin thẻ"})
        return self._about(request, person, question)

    def _spend(self, token: str, identity: str) -> bool:
        with self._lock:
            if (token, identity) not in self._calls_left:
                return False
            left = self._calls_left[token, identity]
            if left is None:
                return True
            self._calls_left[token, identity] = left - 1
            return left > 0

    def _about(self, request: Request, person: Insured, question: Mapping[str, str]) -> Response:
        today = local_day(self._now())
        code = code_for(person, full_name=question["hoTen"], born_on=question["ngaySinh"], today=today)
        answer = _fields(person, code, today, self._now())
        match person.fault:
            case "html":
                return Response(HTML, mimetype="text/html")
            case "wrong-json":
                return _json({"maKetQua": {"code": []}})
            case "huge":
                return Response((b"[" + b"0," * 32768 for _ in range(100)), mimetype="application/json")
            case "client-400":
                return _json({"maKetQua": "205"}, status=400)
            case "status-503":
                return Response(HTML, status=503, mimetype="text/html")
            case "reset":
                cut_off(request)
            case "delay-3":
                self._sleep(3)
            case "delay-15":
                self._sleep(15)
            case "null-arrays":
                answer |= {"dsLichSuKCB2018": None, "dsLichSuKT2018": None}
        return _json(answer)


def _fields(person: Insured, code: str, today: date, now: datetime) -> dict[str, Any]:
    if code in _NO_CARD or code >= "400":
        return {"maKetQua": code, "ghiChu": f"Mã {code}", "dsLichSuKCB2018": [], "dsLichSuKT2018": []}
    born = person.born_on
    fields: dict[str, Any] = {
        "maKetQua": code,
        "ghiChu": f"Thẻ của {person.full_name}, nơi đăng ký ban đầu {person.facility}",
        "maThe": person.card_number,
        "hoTen": person.full_name,
        "ngaySinh": f"{born.day:02d}/{born.month:02d}/{born.year}" if born.day and born.month else str(born.year),
        "gioiTinh": person.sex,
        "diaChi": "Xã Thử, Tỉnh Mẫu",
        "maDKBD": person.facility,
        "cqBHXH": f"BHXH tỉnh mã {person.facility[:2]}",
        "gtTheTu": f"{person.valid_from:%d/%m/%Y}",
        "gtTheDen": f"{person.valid_to:%d/%m/%Y}" if person.valid_to else "",
        "maKV": person.area,
        "ngayDu5Nam": f"{person.five_years_on:%d/%m/%Y}" if person.five_years_on else "",
        "maSoBHXH": person.card_number[-10:],
        "dsLichSuKCB2018": [
            {
                "maHoSo": "1002003004", "maCSKCB": person.facility, "ngayVao": "202610050712", "ngayRa": "202610051030",
                "tenBenh": "Viêm họng cấp", "tinhTrang": "1", "kqDieuTri": "1", "lyDoVV": "1.1", "TEMP1": None,
            }
        ],
        "dsLichSuKT2018": [
            {"userKT": "01013_BV", "thoiGianKT": f"{now.astimezone(VIETNAM):%Y%m%d%H%M%S}", "maLoi": "000"}
        ],
    }  # fmt: skip
    if person.new_number:
        first, last = new_card_days(person, today)
        fields |= {
            "maTheCu": person.card_number,
            "maTheMoi": person.new_number,
            "gtTheTuMoi": f"{first:%d/%m/%Y}",
            "gtTheDenMoi": f"{last:%d/%m/%Y}",
            "maDKBDMoi": person.new_facility,
            "tenDKBDMoi": "Trung tâm Y tế Thử",
        }
    return fields


def _json(content: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status=status, mimetype="application/json")


def serve(gateway: SimulatedGateway, *, port: int) -> BaseWSGIServer:
    """Return a server on this machine's own address that answers once ``serve_forever`` runs; 0 takes a free port."""
    return make_server("127.0.0.1", port, gateway, threaded=True, request_handler=QuietHandler)
