"""Rows of the list as pages set them: drawn once for all desks, and again when anything in them has changed."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import get_template_attribute, url_for
from markupsafe import Markup

from server.pages import texts
from server.reception.arrivals import Arrival, ArrivalPage, Totals
from server.reception.presenting import line_of
from server.texts import Language

KEPT_ROWS: Final = 2048


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. ``key``: texts by which the newest arrival sorts last."""

    id: str
    key: str
    html: Markup


@dataclass(frozen=True, slots=True)
class DrawnList:
    """``totals`` is a sentence about the whole day."""

    rows: tuple[Row, ...]
    totals: str
    has_more: bool


def draw_list(page: ArrivalPage, totals: Totals) -> DrawnList:
    """Return a part of the list in the words of this request's page."""
    t = texts()
    encounters = f"{url_for('reception.arrivals')}/encounters/"
    return DrawnList(
        tuple(_draw_row(arrival, t.language, encounters) for arrival in page.arrivals),
        t(
            "arrivals.totals",
            arrived=totals.arrived,
            needs_staff=totals.needs_staff,
            insurance=totals.insurance_unverified,
        ),
        page.has_more,
    )


@lru_cache(maxsize=KEPT_ROWS)
def _draw_row(arrival: Arrival, language: Language, encounters: str) -> Row:  # noqa: ARG001 - part of the key
    """Return the row in the words of this request's page, which differ by ``language`` alone."""
    line = line_of(arrival, texts())
    row = get_template_attribute("reception/row.html", "row")
    return Row(line.encounter_id, line.key, Markup(row(line, encounters)))  # noqa: S704 - a template's own output
