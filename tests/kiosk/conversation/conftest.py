"""The kiosk that the stories of one person after the other are told on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.config import KioskSection
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from tests.kiosk.conversation.hall import Hall
from tests.kiosk.kit import TurnableClock, facility_services
from tests.kiosk.notebook import Notebook


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock, errands = TurnableClock(), Notebook()
    kiosk = Kiosk(KioskSection(data_dir=tmp_path), clock=clock, errands=errands, devices=Devices())
    kiosk.services_changed(facility_services())
    kiosk.online_changed(online=True)
    yield Hall(kiosk, clock, errands)
    kiosk.close()
