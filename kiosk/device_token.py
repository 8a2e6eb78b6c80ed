"""The secret this kiosk shows to the server; made by ``tiepdon-server kiosk enrol``."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

TOKEN_VARIABLE: Final = "TIEPDON_DEVICE_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_NAME: Final = "device.token"  # noqa: S105 - the name of a file


class DeviceToken:
    """Read anew when the file changes: a technician enrols a kiosk again without restarting it."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] = os.environ) -> None:
        self._path = data_dir / TOKEN_NAME
        self._from_environment = environment.get(TOKEN_VARIABLE)

    def __call__(self) -> str | None:
        """Return the token; None when the kiosk is not enrolled, or when others may read the file."""
        if self._from_environment:
            return self._from_environment
        try:
            if self._path.stat().st_mode & 0o077:
                return None
            return self._path.read_text(encoding="ascii").strip() or None
        except OSError:
            return None
