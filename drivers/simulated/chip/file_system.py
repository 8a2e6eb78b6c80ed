"""The chip's files: a master file, the LDS application, what is current, and who may read (ICAO 9303-10 clause 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.simulated.chip import status
from drivers.simulated.chip.profile import ChipProfile
from drivers.simulated.chip.status import Refused

LDS_AID: Final = bytes.fromhex("A0000002471001")

MASTER_FILE_IDS: Final = {"EF.CardAccess": 0x011C, "EF.CardSecurity": 0x011D, "EF.ATR/INFO": 0x2F01}
APPLICATION_IDS: Final = {
    "EF.COM": 0x011E,
    "EF.SOD": 0x011D,
    **{f"EF.DG{number}": 0x0100 + number for number in range(1, 17)},
}
_FREELY_READABLE: Final = frozenset({"EF.CardAccess", "EF.ATR/INFO"})


@dataclass(frozen=True, slots=True)
class Rights:
    """What the present session has earned."""

    opened: bool = False  # by BAC or PACE
    by_pace: bool = False


class FileSystem:
    """Selection state of one powered chip. Every refusal is a ``Refused``."""

    def __init__(
        self, master_file: Mapping[str, bytes], application: Mapping[str, bytes], profile: ChipProfile
    ) -> None:
        self._master_file = master_file
        self._application = application
        self._profile = profile
        self._directory = "start"
        self._current: str | None = None

    @property
    def application_selected(self) -> bool:
        return self._directory == "application"

    def select_application(self, aid: bytes) -> None:
        if aid != LDS_AID:
            raise Refused(status.FILE_NOT_FOUND)
        self._directory, self._current = "application", None

    def select_master_file(self) -> None:
        if self._profile.mf_select_sw != status.OK:
            raise Refused(self._profile.mf_select_sw)
        self._directory, self._current = "mf", None

    def select_file(self, file_id: int, rights: Rights) -> None:
        """Make the elementary file current; one that exists and is closed is refused by 6982, unlike an absent one."""
        name = self._visible(file_id)
        if not (rights.opened and name in self._profile.closed_groups):
            self._check_readable(name, rights)
        self._current = name

    def select_short_id(self, short_id: int, rights: Rights) -> None:
        """As ``select_file``; a short identifier is the last five bits of the file identifier."""
        if not self._profile.short_identifiers:
            raise Refused(status.WRONG_P1_P2)
        names = [name for name in self._visible_names() if self._id_of(name) & 0x1F == short_id]
        if not names:
            raise Refused(status.FILE_NOT_FOUND)
        self.select_file(self._id_of(names[0]), rights)

    def content(self, rights: Rights) -> bytes:
        """Return the current file for reading."""
        if self._current is None:
            raise Refused(status.NO_CURRENT_FILE)
        self._check_readable(self._current, rights)
        # EF.CardAccess may be mirrored into the application, as some cards do.
        in_application = self.application_selected and self._current in self._application
        return (self._application if in_application else self._master_file)[self._current]

    def _check_readable(self, name: str, rights: Rights) -> None:
        if name in _FREELY_READABLE:
            return
        if name in self._profile.closed_groups:
            raise Refused(status.SECURITY_STATUS_NOT_SATISFIED)
        allowed = rights.by_pace if name == "EF.CardSecurity" else rights.opened
        if not allowed:
            raise Refused(status.SECURITY_STATUS_NOT_SATISFIED)

    def _visible(self, file_id: int) -> str:
        for name in self._visible_names():
            if self._id_of(name) == file_id:
                return name
        raise Refused(status.FILE_NOT_FOUND)

    def _visible_names(self) -> list[str]:
        files = self._application if self.application_selected else self._master_file
        names = [name for name in files if name != "EF.CardAccess"]
        if self._directory in self._profile.card_access_at and "EF.CardAccess" in self._master_file:
            names.append("EF.CardAccess")
        return names

    def _id_of(self, name: str) -> int:
        # EF.SOD and EF.CardSecurity share an identifier: the directory tells them apart.
        return APPLICATION_IDS[name] if name in APPLICATION_IDS else MASTER_FILE_IDS[name]
