"""The ``server.insurance`` section of config.yaml, and where the accounts' passwords come from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, PositiveFloat, StringConstraints, model_validator

from server.contract.settings import Section
from server.errors import Refused
from server.secret_files import require_private

PASSWORD_VARIABLE: Final = "TIEPDON_INSURANCE_PASSWORD_"  # noqa: S105 - the name of a variable; the facility follows
SIMULATED_PASSWORD: Final = "mat-khau-thu"  # noqa: S105 - known to everybody: opens the simulated gateway only

FacilityCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5}$")]


class GatewayAccount(Section):
    """One facility's account, and the officer in whose name it asks (registered with the gateway)."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\S+$")]
    officer_name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    officer_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    """The officer's personal number (CCCD)."""


class InsuranceSection(Section):
    """How cards are checked; the section is left out where a hospital does without."""

    driver: Literal["simulated", "bhxh"]
    base_url: Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.\-:\[\]]+$")] = "https://egw.baohiemxahoi.gov.vn"
    token_path: Annotated[str, Field(pattern=r"^/[\w/.\-]*$")] = "/api/token/take"  # noqa: S105 - an address
    card_path: Annotated[str, Field(pattern=r"^/[\w/.\-]*$")] = "/api/egw/KQNhanLichSuKCB2024"
    digest_case: Literal["upper", "lower"] = "upper"
    """How the MD5 of the password is written: the guide of 2026 wants capitals, older clients sent small letters."""

    connect_s: PositiveFloat = 5.0
    read_s: PositiveFloat = 10.0
    cache_s: PositiveFloat = 300.0
    """How long a clear answer is used again for the same question, never past midnight."""

    parallel: Annotated[int, Field(ge=1, le=8)] = 2
    """Questions under way at once in each server process."""

    facilities: Annotated[dict[FacilityCode, GatewayAccount], Field(min_length=1)]

    @model_validator(mode="after")
    def _sends_no_secret_in_clear(self) -> Self:
        if self.driver == "bhxh" and not self.base_url.startswith("https://"):
            raise ValueError("base_url must begin with https:// (the password and patients' data travel on it)")
        return self


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one facility shows the gateway; the password is left out of every ``repr``."""

    username: str
    password: str = field(repr=False)
    officer_name: str = field(repr=False)
    officer_number: str = field(repr=False)


def read_credentials(
    section: InsuranceSection, data_dir: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, Credentials]:
    """Return the credentials by facility.

    A password stands in the environment (``TIEPDON_INSURANCE_PASSWORD_34999``) or in a file only its owner can read
    (``insurance-34999.password`` in the data directory). Raises Refused, naming what is missing.
    """
    return {
        facility: Credentials(
            username=account.username,
            password=(
                SIMULATED_PASSWORD
                if section.driver == "simulated"
                else _password(facility, data_dir / f"insurance-{facility}.password", environment)
            ),
            officer_name=account.officer_name,
            officer_number=account.officer_number,
        )
        for facility, account in section.facilities.items()
    }


def _password(facility: str, path: Path, environment: Mapping[str, str]) -> str:
    variable = f"{PASSWORD_VARIABLE}{facility}"
    if environment.get(variable):
        return environment[variable]
    try:
        require_private(path, "insurance.password_open")
        password = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        password = ""
    if not password:
        raise Refused(
            "insurance.password_missing", f"no password for facility {facility}: set {variable}, or write {path}"
        )
    return password
