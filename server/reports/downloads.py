"""A report as a file a spreadsheet opens without a question.

What begins like a formula is text to us and would be run by a spreadsheet; reasons are typed by people. A CSV field is
defused by an apostrophe (OWASP, "CSV Injection"), an Excel cell by its type. Excel in Viet Nam writes 1,5 and so parts
columns by a semicolon; it takes UTF-8 only with a byte order mark.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types

from server.reports.tables import Cell, Table, shown
from server.texts import Language

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SEPARATORS: Final[dict[Language, str]] = {"vi": ";", "en": ","}
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_SHEET_NAME_LENGTH: Final = 31
_WIDEST: Final = 60
_A4: Final = 9  # ECMA-376, paperSize


def csv_file(table: Table, language: Language) -> bytes:
    """Return one table as CSV with a byte order mark and the separator of the language's Excel; without its total."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=_SEPARATORS[language], lineterminator="\r\n")
    writer.writerow([_defused(name) for name in table.head])
    writer.writerows([_defused(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(tables: Sequence[Table], *, heading: str) -> bytes:
    """Return the tables as one workbook, a sheet for each; on paper ``heading`` stands over every page."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    formats = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
        "total": book.add_format({"bold": True, "top": 1}),
        "time": book.add_format({"num_format": "hh:mm", "align": "left"}),
        "date": book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
    }
    for table in tables:
        _add_sheet(book, table, formats, heading)
    book.close()
    return file.getvalue()


def _add_sheet(book: Any, table: Table, formats: Mapping[str, Any], heading: str) -> None:
    sheet = book.add_worksheet(_sheet_name(table.title))
    for column, name in enumerate(table.head):
        sheet.write_string(0, column, name, formats["head"])
        sheet.set_column(column, column, _width(table, column))
    for number, row in enumerate(table.rows, start=1):
        _write_row(sheet, number, row, formats)
    if table.total is not None:
        _write_row(sheet, len(table.rows) + 1, table.total, formats, formats["total"])
    sheet.freeze_panes(1, 0)
    if table.is_by_visit and table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.head) - 1)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header("&L" + heading.replace("&", "&&") + "&R&A")
    sheet.set_footer("&R&P/&N")


def _write_row(sheet: Any, number: int, row: Sequence[Cell], formats: Mapping[str, Any], all_of_it: Any = None) -> None:
    for column, cell in enumerate(row):
        match cell:
            case int():
                sheet.write_number(number, column, cell, all_of_it)
            case time():
                sheet.write_datetime(number, column, cell, formats["time"])
            case date():
                sheet.write_datetime(number, column, datetime.combine(cell, time()), formats["date"])
            case str():
                sheet.write_string(number, column, cell, all_of_it)  # by its type never a formula or an address


def _defused(cell: Cell) -> str:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else shown(cell)


def _sheet_name(title: str) -> str:
    return "".join(" " if character in "[]:*?/\\" else character for character in title)[:_SHEET_NAME_LENGTH]


def _width(table: Table, column: int) -> int:
    longest = max((len(shown(row[column])) for row in table.rows), default=0)
    return min(max(longest, min(len(table.head[column]), 14)) + 2, _WIDEST)
