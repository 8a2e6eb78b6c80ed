"""The desk sees the same proposal and the same load as a kiosk, and may send anybody anywhere."""

import re

import sqlalchemy as sa

from server.db import Database
from server.facilities.models import Room
from server.fleet.service import Device
from tests.server.appointments.promises import known_patient
from tests.server.hospital import arrival, register
from tests.server.staff import Browser


def test_the_last_clinic_stands_first_with_its_reason_and_a_full_one_says_so(
    desk: Browser, hospital: Database, kiosk: Device
) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Room).where(Room.name == "Phòng 102").values(visits_per_table=1))
    register(hospital, arrival("034190000025", service="NHI"), kiosk)
    patient_id = known_patient(hospital)  # was at NOI ten days ago
    page = desk.get(f"/desk?person={patient_id}").text
    clinics = page.partition('id="service"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([A-Z]+)"[^>]*>([^<]+)</option>', clinics)
    assert options == [
        ("NOI", "Khám nội · Phòng 101 · 0 người chờ · gợi ý: lần trước khám ở đây"),
        ("NHI", "Khám nhi · Phòng 102 · đã đủ lượt"),
    ]
