"""The files of a report, read back as a spreadsheet reads them."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from datetime import time

import pytest

from server.reports.downloads import csv_file, xlsx_file
from server.reports.tables import Table
from server.reports.texts import TEXTS
from server.texts import Language

NAMESPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
TABLE = Table(
    "changes",
    "Từng điều chỉnh [1/2]: lý do của nhân viên",
    ("Giờ", "Lượt", "Lý do"),
    (
        (time(7, 15), 12, "Người bệnh chọn nhầm; xin đổi"),
        (time(8), 3, '=HYPERLINK("http://x","y")'),
        (time(8, 1), 0, None),
    ),
    ("Cộng", 15, None),
)


@pytest.mark.parametrize(("language", "separator"), [("vi", ";"), ("en", ",")])
def test_csv_opens_in_excel_of_its_language_with_all_marks(language: Language, separator: str) -> None:
    content = csv_file(TABLE, language)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
    assert rows[0] == ["Giờ", "Lượt", "Lý do"]
    assert rows[1] == ["07:15", "12", "Người bệnh chọn nhầm; xin đổi"]
    assert rows[3:] == [["08:01", "0", ""]], "what a spreadsheet sums up is not in it twice"


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_begins_like_a_formula_is_text_in_csv(begins: str) -> None:
    table = Table("changes", "x", (begins,), ((begins, -5),))
    rows = list(csv.reader(io.StringIO(csv_file(table, "vi").decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [[f"'{begins}"], [f"'{begins}", "-5"]], "a negative number stays a number"


def test_a_workbook_holds_numbers_as_numbers_and_text_as_text() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx_file([TABLE, TABLE_2], heading="Bệnh viện A & B"))) as book:
        strings = ["".join(one.itertext()) for one in ET.fromstring(book.read("xl/sharedStrings.xml"))]
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
        names = [
            one.get("name") or ""
            for one in ET.fromstring(book.read("xl/workbook.xml")).iterfind(".//s:sheet", NAMESPACE)
        ]
    assert sheet.findall(".//s:f", NAMESPACE) == [], "no cell is a formula"
    cells = {
        cell.get("r"): (cell.get("t"), cell.findtext("s:v", namespaces=NAMESPACE))
        for cell in sheet.iterfind(".//s:c", NAMESPACE)
    }
    assert cells["B2"] == (None, "12")
    assert cells["A2"] == (None, "0.3020833333333333"), "a time is a part of a day"
    assert cells["B5"] == (None, "15")
    header = sheet.findtext(".//s:oddHeader", namespaces=NAMESPACE)
    assert header == "&LBệnh viện A && B&R&A", "an ampersand is a command there"
    kind, place = cells["C3"]
    assert kind == "s"
    assert strings[int(place or "")] == '=HYPERLINK("http://x","y")'
    assert "C4" not in cells
    assert names == ["Từng điều chỉnh  1 2   lý do củ", "Theo giờ đến"]


def test_the_name_of_each_table_fits_a_sheets_tab() -> None:
    names = [name for key, pair in TEXTS.items() if key.startswith("table.") for name in pair]
    assert names
    assert [name for name in names if len(name) > 31] == [], "Excel takes 31 characters"


TABLE_2 = Table("hours", "Theo giờ đến", ("Giờ đến",), ())
