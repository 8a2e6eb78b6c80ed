"""``tiepdon-kiosk scan``: what it prints, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.cards.photographs import photograph
from drivers.simulated.document_pages import page_picture
from drivers.simulated.document_texts import card_qr_text, insurance_qr_text
from drivers.simulated.people import get_person
from drivers.simulated.scanner import qr_picture
from kiosk.cli.scan import command


def _scan(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


def _lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    texts = {
        "cccd": card_qr_text(get_person("duc")),
        "can-cuoc": card_qr_text(get_person("linh")),
        "bhyt": insurance_qr_text(get_person("duc")),
        "visit": "TD1:0123456789ABCDEFGHJK",
        "appointment": "TA1:0123456789ABCDEFGHJK",
    }
    for name, text in texts.items():
        assert text is not None
        (tmp_path / f"{name}.png").write_bytes(qr_picture(text))
    return tmp_path


@pytest.mark.parametrize("key", ["somsak", "thuong"])
def test_the_zone_of_a_passport_or_card_is_read_when_it_is_asked_for(tmp_path: Path, key: str) -> None:
    person = get_person(key)
    (tmp_path / "page.png").write_bytes(page_picture(person))
    assert _scan("--json", tmp_path / "page.png").exit_code == 4
    result = _scan("--json", "--mrz", tmp_path / "page.png")
    assert (result.exit_code, result.stderr) == (0, "")
    (line,) = _lines(result)
    (code,) = line["codes"]
    assert (code["kind"], code["fields"]["document_number"]) == ("mrz", person.document_number)


def test_each_picture_is_one_json_object_with_its_codes_and_their_fields(pictures: Path) -> None:
    result = _scan("--json", pictures / "cccd.png", pictures / "bhyt.png")
    assert (result.exit_code, result.stderr) == (0, "")
    card, insurance = _lines(result)
    assert card["file"] == str(pictures / "cccd.png")
    assert card["ms"] > 0
    assert card["codes"] == [
        {
            "text": card_qr_text(get_person("duc")),
            "kind": "cccd",
            "fields": {
                "personal_number": "001090123456",
                "old_number": "012345678",
                "full_name": "Nguyễn Văn Đức",
                "born_on": "1990-08-15",
                "sex": "male",
                "address": "Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
                "issued_on": "2021-04-25",
                "extras": [],
            },
        }
    ]
    assert insurance["codes"][0]["kind"] == "bhyt"
    assert insurance["codes"][0]["fields"]["card_number"] == "DN4340123456789"


def test_a_folder_is_scanned_with_all_its_pictures_in_order(pictures: Path) -> None:
    (pictures / "notes.txt").write_text("no picture", encoding="utf-8")
    result = _scan("--json", pictures)
    assert result.exit_code == 0
    assert [(Path(line["file"]).stem, line["codes"][0]["kind"]) for line in _lines(result)] == [
        (name, name) for name in ("appointment", "bhyt", "can-cuoc", "cccd", "visit")
    ]


def test_photographs_of_both_generations_and_of_an_insurance_card_are_read(tmp_path: Path) -> None:
    for group in ("s1", "cc2", "bhyt"):
        (tmp_path / f"{group}.jpg").write_bytes(photograph(group, 1).jpeg)
    result = _scan("--json", tmp_path)
    assert result.exit_code == 0
    assert [line["codes"][0]["kind"] for line in _lines(result)] == ["bhyt", "can-cuoc", "cccd"]


def test_without_json_a_person_can_read_it(pictures: Path) -> None:
    result = _scan(pictures / "cccd.png")
    assert result.exit_code == 0
    assert "  cccd\n" in result.stdout
    assert "full name               Nguyễn Văn Đức\n" in result.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (photograph("none", 1).jpeg, "holds no readable code."),
        (b"not a picture", "cannot be read as a picture: this is no picture file."),
        (b"", "cannot be read as a picture: this is no picture file."),
        (qr_picture("001090123456|012345678|Nguyễn"), "holds half of a code."),
        (qr_picture("https://menu.example/ban-12"), "holds a code that is none of a card and none of ours."),
    ],
)
def test_a_picture_without_a_code_for_us_ends_in_status_4_and_a_sentence(
    tmp_path: Path, pictures: Path, content: bytes, sentence: str
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(content)
    result = _scan("--json", bad, pictures / "visit.png")
    assert result.exit_code == 4
    assert result.stderr == f"{bad} {sentence}\n"
    assert [line["problem"] for line in _lines(result)] == [sentence.removesuffix("."), None]
    assert _lines(result)[1]["codes"][0]["kind"] == "visit"  # one bad file does not stop the others


def test_an_opaque_code_is_told_by_its_shape_and_never_printed(tmp_path: Path) -> None:
    secret = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
    (tmp_path / "vneid.png").write_bytes(qr_picture(secret))
    result = _scan("--json", tmp_path)
    assert result.exit_code == 4
    assert secret not in result.output
    assert _lines(result)[0]["codes"] == [
        {
            "text": None,
            "kind": "unknown",
            "fields": {"shape": "49 bytes, token"},
            "refusal": "code.unreadable_here",
        }
    ]


def test_a_folder_without_pictures_and_a_missing_file_say_so(tmp_path: Path) -> None:
    empty = _scan(tmp_path)
    assert (empty.exit_code, empty.stderr) == (4, f"{tmp_path} holds no picture.\n")
    assert _scan(tmp_path / "none.png").exit_code == 2
    assert _scan().exit_code == 2
