"""The page a technician prints: shows on paper whether letters, sizes, widths and codes come out right."""

from typing import Final

from drivers.printer.document import Align, BigNumber, Block, Columns, Document, QrCode, Rule, Space, Text, TextSize
from drivers.printer.fonts import VIETNAMESE_LETTERS

QR_TEXT: Final = "TIEPDON PRINT TEST"


def self_test_page(printer: str, profile: str, paper_width_mm: int) -> Document:
    """Return the page; everything on it can be checked with the eye, a ruler and a telephone."""
    return Document(
        "self-test",
        (
            Text("Kiểm tra máy in", TextSize.LARGE, Align.CENTER, bold=True),
            Text(f"{printer} – {profile} – {paper_width_mm} mm", TextSize.SMALL, Align.CENTER),
            Rule(),
            Text("Số to: chữ số cao ít nhất 15 mm", TextSize.SMALL),
            BigNumber("A-K012"),
            *_sizes(),
            Rule(),
            *_letters(),
            Rule(),
            Text("Hai đầu dòng kẻ phải chạm hai mép vùng in.", TextSize.SMALL),
            Columns("|‹ mép trái", "mép phải ›|", TextSize.SMALL),
            Space(2),
            Text("Quét mã bằng điện thoại, phải hiện:", TextSize.SMALL),
            Text(QR_TEXT, TextSize.SMALL),
            QrCode(QR_TEXT),
            Text("Hết trang – giấy phải được cắt ngay dưới dòng này.", TextSize.SMALL),
        ),
    )


def code_page_sample() -> Document:
    """Return the letters alone: printed by the printer's own font they must equal those of the self-test page."""
    return Document("code page sample", (Text("Bảng mã tiếng Việt của máy in", TextSize.SMALL), *_letters()))


def _sizes() -> list[Block]:
    return [
        Text("Nhỏ 2,5 mm: Đỗ Thị Ước", TextSize.SMALL),
        Text("Vừa 3,5 mm: Đỗ Thị Ước", TextSize.NORMAL),
        Text("Lớn 5 mm: Đỗ Thị Ước", TextSize.LARGE),
        Text("Đậm: Đỗ Thị Ước", TextSize.NORMAL, bold=True),
    ]


def _letters() -> list[Block]:
    """The 146 letters, twelve vowels in six tones each and đ, small ones and capitals."""
    half = len(VIETNAMESE_LETTERS) // 2
    rows: list[Block] = []
    for letters in (VIETNAMESE_LETTERS[:half], VIETNAMESE_LETTERS[half:]):
        rows += [Text(" ".join(letters[start : start + 18]), TextSize.SMALL) for start in range(0, half, 18)]
    return rows
