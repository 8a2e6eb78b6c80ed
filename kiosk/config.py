"""The kiosk's sections of config.yaml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from drivers.config import DeviceOptions
from server.contract.binding import Address
from server.contract.settings import Profile, Section, read_settings


class TimeLimits(Section):
    """How long a screen may stand untouched, in seconds; ``warning_s`` before the end the person is asked."""

    number_s: PositiveFloat = 60.0
    document_s: PositiveFloat = 90.0  # a page to find, a number of nine signs to type
    reading_s: PositiveFloat = 60.0
    confirming_s: PositiveFloat = 60.0
    choosing_s: PositiveFloat = 60.0
    card_taken_s: PositiveFloat = 10.0  # known by a card that is gone: the person may be gone with it
    problem_s: PositiveFloat = 60.0
    helped_s: PositiveFloat = 180.0  # somebody at the desk looks for the number that opens the card
    staff_called_s: PositiveFloat = 60.0
    ticket_s: PositiveFloat = 20.0  # take the slip, take the card, find the glasses
    ticket_unprinted_s: PositiveFloat = 60.0
    """The number stands on the screen only: somebody has to write it down."""

    warning_s: PositiveFloat = 15.0
    notice_s: PositiveFloat = 8.0


class KioskSection(Section):
    """The ``kiosk`` section."""

    bind: Address = "127.0.0.1:8080"
    data_dir: Path = Path("var/kiosk")
    server_url: HttpUrl = HttpUrl("http://127.0.0.1:8000")
    server_ca: Path | None = None
    """The certificate authority of the server, where it is the hospital's own; no other is believed then."""

    facility: Annotated[str, Field(pattern=r"^[0-9A-Z]{5}$")] = "34999"
    """The 5-character code of the facility this kiosk stands in."""

    place: Literal["kiosk", "desk"] = "kiosk"
    """``desk``: reader, scanner and printer stand at a reception desk. Whoever they identify appears in the browser
    that was paired with them, and nobody registers at them."""

    language: Literal["vi", "en"] = "vi"
    trust_dir: Path | None = None
    """Certificates of the card issuers that are known (CSCA: .cer .crt .der .pem .ml). Without it a chip's data can be
    found whole, but not genuine."""

    read_photo: bool = False
    """Read the photo off the chip as well; it is the largest file, and nothing uses it yet."""

    keep_days: PositiveInt = 7
    """How long a sent visit stays in the sealed journal, for a server restored from a backup."""

    server_timeout_s: PositiveFloat = 3.0
    """How long the server may take before the patient gets a number of the kiosk's own series."""

    refresh_s: PositiveFloat = 5.0
    """How often waiting counts are asked for."""

    printer_status_s: PositiveFloat = 10.0
    """How often the printer is asked how it is while it prints nothing."""

    free_space_mb: PositiveInt = 500
    """Below this the disk is near its end: the technician is told, and at a tenth of it the kiosk takes nobody in."""

    limits: TimeLimits = TimeLimits()


class KioskSettings(Section):
    """config.yaml as the kiosk reads it; the server knows its own section."""

    profile: Profile = Profile.DEMO
    server: Any = None
    kiosk: KioskSection = KioskSection()
    devices: DeviceOptions = DeviceOptions()

    @model_validator(mode="after")
    def _production_is_in_earnest(self) -> Self:
        if self.profile is Profile.PRODUCTION and (mistakes := list(self._toys())):
            raise ValidationError.from_exception_data("KioskSettings", mistakes)
        return self

    def _toys(self) -> Iterator[InitErrorDetails]:
        for path in self.devices.simulated():
            kind = PydanticCustomError("simulated", "the production profile refuses a simulated device")
            yield InitErrorDetails(type=kind, loc=(*path.split("."), "driver"), input="simulated")
        url = self.kiosk.server_url
        if url.scheme != "https" and url.host not in {"127.0.0.1", "localhost", "[::1]"}:
            kind = PydanticCustomError("plain", "the production profile sends patients' data by https only")
            yield InitErrorDetails(type=kind, loc=("kiosk", "server_url"), input=str(url))

    @property
    def is_demo(self) -> bool:
        return self.profile is Profile.DEMO


def read_kiosk_settings(path: Path) -> KioskSettings:
    """Return the kiosk's settings in ``path``; raises SettingsError naming every mistake at once."""
    return read_settings(path, KioskSettings)
