"""What the camera's worker process says of codes."""

import pytest
from pydantic import ValidationError

from drivers.scanner.report import Report


def test_payloads_come_back_as_the_bytes_they_were() -> None:
    line = Report(codes=("4bc3ad6e",)).model_dump_json()
    assert Report.model_validate_json(line).payloads() == ("Kín".encode(),)


@pytest.mark.parametrize(
    "line",
    [
        '{"codes": ["034071005532|Kín"]}',  # not hex
        '{"codes": [], "text": "034071005532|Kín"}',  # unknown key
        '{"codes": ["034071005532|Kín',  # cut off, as by a dying worker
    ],
)
def test_error_of_a_broken_line_does_not_tell_what_stood_in_it(line: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Report.model_validate_json(line)
    assert "034071005532" not in str(caught.value)
    assert "Kín" not in str(caught.value)
