"""The section server.insurance, and where a password may stand."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from server.config import load_settings
from server.contract.settings import SettingsError
from server.errors import Refused
from server.insurance.config import SIMULATED_PASSWORD, InsuranceSection, read_credentials
from tests.server.insurance.conftest import OFFICER

ROOT = Path(__file__).parents[3]


def section(**changes: Any) -> InsuranceSection:
    return InsuranceSection.model_validate({"driver": "bhxh", "facilities": {"34999": OFFICER}, **changes})


def test_password_comes_from_the_environment_or_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "insurance-34999.password"
    path.write_text("tu-tap-tin\n", encoding="utf-8")
    path.chmod(0o600)
    assert read_credentials(section(), tmp_path, {})["34999"].password == "tu-tap-tin"
    environment = {"TIEPDON_INSURANCE_PASSWORD_34999": "tu-moi-truong"}
    assert read_credentials(section(), tmp_path, environment)["34999"].password == "tu-moi-truong"


def test_password_that_is_missing_or_open_to_others_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="TIEPDON_INSURANCE_PASSWORD_34999"):
        read_credentials(section(), tmp_path, {})
    path = tmp_path / "insurance-34999.password"
    path.write_text("ai-cung-doc", encoding="utf-8")
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600") as raised:
        read_credentials(section(), tmp_path, {})
    assert "ai-cung-doc" not in str(raised.value)


def test_simulated_gateway_has_a_password_everybody_knows(tmp_path: Path) -> None:
    simulated = section(driver="simulated", base_url="http://127.0.0.1:8090")
    assert read_credentials(simulated, tmp_path, {})["34999"].password == SIMULATED_PASSWORD


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://egw.baohiemxahoi.gov.vn"},  # the password in clear
        {"base_url": "https://user:secret@egw.baohiemxahoi.gov.vn"},
        {"driver": "none"},
        {"facilities": {}},
        {"facilities": {"34-99": OFFICER}},
        {"facilities": {"34999": {**OFFICER, "officer_number": "1"}}},
        {"facilities": {"34999": {**OFFICER, "password": "x"}}},  # not in this file
        {"read_s": 0},
    ],
)
def test_unfit_section_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        section(**changes)


def test_production_refuses_the_simulated_gateway(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    facility = "{username: a, officer_name: B, officer_number: '034185000999'}"
    text = f"profile: production\nserver: {{insurance: {{driver: simulated, facilities: {{'34999': {facility}}}}}}}"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="simulated insurance gateway"):
        load_settings(path, {})
