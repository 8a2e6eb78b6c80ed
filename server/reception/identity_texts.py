"""Words on how a person's identity was established."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "identity.title": ("Danh tính được xác định thế nào", "How identity was established"),
    "identity.read_at": ("Đọc lúc", "Read at"),
    "identity.method": ("Bằng", "By"),
    "identity.expires": ("Giấy tờ có giá trị đến", "Document valid until"),
    "document.expired.short": ("giấy tờ hết hạn", "document expired"),
    "identity.expired": ("Giấy tờ đã hết hạn", "The document has expired"),
    "identity.reasons": ("Căn cứ", "Grounds"),
    "identity.no_reasons": ("Không có ghi chú thêm.", "No further notes."),
    "method.chip": ("chip trên thẻ", "the card's chip"),
    "method.qr": ("mã QR trên thẻ", "the card's QR code"),
    "method.insurance-qr": ("mã QR thẻ BHYT", "the insurance card's QR code"),
    "method.mrz": ("dòng mã in trên giấy tờ", "the printed lines of the document"),
    "method.visit-code": ("mã trên phiếu khám trước", "the code of an earlier slip"),
    "method.typed": ("người bệnh tự nhập", "typed by the patient"),
    "method.staff": ("nhân viên nhập", "entered by staff"),
    "assurance.chip-trusted": ("Chip thật, dữ liệu đã xác thực", "Genuine chip, data proved"),
    "assurance.chip-consistent": ("Chip nguyên vẹn, chưa rõ nơi cấp", "Chip intact, issuer not known here"),
    "assurance.chip-read": ("Đọc từ chip, chưa xác thực", "Read from the chip, not proved"),
    "assurance.staff": ("Nhân viên đã đối chiếu giấy tờ", "Checked against papers by staff"),
    "assurance.qr": ("Đọc từ bản in trên giấy tờ, chưa xác thực", "Read off the document's print, not proved"),
    "assurance.typed": ("Tự nhập, chưa xác thực", "Typed in, not proved"),
    "assurance.chip-contradicted": ("Chip mâu thuẫn với giấy tờ", "The chip contradicts the document"),
    # The same in few words, for the list
    "assurance.short.chip-trusted": ("Chip thật", "Genuine chip"),
    "assurance.short.chip-consistent": ("Chip, chưa rõ nơi cấp", "Chip, issuer unknown"),
    "assurance.short.chip-read": ("Chip, chưa xác thực", "Chip, not proved"),
    "assurance.short.staff": ("Nhân viên đối chiếu", "Checked by staff"),
    "assurance.short.qr": ("Mã in, chưa xác thực", "Printed code, not proved"),
    "assurance.short.typed": ("Tự nhập", "Typed in"),
    "assurance.short.chip-contradicted": ("Chip mâu thuẫn", "Chip contradicts"),
    "advice.chip-trusted": (
        "Không cần kiểm tra thêm.",
        "Nothing further to check.",
    ),
    "advice.chip-consistent": (
        "Dữ liệu trong chip khớp chữ ký. Máy chưa có chứng thư của cơ quan cấp nên chưa khẳng định được thẻ thật.",
        "The chip's data matches its signature. The issuer's certificate is not installed, so the card is not proved.",
    ),
    "advice.chip-read": (
        "Nên đối chiếu ảnh trên thẻ với người bệnh khi có thể.",
        "Compare the card's photo with the patient where possible.",
    ),
    "advice.staff": (
        "Nhân viên đã xem giấy tờ và đối chiếu khuôn mặt.",
        "A member of staff has seen the papers and the face.",
    ),
    "advice.qr": (
        "Mã QR có thể sao chép. Xin xem thẻ gốc và đối chiếu khuôn mặt.",
        "A QR code can be copied. Please see the card itself and compare the face.",
    ),
    "advice.typed": (
        "Thông tin do người bệnh tự nhập. Xin đối chiếu với giấy tờ.",
        "The patient typed this in. Please compare it with papers.",
    ),
    "advice.chip-contradicted": (
        "Có dấu hiệu thẻ bị sửa hoặc dùng mã của người khác. Xin kiểm tra thẻ gốc và người bệnh tại quầy.",
        "The card may have been altered, or somebody else's code was used. Please check card and patient at the desk.",
    ),
}
