"""The log of a failure tells where and of what kind, and nothing of the row."""

import logging

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from server.contract.logs import describe_failure
from server.db import Database
from server.incident import record

PERSON = {"name": "Trần Thị Hoà", "number": "036148000018"}
STORE = sa.text("INSERT INTO person VALUES (:name, :number)")


def test_a_databases_error_is_told_without_the_row_it_quotes(database: Database) -> None:
    with database.begin() as session:
        session.execute(sa.text("CREATE TABLE person (name TEXT NOT NULL, number TEXT NOT NULL UNIQUE)"))
        session.execute(STORE, PERSON)
        with pytest.raises(IntegrityError) as caught:
            session.execute(STORE, PERSON)
        session.rollback()
    told = "\n".join(describe_failure(_wrapped(caught.value)))
    assert "sqlalchemy.exc.IntegrityError: SQLSTATE" in told
    assert "INSERT INTO person" in told
    assert "test_incident.py" in told, "the frames are there"
    assert told.endswith("builtins.RuntimeError"), "a message may quote a value"
    assert PERSON["name"] not in told
    assert PERSON["number"] not in told


def test_the_number_joins_the_log_and_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        incident = record(logging.getLogger("t"), ValueError("no such thing"), "reception.arrivals")
    assert f"incident {incident} at reception.arrivals" in caplog.text
    assert "builtins.ValueError" in caplog.text
    assert "no such thing" not in caplog.text


def test_a_failure_that_names_itself_as_its_cause_comes_to_an_end() -> None:
    error = ValueError("round")
    error.__context__ = error
    assert describe_failure(error) == ["builtins.ValueError"]


def _wrapped(cause: Exception) -> RuntimeError:
    try:
        raise RuntimeError("while storing") from cause
    except RuntimeError as error:
        return error
