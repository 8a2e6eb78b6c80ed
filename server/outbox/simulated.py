"""The simulated hospital information system: an HTTP server of its own that takes FHIR transactions, with faults.

It keeps what it took in memory, knows a key again, and refuses what an old system refuses: a birth date without its
day. A production profile refuses it.
"""

import hmac
import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from server.outbox.fhir import MEDIA_TYPE
from server.simulated_http import QuietHandler, cut_off

_KEY: Final = re.compile(r'"[0-9a-f-]{36}"')


@dataclass
class Behaviour:
    """What it does wrong on purpose. ``next_faults`` are used up one by one, in their order.

    A number is answered as an HTTP status; ``lost`` takes the message and cuts the line before the answer; ``reset``
    cuts the line before taking it; ``slow`` waits ``delay_s`` first.
    """

    next_faults: deque[int | str] = field(default_factory=deque)
    is_down: bool = False
    delay_s: float = 0.0
    wants_whole_birth_dates: bool = True


@dataclass(frozen=True, slots=True)
class Received:
    key: str
    body: dict[str, Any]

    def resource(self, kind: str) -> dict[str, Any]:
        """Return the resource of a kind; raises KeyError."""
        for entry in self.body["entry"]:
            if entry["resource"]["resourceType"] == kind:
                found: dict[str, Any] = entry["resource"]
                return found
        raise KeyError(kind)


class SimulatedHis:
    """The system as a WSGI application; used by several threads."""

    def __init__(self, token: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._token = token
        self._sleep = sleep
        self._lock = threading.Lock()  # guards all below
        self._digests: dict[str, bytes] = {}  # key -> body it was first used for
        self.behaviour = Behaviour()
        self.taken: list[Received] = []  # each key once, in the order of arrival
        self.repeated = 0
        self.resources: dict[str, dict[str, Any]] = {}  # "Encounter/<id>" -> its latest form

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.max_content_length = 1024 * 1024
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/healthz":
            return _json({"status": "ok", "taken": len(self.taken)}, 200)
        if request.path != "/fhir" or request.method != "POST":
            return _outcome(404, "not-found", "no such address")
        if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self._token}"):
            return _outcome(401, "login", "the token is not known")
        body = request.get_data()
        fault = self._fault()
        if isinstance(fault, int):
            return _outcome(fault, "exception", f"simulated {fault}")
        if fault == "reset":
            cut_off(request)
        if fault == "slow":
            self._sleep(self.behaviour.delay_s)
        answer = self._take(request.headers.get("Idempotency-Key", ""), body)
        if fault == "lost":
            cut_off(request)
        return answer

    def _fault(self) -> int | str | None:
        with self._lock:
            if self.behaviour.is_down:
                return 503
            return self.behaviour.next_faults.popleft() if self.behaviour.next_faults else None

    def _take(self, key: str, body: bytes) -> Response:
        if not _KEY.fullmatch(key):
            return _outcome(400, "required", "Idempotency-Key is missing")
        try:
            bundle = json.loads(body)
            resources = {entry["request"]["url"]: entry["resource"] for entry in bundle["entry"]}
        except (ValueError, KeyError, TypeError):
            return _outcome(400, "structure", "not a transaction bundle")
        if (refusal := self._refusal(resources)) is not None:
            return refusal
        with self._lock:
            known = self._digests.setdefault(key, body)
            if known != body:
                return _outcome(422, "conflict", "this key was used for another message")
            if any(one.key == key for one in self.taken):
                self.repeated += 1
            else:
                self.taken.append(Received(key, bundle))
                self.resources.update(resources)
        return _json({"resourceType": "Bundle", "type": "transaction-response", "entry": []}, 200)

    def _refusal(self, resources: dict[str, dict[str, Any]]) -> Response | None:
        if not self.behaviour.wants_whole_birth_dates:
            return None
        for one in resources.values():
            if one["resourceType"] == "Patient" and len(one.get("birthDate", "")) < len("1990-08-15"):
                return _outcome(422, "invalid", "Patient.birthDate: cần đủ ngày, tháng, năm sinh")
        return None


def _json(content: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), status=status, mimetype=MEDIA_TYPE)


def _outcome(status: int, code: str, words: str) -> Response:
    issue = {"severity": "error", "code": code, "diagnostics": words}
    return _json({"resourceType": "OperationOutcome", "issue": [issue]}, status)


def serve(his: SimulatedHis, *, port: int) -> BaseWSGIServer:
    """Return a server on this machine's own address that answers once ``serve_forever`` runs; 0 takes a free port."""
    return make_server("127.0.0.1", port, his, threaded=True, request_handler=QuietHandler)
