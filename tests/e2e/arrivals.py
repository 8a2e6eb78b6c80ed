"""Arrivals over the API, as a kiosk sends them and asks for them."""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import urllib3

from server.domain.codes import code_from
from tests.e2e.hospital import FACILITY, Hospital


class Kiosk:
    """Registers arrivals over the API, as a kiosk does."""

    def __init__(self, hospital: Hospital) -> None:
        self._url = f"{hospital.server_url}/api/v1"
        token = (hospital.home / "kiosk" / "device.token").read_text(encoding="ascii").strip()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = urllib3.PoolManager(retries=False)
        offers = self._http.request("GET", f"{self._url}/facilities/{FACILITY}/services", headers=self._headers).json()
        self.services: list[str] = [offer["service"] for offer in offers["services"]]

    def register(self, full_name: str, *, declared: Sequence[str] = (), **evidence: Any) -> str:
        """Return the number on paper."""
        key = str(uuid4())
        now = datetime.now(UTC).isoformat()
        command = {
            "request_key": key,
            "visit_code": code_from(secrets.token_bytes(13)),
            "facility": FACILITY,
            "service": self.services[0],
            "person": {
                "full_name": full_name,
                "born_on": "1958-03-02",
                "sex": "female",
                "identifiers": [{"system": "vn-personal-number", "value": f"0341{secrets.randbelow(10**8):08d}"}],
            },
            "evidence": {"assurance": "chip-read", "method": "chip", "access": "PACE-CAN", "read_at": now, **evidence},
            "arrived_at": now,
            "declared": list(declared),
            "insurance": {"card_number": f"DN4013{secrets.randbelow(10**9):09d}"},
        }
        answer = self._post("encounters", command, key)
        self.last_visit_code: str = answer["visit_code"]
        label: str = answer["ticket"]["label"]
        return label

    def call_staff(self) -> None:
        key = str(uuid4())
        call = {"request_key": key, "step": "confirming", "called_at": datetime.now(UTC).isoformat()}
        self._post("staff-calls", call, key)

    def _post(self, path: str, message: dict[str, Any], key: str) -> Any:
        headers = {**self._headers, "Idempotency-Key": key}
        answer = self._http.request("POST", f"{self._url}/{path}", json=message, headers=headers)
        assert answer.status < 300, answer.data
        return answer.json() if answer.data else None


def encounters(hospital: Hospital) -> list[dict[str, Any]]:
    """Return what the server has of today, asked as the kiosk asks."""
    token = (hospital.home / "kiosk" / "device.token").read_text().strip()
    answer = urllib3.request(
        "GET",
        f"{hospital.server_url}/api/v1/encounters?limit=200",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status == 200, answer.data
    found: list[dict[str, Any]] = json.loads(answer.data)["items"]
    return found
