"""The server's part of config.yaml."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field, PositiveFloat, field_validator, model_validator

from server.accounts.limits import SessionsSection
from server.accounts.relying_party import RelyingParty, configured_party
from server.board.speech import SpeechSection
from server.contract.binding import Address
from server.contract.settings import Profile, Section, SettingsError, read_settings
from server.contract.v1 import USUAL_RED_FLAGS, RedFlag
from server.domain.documents import ExpiredDocuments
from server.insurance.config import InsuranceSection
from server.outbox.config import HisSection

DATABASE_URL_VARIABLE: Final = "TIEPDON_DATABASE_URL"
DATABASE_KINDS: Final = ("sqlite:///", "postgresql+psycopg://")
_KINDS_SENTENCE: Final = "must begin with sqlite:/// (and a file) or postgresql+psycopg://"


class ServerSection(Section):
    """The ``server`` section of config.yaml."""

    bind: Address = "127.0.0.1:8000"
    data_dir: Path = Path("var/server")
    """Database, keys and other files only the server's own account may read."""

    database_url: str = "sqlite:///var/server/tiepdon.db"
    """SQLAlchemy address; the environment variable TIEPDON_DATABASE_URL goes before it, as it may hold a password."""

    workers: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=256)] = 32
    """How many requests one worker answers at the same moment."""

    live_pages: Annotated[int, Field(ge=1, le=512)] = 64
    """How many open pages one worker keeps up to date by a stream; the pages beyond ask every few seconds instead.

    Displays, which nobody signs in to, take at most three quarters of them.
    """

    database_wait_s: PositiveFloat = 3.0
    """How long a request waits for a lock or a free connection before it is answered 503."""

    public_url: Annotated[str, Field(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] | None = None
    """Where the patients' phones reach this server, e.g. https://kham.benhvien.vn; the slips' QR codes lead there."""

    staff_url: str | None = None
    """Where the staff's browsers reach this server, e.g. https://tiepdon.benhvien.vn; left out, ``public_url``.

    Security keys are made for its name. They need https and a name: at other addresses the pages do not offer them.
    """

    red_flags: Annotated[tuple[RedFlag, ...], Field(min_length=1, max_length=10)] = USUAL_RED_FLAGS
    """Signs at which a kiosk calls staff instead of giving a number: code, words, words_en."""

    expired_documents: ExpiredDocuments = ExpiredDocuments.ALLOWED
    """What follows from a card or passport that a kiosk read after its last day."""

    sessions: SessionsSection = SessionsSection()
    """How long staff stay signed in."""

    speech: SpeechSection = SpeechSection()
    """How calls are spoken in the waiting rooms, once ``tiepdon-server speech render`` has recorded the pieces."""

    insurance: InsuranceSection | None = None
    """The gateway that cards are checked with; left out, cards stay as they were shown."""

    his: HisSection | None = None
    """The hospital's information system that is told of visits; left out, nobody is."""

    @field_validator("database_url")
    @classmethod
    def _is_supported(cls, value: str) -> str:
        if not value.startswith(DATABASE_KINDS):
            raise ValueError(_KINDS_SENTENCE)
        return value

    @field_validator("staff_url")
    @classmethod
    def _keys_work_there(cls, value: str | None) -> str | None:
        if value is not None and configured_party(value) is None:
            raise ValueError("must be https:// and a name, not an IP address: browsers use security keys nowhere else")
        return value

    @property
    def relying_party(self) -> RelyingParty | None:
        """For whom security keys are made; None where the configuration names no address at which they work."""
        return configured_party(self.staff_url or self.public_url)


class ServerSettings(Section):
    """All of config.yaml as the server sees it; the kiosk's own sections are passed over."""

    profile: Profile = Profile.DEMO
    server: ServerSection = ServerSection()
    kiosk: dict[str, Any] = Field(default_factory=dict)
    devices: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _asks_no_simulated_gateway(self) -> Self:
        section = self.server.insurance
        if self.profile is Profile.PRODUCTION and section is not None and section.driver == "simulated":
            raise ValueError("server.insurance.driver: a production profile takes no simulated insurance gateway")
        return self

    @model_validator(mode="after")
    def _tells_no_simulated_system(self) -> Self:
        section = self.server.his
        if self.profile is Profile.PRODUCTION and section is not None and section.driver == "simulated":
            raise ValueError("server.his.driver: a production profile tells no simulated hospital information system")
        return self


def load_settings(path: Path, environment: Mapping[str, str] = os.environ) -> ServerSettings:
    """Return the settings in ``path`` with the environment's secrets in place; raises SettingsError."""
    settings = read_settings(path, ServerSettings)
    url = environment.get(DATABASE_URL_VARIABLE)
    if not url:
        return settings
    if not url.startswith(DATABASE_KINDS):
        raise SettingsError(path, (f"{DATABASE_URL_VARIABLE} (environment): {_KINDS_SENTENCE}",))
    section = settings.server.model_copy(update={"database_url": url})
    return settings.model_copy(update={"server": section})
