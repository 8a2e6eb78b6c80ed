"""A morning on which people wait for both clinics."""

from datetime import timedelta

import pytest

from server.db import Database
from server.fleet.service import Device
from tests.server.hospital import MORNING, arrival, register


@pytest.fixture
def morning(hospital: Database, kiosk: Device) -> Database:
    """Two wait for each of the two clinics."""
    for number in range(4):
        register(
            hospital,
            arrival(
                f"0341900001{number:02d}", service=("NOI", "NHI")[number % 2],
                arrived_at=MORNING + timedelta(seconds=number),
            ),
            kiosk,
        )  # fmt: skip
    return hospital
