"""What went wrong, in Vietnamese, keyed by stable codes; ``family.*`` and ``*`` stand in for unknown ones."""

from typing import Final

from kiosk.screens.texts.catalogue import ProblemText

_LIFT_CARD = "Lấy thẻ ra khỏi ví, ốp điện thoại hoặc bao đựng."
_ONE_CARD = "Chỉ đặt một thẻ lên đầu đọc, để nguyên đến khi có số."
_OR_CODE = "Hoặc đưa mã QR trên thẻ ra trước máy quét."
_OR_STAFF = "Nếu vẫn chưa được, bấm “Gọi nhân viên”."
_TO_DESK = "Xin mời đến quầy tiếp đón, mang theo giấy tờ."

_CONTRADICTED = ProblemText(
    "Thẻ cần được nhân viên kiểm tra",
    "Thông tin trong chip không khớp với nhau. Máy đã gọi nhân viên.",
    ("Giữ thẻ bên mình, đứng chờ tại máy.", "Hoặc đến quầy tiếp đón."),
    "staff-coming",
)
_NO_SUCH_VISIT = ProblemText(
    "Không tìm thấy lượt khám này",
    "Phiếu có thể của ngày khác, hoặc do máy khác in.",
    ("Mang phiếu đến quầy tiếp đón.", "Hoặc đặt thẻ căn cước lên đầu đọc để lấy số mới."),
)

PROBLEMS: Final = {
    # The chip
    "card.removed": ProblemText(
        "Thẻ đã bị lấy ra sớm",
        "Máy chưa đọc xong thẻ.",
        ("Đặt thẻ lên đầu đọc một lần nữa.", "Để nguyên thẻ cho đến khi có số thứ tự."),
        "card-on-reader",
    ),
    "card.access_denied": ProblemText(
        "Chip trên thẻ không mở được",
        "Số căn cước trong mã QR không mở được chip của thẻ đang đặt.",
        ("Kiểm tra xem thẻ trên đầu đọc có đúng thẻ vừa quét không.", _LIFT_CARD, _OR_STAFF),
        "card-on-reader",
    ),
    "card.status_word": ProblemText(
        "Máy không đọc được thẻ này",
        "Chip trên thẻ từ chối trả lời.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    "card.protocol": ProblemText(
        "Máy dừng đọc thẻ",
        "Chip trả lời không đúng cách, nên máy không dùng thông tin này.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    "card.unknown": ProblemText(
        "Đây không phải thẻ căn cước",
        "Máy chỉ đọc được thẻ căn cước gắn chip và hộ chiếu gắn chip.",
        ("Đặt thẻ căn cước gắn chip lên đầu đọc.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "chip.contradicts_code": ProblemText(
        "Chip và mã QR không khớp nhau",
        "Có thể quý vị đưa nhầm hai thẻ khác nhau. Máy đã gọi nhân viên.",
        ("Giữ thẻ bên mình, đứng chờ tại máy.", "Hoặc đến quầy tiếp đón."),
        "staff-coming",
    ),
    "chip.contradicts_zone": ProblemText(
        "Chip và trang in không khớp nhau",
        "Có thể quý vị đưa nhầm hai giấy tờ khác nhau. Máy đã gọi nhân viên.",
        ("Giữ giấy tờ bên mình, đứng chờ tại máy.", "Hoặc đến quầy tiếp đón."),
        "staff-coming",
    ),
    "chip.contradicted": _CONTRADICTED,
    "chip.*": _CONTRADICTED,
    # The number that opens the chip
    "number.wrong": ProblemText(
        "6 số chưa khớp với thẻ",
        "Chip không mở được bằng các số vừa nhập.",
        ("Bấm “Thử lại” và nhập 6 số cuối của dãy 12 số ở mặt trước thẻ.", _OR_CODE),
        "number",
    ),
    "document.expired": ProblemText(
        "Giấy tờ đã hết hạn",
        "Bệnh viện cần nhân viên xem giấy tờ trước khi cấp số. Máy đã gọi nhân viên.",
        ("Giữ giấy tờ bên mình, đứng chờ tại máy.", "Hoặc đến quầy tiếp đón để đăng ký."),
        "staff-coming",
    ),
    "document.wrong": ProblemText(
        "Các mục vừa nhập chưa mở được chip",
        "Có thể một số hoặc một ngày chưa đúng với giấy tờ.",
        ("Bấm “Thử lại” và nhập như in trên giấy tờ.", "Hoặc đưa trang có ảnh ra trước máy quét.", _OR_STAFF),
        "card-on-reader",
    ),
    "help.wrong": ProblemText(
        "Thẻ chưa mở được",
        "Số nhân viên vừa nhập chưa khớp với thẻ. Quý vị không làm gì sai.",
        ("Xin chờ: nhân viên sẽ thử lại.", "Hoặc bấm “Thử lại” để tự nhập số."),
        "desk",
    ),
    "document.*": ProblemText(
        "Chưa đọc được giấy tờ này", "Có thể trang in bị mờ hoặc bị che.", ("Xin thử lại một lần nữa.", _OR_STAFF)
    ),
    "number.not_enough": ProblemText(
        "Thẻ này cần thêm mã QR",
        "Chip đời cũ không mở được chỉ bằng 6 số. Quý vị không nhập sai.",
        ("Lấy thẻ lên, đưa mã QR trên thẻ ra trước máy quét.", "Rồi đặt thẻ lại lên đầu đọc.", _OR_STAFF),
        "code",
    ),
    "number.too_many_tries": ProblemText(
        "Đã nhập sai nhiều lần",
        "Để bảo vệ thẻ, máy không thử thêm nữa.",
        ("Lấy thẻ ra khỏi đầu đọc.", "Đưa mã QR trên thẻ ra trước máy quét.", _OR_STAFF),
        "code",
    ),
    "number.*": ProblemText(
        "6 số chưa khớp với thẻ",
        "Chip không mở được bằng các số vừa nhập.",
        ("Đặt lại thẻ và nhập 6 số cuối của dãy 12 số.", _OR_CODE, _OR_STAFF),
        "number",
    ),
    "card.*": ProblemText(
        "Máy không đọc được thẻ này",
        "Có thể thẻ đặt chưa đúng chỗ, hoặc chip đã hỏng.",
        (_LIFT_CARD, _ONE_CARD, _OR_CODE),
        "card-on-reader",
    ),
    # The machine's own parts
    "device.unavailable": ProblemText(
        "Đầu đọc thẻ đang tạm nghỉ",
        "Kỹ thuật viên cần xem lại máy này.",
        ("Đưa mã QR trên thẻ ra trước máy quét.", "Hoặc dùng máy bên cạnh.", _OR_STAFF),
        "code",
    ),
    "device.timeout": ProblemText(
        "Thẻ không trả lời",
        "Có thể thẻ nằm lệch, hoặc có hai thẻ chồng lên nhau.",
        ("Lấy thẻ ra khỏi đầu đọc.", _LIFT_CARD, "Đặt một thẻ vào giữa đầu đọc."),
        "card-lift",
    ),
    "device.*": ProblemText(
        "Một bộ phận của máy đang tạm nghỉ",
        "Kỹ thuật viên cần xem lại máy này.",
        ("Xin dùng máy bên cạnh.", _OR_STAFF),
    ),
    "data.malformed": ProblemText(
        "Thông tin trên thẻ không đọc được",
        "Máy đã mở được chip, nhưng nội dung không đúng mẫu.",
        ("Đặt thẻ lên đầu đọc một lần nữa.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "data.*": ProblemText(
        "Thông tin không đọc được", "Nội dung không đúng mẫu.", ("Xin thử lại một lần nữa.", _OR_STAFF)
    ),
    # Codes
    "code.unreadable_here": ProblemText(
        "Mã này máy không đọc được",
        "Mã QR trong ứng dụng VNeID và một số ứng dụng khác chỉ đọc được ở quầy.",
        ("Dùng thẻ căn cước: đặt thẻ lên đầu đọc.", "Hoặc đến quầy tiếp đón và mở ứng dụng cho nhân viên xem."),
        "card-on-reader",
    ),
    "code.half": ProblemText(
        "Mã QR mới đọc được một phần",
        "Có thể mã bị che, hoặc thẻ đưa qua quá nhanh.",
        ("Giữ thẻ đứng yên trước máy quét.", "Đừng để ngón tay che mã QR.", "Hoặc đặt thẻ lên đầu đọc."),
        "code",
    ),
    "code.damaged": ProblemText(
        "Mã QR bị lỗi",
        "Nội dung của mã không còn nguyên vẹn.",
        ("Lau sạch thẻ, giữ thẻ đứng yên trước máy quét.", "Hoặc đặt thẻ lên đầu đọc.", _OR_STAFF),
        "code",
    ),
    "code.layout": ProblemText(
        "Mã QR không đúng mẫu",
        "Mã này không giống mã trên thẻ căn cước.",
        ("Đưa mã QR in trên thẻ căn cước.", "Hoặc đặt thẻ lên đầu đọc.", _OR_STAFF),
        "code",
    ),
    "code.number_only": ProblemText(
        "Mã này chỉ có dãy số",
        "Chỉ với dãy số, máy chưa biết quý vị là ai.",
        ("Đặt thẻ căn cước lên đầu đọc.", "Hoặc đưa mã QR in trên thẻ.", _OR_STAFF),
        "card-on-reader",
    ),
    "code.several": ProblemText(
        "Máy thấy nhiều mã cùng lúc",
        "Máy cần đọc từng mã một.",
        ("Chỉ đưa một thẻ ra trước máy quét.", "Hoặc đặt thẻ lên đầu đọc."),
        "code",
    ),
    "code.foreign": ProblemText(
        "Đây không phải mã dùng để khám bệnh",
        "Máy đọc được mã QR trên thẻ căn cước, thẻ BHYT và phiếu khám của bệnh viện.",
        ("Đưa mã QR in trên thẻ căn cước.", "Hoặc đặt thẻ lên đầu đọc."),
        "code",
    ),
    "code.name_unreadable": ProblemText(
        "Tên trong mã QR không đọc được",
        "Mã có dãy số, nhưng chữ trong tên đã hỏng.",
        ("Đặt thẻ căn cước lên đầu đọc.", _OR_STAFF),
        "card-on-reader",
    ),
    "appointment.not_found": ProblemText(
        "Không tìm thấy lịch hẹn này",
        "Bệnh viện không có lịch hẹn nào với mã trên giấy.",
        ("Đặt thẻ căn cước lên đầu đọc để lấy số như thường.", "Hoặc mang giấy hẹn đến quầy tiếp đón."),
    ),
    "visit.server_away": ProblemText(
        "Chưa tìm được lượt khám này",
        "Máy đang mất liên lạc với máy chủ.",
        ("Số trên phiếu của quý vị vẫn dùng được.", "Xin đến phòng khám ghi trên phiếu.", _OR_STAFF),
    ),
    "visit.over": ProblemText(
        "Lượt khám này đã xong",
        "Số trên phiếu không còn chờ khám nữa.",
        ("Đặt thẻ căn cước lên đầu đọc để lấy số mới.", _OR_CODE, _OR_STAFF),
        "card-on-reader",
    ),
    "visit.not_found": _NO_SUCH_VISIT,
    "visit.*": _NO_SUCH_VISIT,
    "code.*": ProblemText(
        "Máy không dùng được mã này",
        "Máy đọc được mã QR trên thẻ căn cước, thẻ BHYT và phiếu khám của bệnh viện.",
        ("Đưa mã QR in trên thẻ căn cước.", "Hoặc đặt thẻ lên đầu đọc.", _OR_STAFF),
        "code",
    ),
    # People
    "identity.rejected": ProblemText(
        "Chưa đúng người khám bệnh",
        "Máy đã xóa thông tin vừa đọc.",
        (
            "Lấy thẻ ra, xem có đúng thẻ của người khám không.",
            "Đặt thẻ của người khám lên đầu đọc. Khám cho trẻ: dùng thẻ của trẻ.",
            "Người khám không có thẻ: bấm “Gọi nhân viên”.",
        ),
        "card-lift",
    ),
    "identity.*": ProblemText(
        "Máy chưa nhận ra quý vị", "Thông tin chưa đủ để đăng ký tại máy.", (_TO_DESK, "Hoặc bấm “Gọi nhân viên”.")
    ),
    # Registering
    "registration.refused": ProblemText(
        "Chưa đăng ký được tại máy",
        "Nhân viên cần xem lại thông tin của quý vị.",
        (_TO_DESK, "Hoặc bấm “Gọi nhân viên”."),
    ),
    "registration.closed": ProblemText(
        "Phòng khám vừa ngừng nhận",
        "Phòng khám quý vị chọn không nhận thêm người bệnh.",
        ("Bấm “Bắt đầu lại” và chọn phòng khám khác.", _OR_STAFF),
    ),
    "registration.*": ProblemText(
        "Chưa đăng ký được tại máy",
        "Nhân viên cần xem lại thông tin của quý vị.",
        (_TO_DESK, "Hoặc bấm “Gọi nhân viên”."),
    ),
    "registration.failed": ProblemText(
        "Chưa đăng ký được tại máy",
        "Có trục trặc khi ghi lượt đăng ký. Máy đã gọi nhân viên.",
        (_TO_DESK, "Hoặc dùng máy bên cạnh."),
    ),
    "registration.unreachable": ProblemText(
        "Chưa đăng ký được tại máy",
        "Máy đang mất liên lạc với máy chủ và chưa cấp được số.",
        (_TO_DESK, "Hoặc dùng máy bên cạnh."),
    ),
    "services.unknown": ProblemText(
        "Chưa có danh sách phòng khám",
        "Máy chưa nhận được danh sách phòng khám từ máy chủ.",
        (_TO_DESK, "Hoặc dùng máy bên cạnh."),
    ),
    "services.*": ProblemText(
        "Chưa chọn được phòng khám", "Danh sách phòng khám có thay đổi.", ("Bấm “Bắt đầu lại”.", _OR_STAFF)
    ),
    "server.*": ProblemText(
        "Chưa đăng ký được tại máy",
        "Máy đang mất liên lạc với máy chủ.",
        (_TO_DESK, "Hoặc dùng máy bên cạnh."),
    ),
    "journal.*": ProblemText(
        "Máy tạm ngừng cấp số",
        "Máy không ghi lại được lượt đăng ký, nên không cấp số.",
        ("Xin dùng máy bên cạnh.", "Hoặc đến quầy tiếp đón."),
    ),
    "kiosk.*": ProblemText(
        "Máy tạm ngừng phục vụ",
        "Kỹ thuật viên cần xem lại máy này.",
        ("Xin dùng máy bên cạnh.", "Hoặc đến quầy tiếp đón."),
    ),
    "*": ProblemText(
        "Máy gặp trục trặc",
        "Quý vị không làm gì sai.",
        ("Bấm “Bắt đầu lại” để thử một lần nữa.", "Hoặc bấm “Gọi nhân viên”."),
    ),
}
