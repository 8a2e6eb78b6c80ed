"""Invented staff, and a browser-like client that signs them in and carries the pages' tokens."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.accounts.models import User
from server.accounts.roles import Role
from server.app import create_app
from server.config import ServerSection, ServerSettings
from server.db import Database
from tests.server.hospital import FACILITY, MORNING

PASSWORD = "con ngựa đúng pin ghim"


class SettableClock:
    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def pass_by(self, span: timedelta) -> None:
        self._now += span


# The product's parameters take 60 ms and 64 MiB for each look at a password; tests look hundreds of times.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD_HASH = CHEAP.hash(PASSWORD)


def add_staff(
    database: Database, username: str = "le.tan", role: Role = Role.RECEPTION, facility: str = FACILITY
) -> str:
    with database.begin() as session:
        session.add(
            User(
                username=username, full_name=f"Nhân viên {username}", role=role, facility_code=facility,
                password_hash=PASSWORD_HASH, password_changed_at=MORNING, created_at=MORNING,
            )
        )  # fmt: skip
    return username


class Browser:
    """One person's browser in front of the server."""

    _tokens: ClassVar[dict[str, str]] = {}  # cookie -> its token

    def __init__(
        self,
        database: Database,
        clock: SettableClock | None = None,
        live_pages: int = 4,
        section: ServerSection | None = None,
    ) -> None:
        self.clock = clock or SettableClock()
        section = section or ServerSection(data_dir=Path("/nonexistent"), live_pages=live_pages)
        settings = ServerSettings(server=section)
        self.app = create_app(settings, database=database, clock=self.clock)
        self.client: FlaskClient = self.app.test_client()

    def another(self) -> "Browser":
        """Return a second browser in front of the same server."""
        other = object.__new__(Browser)
        other.clock, other.app, other.client = self.clock, self.app, self.app.test_client()
        return other

    def close(self) -> None:
        """End the server's event streams, and the thread that feeds them."""
        self.app.extensions["live"].stop()

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def token(self, path: str = "/sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', self.get(path, follow_redirects=True).text)
        assert found, f"{path} has no form"
        return found[1]

    def post(self, path: str, token_from: str = "/sign-in", **fields: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token(token_from), **fields})

    def send(self, path: str, **fields: Any) -> TestResponse:
        """Post with this session's token, fetched once: it belongs to the cookie, whatever page it stood on."""
        cookie = self.client.get_cookie("tiepdon")
        assert cookie is not None
        if cookie.value not in self._tokens:
            self._tokens[cookie.value] = self.token("/password")
        return self.client.post(path, data={"csrf_token": self._tokens[cookie.value], **fields})

    def sign_in(self, username: str = "le.tan", password: str = PASSWORD, **fields: str) -> TestResponse:
        return self.post("/sign-in", username=username, password=password, **fields)
