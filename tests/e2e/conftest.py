"""What the tests across programs share: one browser, and hospitals that run."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from tests.e2e.arrivals import Kiosk
from tests.e2e.hospital import CHROMIUM, SCREENSHOTS, Hospital, running_hospital
from tests.e2e.patient import LANDSCAPE, PORTRAIT, Patient
from tests.kiosk.screens.gallery import gallery
from tests.kiosk.screens.still_kiosk import StillKiosk, pages_of


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """The folder the suite leaves its pictures in, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # a printer is asked every ten seconds, and the machine may be busy
    # --no-sandbox: Chromium refuses its sandbox as root; it loads only this machine's own pages here.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A server and a kiosk that run and know each other; a test leaves the kiosk at its welcome page, all mended."""
    with running_hospital(tmp_path_factory.mktemp("hospital")) as hospital:
        yield hospital


@pytest.fixture
def portrait(browser: Browser, hospital: Hospital) -> Iterator[Patient]:
    patient = Patient(browser, hospital, PORTRAIT)
    yield patient
    patient.leave()


@pytest.fixture
def landscape(browser: Browser, hospital: Hospital) -> Iterator[Patient]:
    patient = Patient(browser, hospital, LANDSCAPE)
    yield patient
    patient.leave()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A hospital of which only the server runs."""
    hospital = Hospital(tmp_path_factory.mktemp("server"))
    hospital.prepare()
    hospital.start("tiepdon-server")
    yield hospital
    hospital.stop("tiepdon-server")


@pytest.fixture(scope="module")
def kiosk(server: Hospital) -> Kiosk:
    """Who sends arrivals to that server."""
    return Kiosk(server)


@pytest.fixture(scope="module")
def still() -> Iterator[tuple[StillKiosk, str]]:
    """A kiosk that shows what a test wants it to, with its address."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    kiosk = StillKiosk(gallery("vi")["welcome"])
    server = make_server("127.0.0.1", 0, pages_of(kiosk), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield kiosk, f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()
