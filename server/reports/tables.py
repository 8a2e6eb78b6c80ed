"""The tables of a report, in the words of a language: what the page shows is what the files hold."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from server.domain.card_check import CardStatus
from server.domain.days import VIETNAM
from server.presenting import day_and_time, written_date
from server.reports import figures
from server.reports.visits import Change, Promised, Visit
from server.texts import Texts

Cell = str | int | date | time | None

_CODES: Final = frozenset({"assurance", "payer", "price_vnd", "second-number", "service", "status"})
"""Fields of overrides whose values name nobody."""

_WORDS_OF: Final = {"assurance": "assurance.short", "payer": "payer", "status": "state"}

_WAITS: Final = ("median", "ninety", "longest")

_BY_VISIT: Final = frozenset({"changes", "unverified", "visits"})


@dataclass(frozen=True, slots=True)
class Table:
    """``code`` names it in addresses and files; None is an empty cell. ``total`` is the row under the last one."""

    code: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None

    @property
    def is_by_visit(self) -> bool:
        """Whether it has a line for each visit: for those who may open the visit itself."""
        return self.code in _BY_VISIT


@dataclass(frozen=True, slots=True)
class Report:
    """One day of one facility; ``facility_name`` in the language of the reader."""

    facility_name: str
    day: date
    as_of: datetime
    visits: Sequence[Visit]
    changes: Sequence[Change]
    promises: Sequence[Promised] = ()

    @property
    def total(self) -> figures.Group:
        return figures.group(figures.came(self.visits))

    @property
    def kept(self) -> figures.Kept:
        return figures.kept(self.promises)

    @property
    def cancelled(self) -> int:
        return sum(visit.is_cancelled for visit in self.visits)

    @property
    def open_issues(self) -> int:
        return sum(visit.open_issues > 0 for visit in figures.came(self.visits))


def tables_of(report: Report, t: Texts, *, with_visits: bool) -> list[Table]:
    """Return the report's tables; those by visit only ``with_visits``."""
    tables = [
        _hours(report, t), _clinics(report, t), _places(report, t), _cards(report, t), _appointments(report, t),
        _overrides(report, t),
    ]  # fmt: skip
    if with_visits:
        tables += [_changes(report, t), _unverified(report, t), _visits(report, t)]
    return tables


def summary_of(report: Report, t: Texts) -> Table:
    """Return what stands on top of the page, and whose and which day it is: a workbook's first sheet."""
    total = report.total
    counts = {
        "arrived": total.arrived, "insured": total.insured, "fee": total.not_insured,
        "unverified": total.cards_unverified, "issues": report.open_issues, "cancelled": report.cancelled,
    }  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (t("report.facility"), report.facility_name),
        (t("report.day"), report.day),
        (t("report.made"), day_and_time(report.as_of)),
        *((t(f"sum.{name}"), count) for name, count in counts.items()),
        *((t(f"head.{name}"), wait) for name, wait in zip(_WAITS, _waits(total.waits), strict=True)),
    ]
    if report.promises:
        kept = report.kept
        rows.append((t("sum.appointments"), kept.promised))
        rows.append((t("sum.appointments.kept"), kept.came))
        rows.append((t("sum.appointments.missed"), kept.no_shows))
    return Table("summary", t("table.summary"), (t("report.title"), ""), tuple(rows))


def shown(cell: Cell) -> str:
    """Return a cell as pages and CSV files show it."""
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, date):
        return written_date(cell)
    return "" if cell is None else str(cell)


def clinic_names(report: Report, t: Texts) -> dict[str, str]:
    return {visit.clinic: t.either(visit.clinic_name, visit.clinic_name_en) for visit in report.visits}


def hour_name(hour: int) -> str:
    return f"{hour:02d}:00–{hour:02d}:59"


def _hours(report: Report, t: Texts) -> Table:
    rows = (
        (hour_name(hour), one.arrived, one.insured, one.not_insured, *_waits(one.waits))
        for hour, one in figures.by_hour(report.visits).items()
    )
    all_day = report.total
    total = (all_day.arrived, all_day.insured, all_day.not_insured, *_waits(all_day.waits))
    return _table("hours", t, f"hour arrived insured not_insured {' '.join(_WAITS)}", rows, total)


def _clinics(report: Report, t: Texts) -> Table:
    names = clinic_names(report, t)
    rows = ((names[code], *_clinic_row(one)) for code, one in figures.by_clinic(report.visits).items())
    head = "clinic arrived waiting under_way served missed not_seen median ninety"
    return _table("clinics", t, head, rows, _clinic_row(report.total))


def _clinic_row(one: figures.Group) -> tuple[Cell, ...]:
    counts = (one.arrived, one.waiting, one.under_way, one.served, one.missed, one.not_seen)
    return *counts, *_waits(one.waits)[:2]


def _places(report: Report, t: Texts) -> Table:
    rows = ((place or t("place.desk"), *_place_row(one)) for place, one in figures.by_place(report.visits).items())
    head = "place arrived insured unverified own_numbers reprints"
    return _table("places", t, head, rows, _place_row(report.total))


def _place_row(one: figures.Group) -> tuple[Cell, ...]:
    return one.arrived, one.insured, one.cards_unverified, one.own_numbers, one.reprints


def _cards(report: Report, t: Texts) -> Table:
    counts = figures.by_card(report.visits)
    rows = ((_card_words(status, t), number) for status, number in counts.items())
    return _table("cards", t, "answer count", rows, (sum(counts.values()),))


def _appointments(report: Report, t: Texts) -> Table:
    names = {one.clinic: t.either(one.clinic_name, one.clinic_name_en) for one in report.promises}
    rows = ((names[code], *_kept_row(one)) for code, one in figures.kept_by_clinic(report.promises).items())
    return _table("appointments", t, "clinic promised came expected no_shows cancelled", rows, _kept_row(report.kept))


def _kept_row(one: figures.Kept) -> tuple[Cell, ...]:
    return one.promised, one.came, one.expected, one.no_shows, one.cancelled


def _overrides(report: Report, t: Texts) -> Table:
    kinds = Counter(change.field for change in report.changes)
    rows = ((_kind(kind, t), number) for kind, number in kinds.most_common())
    return _table("overrides", t, "kind count", rows, (len(report.changes),))


def _changes(report: Report, t: Texts) -> Table:
    names = clinic_names(report, t)
    rows = (
        (_clock(one.at), one.label, _kind(one.field, t), *_values(one, names, t), one.reason, one.by)
        for one in report.changes
    )
    return _table("changes", t, "time number kind from to reason by", rows)


def _unverified(report: Report, t: Texts) -> Table:
    names = clinic_names(report, t)
    rows = (
        (_clock(one.arrived_at), one.label, names[one.clinic], _card_words(one.card_status, t))
        for one in figures.came(report.visits)
        if one.is_card_unverified
    )
    return _table("unverified", t, "time number clinic answer", rows)


def _visits(report: Report, t: Texts) -> Table:
    return _table("visits", t, "time number clinic place insured answer state wait", _visit_rows(report, t))


def _visit_rows(report: Report, t: Texts) -> Iterator[tuple[Cell, ...]]:
    names = clinic_names(report, t)
    for one in report.visits:
        yield (
            _clock(one.arrived_at),
            one.label,
            names[one.clinic],
            one.kiosk or t("place.desk"),
            t("yes") if one.is_insured else t("no"),
            _card_words(one.card_status, t) if one.is_insured else None,
            t("ticket.cancelled") if one.is_cancelled else t.find("ticket", one.ticket_status.value),
            None if one.waited_s is None else round(one.waited_s / 60),
        )


def _table(
    code: str, t: Texts, head: str, rows: Iterator[tuple[Cell, ...]], total: tuple[Cell, ...] | None = None
) -> Table:
    """Return a table; under more than one row stands ``total``, which is given without its name."""
    listed = tuple(rows)
    last = (t("total"), *total) if total is not None and len(listed) > 1 else None
    return Table(code, t(f"table.{code}"), tuple(t(f"head.{name}") for name in head.split()), listed, last)


def _clock(instant: datetime) -> time:
    """Return hour and minute in the hospital's time."""
    return instant.astimezone(VIETNAM).time().replace(second=0, microsecond=0)


def _waits(waits: figures.Waits | None) -> tuple[Cell, Cell, Cell]:
    return (None, None, None) if waits is None else (waits.median_min, waits.ninety_min, waits.longest_min)


def _card_words(status: CardStatus | None, t: Texts) -> str:
    return t("card.no_answer") if status is None else t.find("card", status.value)


def _values(change: Change, clinics: Mapping[str, str], t: Texts) -> tuple[Cell, Cell]:
    """Return what was and what is; a field that is not known to hold codes is withheld, it may be a card's number."""
    if change.field in _CODES:
        return _value(change.field, change.old_value, clinics, t), _value(change.field, change.new_value, clinics, t)
    return "…" if change.old_value else None, "…" if change.new_value else None


def _value(field: str, code: str | None, clinics: Mapping[str, str], t: Texts) -> Cell:
    if code is None:
        return None
    if field == "service":
        return clinics.get(code, code)
    return t.find(_WORDS_OF[field], code) if field in _WORDS_OF else code


def _kind(field: str, t: Texts) -> str:
    return t.find("kind", field)
