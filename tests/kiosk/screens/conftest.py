"""A kiosk that stands still, and a browser without scripts in front of it."""

import pytest
from flask.testing import FlaskClient

from kiosk.conversation.view import ScreenView
from kiosk.screens.guard import page_token
from kiosk.session import State
from tests.kiosk.screens.still_kiosk import StillKiosk, pages_of


@pytest.fixture
def kiosk() -> StillKiosk:
    return StillKiosk(ScreenView(revision=7, state=State.WELCOME, language="vi", online=True))


@pytest.fixture
def client(kiosk: StillKiosk) -> FlaskClient:
    return pages_of(kiosk).test_client()


@pytest.fixture
def token(client: FlaskClient) -> str:
    with client.application.app_context():
        return page_token()
