"""The ``server.his`` section of config.yaml, and where its token comes from."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from server.contract.settings import Section
from server.errors import Refused
from server.insurance.config import FacilityCode
from server.secret_files import require_private

TOKEN_VARIABLE: Final = "TIEPDON_HIS_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE: Final = "his.token"  # noqa: S105 - the name of a file
SIMULATED_TOKEN: Final = "mat-ma-thu"  # noqa: S105 - known to everybody: opens the simulated system only


class HisSection(Section):
    """The hospital's information system that is told of visits; the section is left out where there is none."""

    driver: Literal["simulated", "fhir"]
    base_url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.\-:\[\]]+$")]
    path: Annotated[str, Field(pattern=r"^/[\w/.\-]*$")] = "/fhir"
    """Where it takes FHIR R4 transactions."""

    connect_s: PositiveFloat = 5.0
    read_s: PositiveFloat = 15.0
    facilities: Annotated[tuple[FacilityCode, ...], Field(min_length=1)]
    """Whose visits it is told of."""

    @model_validator(mode="after")
    def _sends_nothing_in_clear(self) -> Self:
        host = self.base_url.partition("://")[2].rpartition(":")[0] or self.base_url.partition("://")[2]
        is_here = host in {"127.0.0.1", "localhost", "[::1]"}
        if self.driver == "fhir" and not self.base_url.startswith("https://") and not is_here:
            raise ValueError("base_url must begin with https:// (patients' data travel on it)")
        return self


def read_token(section: HisSection, data_dir: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Return the token the other system gave us, from the environment or a file only its owner can read.

    Raises Refused, naming what is missing.
    """
    if section.driver == "simulated":
        return SIMULATED_TOKEN
    if token := environment.get(TOKEN_VARIABLE):
        return token
    path = data_dir / TOKEN_FILE
    try:
        require_private(path, "his.token_open")
        token = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        token = ""
    if not token:
        raise Refused("his.token_missing", f"no token for server.his: set {TOKEN_VARIABLE}, or write {path}")
    return token
