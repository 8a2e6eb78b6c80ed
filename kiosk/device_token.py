"""The secret this kiosk shows to the server; made by ``tiepdon-server kiosk enrol``."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

TOKEN_VARIABLE: Final = "TIEPDON_DEVICE_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_NAME: Final = "device.token"  # noqa: S105 - the name of a file


class NoToken(Exception):
    """This kiosk has nothing to show to the server; ``code`` says what a technician has to mend."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DeviceToken:
    """Read anew when the file changes: a technician enrols a kiosk again without restarting it."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._path = data_dir / TOKEN_NAME
        self._from_environment = environment.get(TOKEN_VARIABLE)

    def __call__(self) -> str:
        """Return the token.

        Raises NoToken: ``kiosk.not_enrolled`` where there is none, ``kiosk.token_unusable`` where others may read the
        file, or this program may not.
        """
        if self._from_environment:
            return self._from_environment
        try:
            is_open = bool(self._path.stat().st_mode & 0o077)
            token = "" if is_open else self._path.read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise NoToken("kiosk.not_enrolled") from error
        except (OSError, UnicodeError) as error:
            raise NoToken("kiosk.token_unusable") from error
        if is_open:
            raise NoToken("kiosk.token_unusable")
        if not token:
            raise NoToken("kiosk.not_enrolled")
        return token
