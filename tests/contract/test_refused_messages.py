"""What a refused message says of itself, in an answer or in a log."""

import pytest
from pydantic import ValidationError

from server.contract.v1 import PersonMessage


def test_refusal_names_the_field_but_not_what_stood_in_it() -> None:
    with pytest.raises(ValidationError) as caught:
        PersonMessage.model_validate({"full_name": "TRẦN THỊ KÍN\x00", "nickname": "Bé Tí"})
    assert "full_name" in str(caught.value)
    assert "nickname" in str(caught.value)
    assert "KÍN" not in str(caught.value)
    assert "Bé Tí" not in str(caught.value)
