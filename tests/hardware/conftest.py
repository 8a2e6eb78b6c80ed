"""Tests of real devices, each named on the command line; without a name they are skipped.

pytest tests/hardware --card-reader ACR1252 --card-number 001090123456
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--card-reader", help="part of the PC/SC name of the reader to test")
    parser.addoption("--card-number", help="personal number of the card that lies on it")
