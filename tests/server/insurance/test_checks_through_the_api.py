"""Which arrivals the API has checked: those of a facility with an account, and no others."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.app import create_app
from server.config import ServerSection, ServerSettings
from server.db import Database
from server.insurance.models import CardCheck
from tests.server.hospital import FACILITY, MORNING, add_kiosk, arrival
from tests.server.insurance.conftest import OFFICER


@pytest.mark.parametrize(("facilities", "checks"), [(None, 0), ({"01013": OFFICER}, 0), ({FACILITY: OFFICER}, 1)])
def test_arrival_is_checked_where_its_facility_has_an_account(
    hospital: Database, tmp_path: Path, facilities: dict[str, Any] | None, checks: int
) -> None:
    insurance = {"driver": "simulated", "facilities": facilities} if facilities else None
    section = ServerSection.model_validate({"data_dir": tmp_path, "insurance": insurance})
    clock = type("Morning", (), {"now": lambda self: MORNING})()
    app = create_app(ServerSettings(server=section), database=hospital, clock=clock)
    _, token = add_kiosk(hospital, "K")
    command = arrival(insurance={"card_number": "GD4349900000000"})
    for _ in range(2):  # a repetition asks no second question
        answer = app.test_client().post(
            "/api/v1/encounters", data=command.model_dump_json(), content_type="application/json",
            headers={
                "Idempotency-Key": str(command.request_key),
                "Authorization": f"Bearer {token}",
            },
        )  # fmt: skip
        assert answer.status_code in {200, 201}
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CardCheck)) == checks
