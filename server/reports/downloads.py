"""A report as a file a spreadsheet opens without a question.

What begins like a formula is text to us and would be run by a spreadsheet; reasons are typed by people. A CSV field is
defused by an apostrophe (OWASP, "CSV Injection"), an Excel cell by its type. Excel in Viet Nam writes 1,5 and so parts
columns by a semicolon; it takes UTF-8 only with a byte order mark.
"""

import csv
import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter  # type: ignore[import-untyped]  # publishes no types

from server.reports.tables import Cell, Table
from server.texts import Language

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SEPARATORS: Final[dict[Language, str]] = {"vi": ";", "en": ","}
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_SHEET_NAME_LENGTH: Final = 31
_WIDEST: Final = 60


def csv_file(table: Table, language: Language) -> bytes:
    """Return one table as CSV with a byte order mark and the separator of the language's Excel."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=_SEPARATORS[language], lineterminator="\r\n")
    writer.writerow([_defused(name) for name in table.head])
    writer.writerows([_defused(cell) for cell in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_file(tables: Sequence[Table]) -> bytes:
    """Return the tables as one workbook, a sheet for each."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    for table in tables:
        sheet = book.add_worksheet(_sheet_name(table.title))
        for column, name in enumerate(table.head):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, _width(table, column))
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(number, column, cell)
                elif cell is not None:
                    sheet.write_string(number, column, cell)  # by its type never a formula or an address
        sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _sheet_name(title: str) -> str:
    return "".join(" " if character in "[]:*?/\\" else character for character in title)[:_SHEET_NAME_LENGTH]


def _width(table: Table, column: int) -> int:
    longest = max((len(str(row[column])) for row in table.rows if row[column] is not None), default=0)
    return min(max(longest, min(len(table.head[column]), 14)) + 2, _WIDEST)
