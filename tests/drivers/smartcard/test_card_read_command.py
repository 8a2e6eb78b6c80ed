"""``tiepdon-kiosk card read`` through the real PC/SC daemon."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drivers.config import PcscReaderOptions
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.issuer import csca_certificate
from drivers.simulated.chip.profile import ChipProfile, Tampering
from drivers.simulated.document_texts import card_qr_text, mrz_lines
from drivers.simulated.pcscd import PrivatePcscd
from drivers.simulated.people import InventedPerson, get_person
from drivers.simulated.vpcd import VirtualCard
from drivers.smartcard.pcsc import PcscReader
from kiosk.cli import main

DUC = get_person("duc")
NUMBER = str(DUC.personal_number)


@dataclass
class Desk:
    """The command line at a reader with one card on it."""

    pcscd: PrivatePcscd
    capsys: pytest.CaptureFixture[str]
    card: VirtualCard | None = None

    def put(self, profile: ChipProfile | None = None, person: InventedPerson = DUC) -> None:
        self.card = VirtualCard(Chip(person, profile), port=self.pcscd.ports[0])
        self.card.insert()

    def read(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(["card", "read", "--reader", "00 00", *arguments])
        out, err = self.capsys.readouterr()
        status = end.value.code or 0
        assert isinstance(status, int)
        return status, out, err

    def read_json(self, *arguments: str) -> dict[str, Any]:
        status, out, err = self.read("--json", *arguments)
        assert (status, err) == (0, "")
        (line,) = out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.fixture
def desk(pcscd: PrivatePcscd, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    desk = Desk(pcscd, capsys)
    yield desk
    if desk.card:
        desk.card.remove()
        with closing(PcscReader(PcscReaderOptions(driver="pcsc", reader="00 00"))) as reader:
            assert reader.wait_for_removal(30)


@pytest.fixture
def trust(tmp_path: Path) -> str:
    (tmp_path / "csca.der").write_bytes(csca_certificate())
    return str(tmp_path)


def test_the_number_is_enough(desk: Desk, trust: str) -> None:
    desk.put()
    found = desk.read_json("--number", NUMBER, "--trust", trust)
    assert (found["personal_number"], found["full_name"]) == (NUMBER, "Nguyễn Văn Đức")
    assert (found["born_on"], found["sex"], found["expires_on"]) == ("1990-08-15", "male", "2030-08-15")
    assert (found["access"], found["secure_messaging"], found["assurance"]) == ("PACE-CAN", "AES-128", "trusted")
    proofs = ("passive_authentication", "active_authentication", "chip_authentication")
    assert [found[name] for name in proofs] == ["valid"] * 3
    assert found["issuer"].startswith("C=VN")
    assert found["differences"] == []
    assert set(found["files"]) == {f"EF.{name}" for name in ("COM", "SOD", "DG1", "DG2", "DG13", "DG14", "DG15")}
    assert found["files"]["EF.DG1"] == 95
    assert found["apdus"] <= 30
    assert {"opening", "identity", "photo", "total", "computing"} <= set(found["timings_ms"])


@pytest.mark.parametrize(
    ("arguments", "access"),
    [
        (("--qr", str(card_qr_text(DUC))), "PACE-CAN"),
        (("--qr", str(card_qr_text(DUC)), "--access", "bac"), "BAC"),
        (("--mrz", "/".join(mrz_lines(DUC))), "PACE-CAN"),
        (("--mrz", "/".join(mrz_lines(DUC)), "--access", "bac"), "BAC"),
        (("--mrz", "/".join(mrz_lines(DUC)), "--can", "000000", "--access", "pace"), "PACE-MRZ"),
        (("--can", NUMBER[6:]), "PACE-CAN"),
        (("--number", NUMBER, "--no-extended"), "PACE-CAN"),
    ],
)
def test_every_way_of_saying_which_card(desk: Desk, arguments: tuple[str, ...], access: str) -> None:
    desk.put()
    found = desk.read_json(*arguments, "--no-photo")
    assert (found["access"], found["full_name"], found["photo"]) == (access, "Nguyễn Văn Đức", None)


def test_a_chip_without_pace_opens_by_what_the_code_says(desk: Desk) -> None:
    desk.put(ChipProfile(pace=()))
    assert desk.read_json("--qr", str(card_qr_text(DUC)))["access"] == "BAC"


# (last day of the card, whether it is out of date)
LAST_DAYS = [(date(2020, 8, 15), True), (date(2099, 8, 15), False), (None, False)]


@pytest.mark.parametrize(("expires_on", "is_expired"), LAST_DAYS)
def test_a_card_out_of_date_is_read_and_said_to_be(desk: Desk, expires_on: date | None, is_expired: bool) -> None:
    desk.put(person=replace(DUC, expires_on=expires_on))
    found = desk.read_json("--number", NUMBER, "--no-photo")
    assert (found["expired"], found["full_name"]) == (is_expired, "Nguyễn Văn Đức")


def test_short_apdus_cost_more_exchanges(desk: Desk) -> None:
    desk.put(ChipProfile(photo_bytes=20_480))
    assert desk.read_json("--number", NUMBER)["apdus"] <= 30
    assert 100 < desk.read_json("--number", NUMBER, "--no-extended")["apdus"] <= 122


def test_the_photo_goes_into_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.put()
    found = desk.read_json("--number", NUMBER, "--photo", str(tmp_path / "photo.jpg"))
    assert found["photo"] == "image/jpeg"
    assert (tmp_path / "photo.jpg").read_bytes().startswith(b"\xff\xd8\xff")


def test_without_json_a_person_reads_it(desk: Desk) -> None:
    desk.put()
    status, out, _ = desk.read("--number", NUMBER, "--no-photo")
    assert status == 0
    assert "Nguyễn Văn Đức" in out
    assert "consistent" in out


def test_the_code_of_another_person_is_status_4_and_still_told(desk: Desk) -> None:
    desk.put()
    status, out, err = desk.read("--json", "--qr", str(card_qr_text(get_person("hoa"))), "--can", NUMBER[6:])
    assert status == 4
    assert err == "The card is not believed: the code shown names another person.\n"
    assert "personal_number" in json.loads(out)["differences"]


def test_a_copied_chip_is_status_4(desk: Desk, trust: str) -> None:
    desk.put(ChipProfile(tampering=frozenset({Tampering.CLONED_KEYS})))
    status, out, err = desk.read("--json", "--number", NUMBER, "--trust", trust)
    assert status == 4
    assert "a copy" in err
    assert json.loads(out)["assurance"] == "contradicted"


def test_a_wrong_number_is_status_4(desk: Desk) -> None:
    desk.put()
    status, out, err = desk.read("--json", "--number", "001090999999")
    assert (status, out, err) == (4, "", "the chip refused PACE-CAN\n")


def test_an_empty_reader_is_status_4_and_a_missing_one_status_3(desk: Desk) -> None:
    status, _, err = desk.read("--number", NUMBER, "--wait", "0.2")
    assert (status, err) == (4, "no card was put on Virtual PCD 00 00 within 0.2 s\n")
    status, _, err = desk.read("--number", NUMBER, "--reader", "no such reader")
    assert (status, err) == (3, "no such reader: no such reader is connected\n")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((), "--number"),
        (("--number", "12345"), "12 digits"),
        (("--can", "12345"), "6 digits"),
        (("--qr", "https://example.org"), "QR code"),
        (("--mrz", "IDVNM/X/Y"), "MRZ"),
        (("--number", NUMBER, "--trust", "/nowhere"), "does not exist"),
        (("--number", NUMBER, "--access", "eac"), "--access"),
    ],
)
def test_wrong_usage_is_status_2(desk: Desk, arguments: tuple[str, ...], hint: str) -> None:
    status, out, err = desk.read(*arguments)
    assert (status, out) == (2, "")
    assert hint in err


def test_a_configuration_gives_reader_and_issuers(desk: Desk, trust: str, tmp_path: Path) -> None:
    desk.put()
    config = tmp_path / "config.yaml"
    config.write_text(
        f"kiosk: {{trust_dir: {trust}}}\ndevices: {{card_reader: {{driver: pcsc, reader: Virtual PCD 00 00}}}}\n"
    )
    with pytest.raises(SystemExit) as end:
        main(["card", "read", "--json", "--number", NUMBER, "--config", str(config)])
    assert not end.value.code
    assert json.loads(desk.capsys.readouterr().out)["assurance"] == "trusted"


def test_a_trust_file_that_cannot_be_used_is_named(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "broken.cer").write_bytes(b"x")
    status, _, err = desk.read("--number", NUMBER, "--trust", str(tmp_path))
    assert status == 2
    assert "broken.cer" in err
