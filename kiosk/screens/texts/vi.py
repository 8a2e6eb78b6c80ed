"""Tiếng Việt, the original."""

from typing import Final

from kiosk.screens.texts.catalogue import Catalogue, ProblemText, VerdictText

_LIFT_CARD = "Lấy thẻ ra khỏi ví, ốp điện thoại hoặc bao đựng."
_ONE_CARD = "Chỉ đặt một thẻ lên đầu đọc, để nguyên đến khi có số."
_OR_CODE = "Hoặc đưa mã QR trên thẻ ra trước máy quét."
_OR_STAFF = "Nếu vẫn chưa được, bấm “Gọi nhân viên”."
_TO_DESK = "Xin mời đến quầy tiếp đón, mang theo giấy tờ."

_CONTRADICTED = ProblemText(
    "Thẻ cần được nhân viên kiểm tra",
    "Thông tin trong chip không khớp với nhau. Máy đã gọi nhân viên.",
    ("Giữ thẻ bên mình, đứng chờ tại máy.", "Hoặc đến quầy tiếp đón."),
)
_NO_SUCH_VISIT = ProblemText(
    "Không tìm thấy lượt khám này",
    "Phiếu có thể của ngày khác, hoặc do máy khác in.",
    ("Mang phiếu đến quầy tiếp đón.", "Hoặc đặt thẻ căn cước lên đầu đọc để lấy số mới."),
)
PHRASES: Final = {
    # On every page
    "page.title": "Đăng ký khám bệnh",
    "page.step": "Bước {number} trong 4",
    "action.call_staff": "Gọi nhân viên",
    "action.start_over": "Bắt đầu lại",
    "action.try_again": "Thử lại",
    "action.finish": "Xong",
    "action.language": "English",
    "action.next_page": "Xem thêm",
    "action.previous_page": "Quay lại",
    "banner.offline": "Mất liên lạc máy chủ: vẫn lấy số được.",
    "banner.printer": "Máy in tạm nghỉ: số hiện trên màn hình.",
    "banner.reader": "Đầu đọc thẻ tạm nghỉ: xin dùng mã QR.",
    "banner.scanner": "Máy quét tạm nghỉ: xin đặt thẻ lên đầu đọc.",
    "banner.starting": "Máy đang khởi động lại. Xin vui lòng chờ.",
    "money": "{amount} đ",
    # Waiting for somebody
    "welcome.title": "Đặt thẻ căn cước\nvào đây",
    "welcome.keep": "Để nguyên thẻ cho đến khi có số thứ tự.",
    "welcome.or": "Hoặc đưa mã QR ra trước máy quét",
    "welcome.code_only": "Đưa mã QR trên thẻ\nra trước máy quét",
    "welcome.picture.code": "Hình vẽ: giữ mã QR trên thẻ trước máy quét.",
    "welcome.code.front": "Thẻ CCCD:\nmã QR ở mặt trước",
    "welcome.code.back": "Thẻ căn cước mới:\nmã QR ở mặt sau",
    "welcome.also": "Quét được cả mã QR trên thẻ BHYT và phiếu khám.",
    "welcome.no_card": "Không mang theo thẻ? Xin bấm “Gọi nhân viên”.",
    "welcome.picture": "Hình vẽ: đặt thẻ nằm lên đầu đọc bên dưới màn hình.",
    "welcome.picture.front": "Hình vẽ mặt trước thẻ căn cước công dân: mã QR ở góc trên bên phải.",
    "welcome.picture.back": "Hình vẽ mặt sau thẻ căn cước mới: mã QR ở bên phải.",
    "closed.title": "Máy tạm ngừng phục vụ",
    "closed.text": "Xin mời quý vị đến quầy tiếp đón hoặc dùng máy bên cạnh.",
    # The number that opens the chip
    "number.title": "Nhập 6 số cuối của số căn cước",
    "number.where": "6 số cuối của dãy 12 số, in ở mặt trước thẻ.",
    "number.or": "Hoặc đưa mã QR của thẻ ra trước máy quét.",
    "number.typed": "Đã nhập {number} trong 6 số",
    "number.delete": "Xóa",
    "number.enter": "Xong",
    "number.wrong.one": "6 số vừa nhập chưa khớp với thẻ. Còn 1 lần nhập.",
    "number.wrong.many": "6 số vừa nhập chưa khớp với thẻ. Còn {number} lần nhập.",
    "number.picture": "Hình vẽ mặt trước thẻ: dãy 12 số, 6 số cuối được khoanh lại.",
    # Reading
    "reading.title": "Đang đọc thẻ",
    "reading.keep": "Xin để nguyên thẻ trên đầu đọc.",
    "reading.progress": "Đã đọc {percent} %",
    "reading.picture": "Hình vẽ: thẻ nằm yên trên đầu đọc.",
    # Is this you?
    "confirm.title": "Có đúng là quý vị không?",
    "confirm.born": "Sinh năm {year}",
    "confirm.sex.male": "Nam",
    "confirm.sex.female": "Nữ",
    "confirm.number": "Số căn cước",
    "confirm.number.tail": "kết thúc bằng {tail}",
    "confirm.yes": "Đúng, là tôi",
    "confirm.no": "Không phải tôi",
    "confirm.expired": "Thẻ đã hết hạn. Quý vị vẫn đăng ký được; nhân viên ở quầy sẽ xem lại.",
    "confirm.insurance": "Đã nhận thẻ BHYT.",
    "confirm.masked": "Tên được viết tắt để người khác không đọc được.",
    # Which clinic?
    "choose.title": "Quý vị muốn khám ở đâu?",
    "choose.hint": "Chạm vào một phòng khám.",
    "choose.people": "Số người đang chờ.",
    "choose.waiting.none": "0 người",
    "choose.waiting.one": "1 người",
    "choose.waiting.many": "{number} người",
    "choose.waiting.unknown": "Chưa rõ",
    "choose.closed": "Hôm nay nghỉ",
    "choose.free": "Miễn phí",
    "place.room": "Phòng {name}",
    "place.floor": "Tầng {name}",
    "choose.page": "Trang {number} trong {total}",
    "choose.none": "Hiện không có phòng khám nào nhận đăng ký tại máy. Xin mời đến quầy tiếp đón.",
    # Registering
    "registering.title": "Đang đăng ký",
    "registering.text": "Xin chờ trong giây lát, số thứ tự sắp hiện ra.",
    # The ticket
    "ticket.title": "Số thứ tự của quý vị",
    "ticket.waiting.none": "Chưa có ai chờ trước quý vị",
    "ticket.waiting.one": "1 người chờ trước quý vị",
    "ticket.waiting.many": "{number} người chờ trước quý vị",
    "ticket.offline": "Số này do máy cấp khi mất liên lạc với máy chủ. Số vẫn dùng được như thường.",
    "ticket.printing": "Phiếu đang in",
    "ticket.printing.todo": "Xin chờ, phiếu sẽ ra ở khe bên dưới.",
    "ticket.printed": "Xin lấy phiếu ở khe bên dưới",
    "ticket.printed.todo": "Đến phòng khám và chờ gọi số.",
    "ticket.shown": "Quý vị đã lấy số này rồi",
    "ticket.shown.todo": "Phiếu không in lại. Nếu mất phiếu, xin đến quầy tiếp đón.",
    "ticket.unsure": "Phiếu có thể chưa in xong",
    "ticket.unsure.todo": "Nếu không thấy phiếu: xin ghi lại hoặc chụp số này, rồi đến phòng khám.",
    "ticket.failed": "Không in được phiếu",
    "ticket.failed.todo": "Xin ghi lại hoặc chụp số này, rồi đến phòng khám. Số đã được đăng ký.",
    "ticket.take_card": "Nhớ lấy lại thẻ",
    "ticket.closes": "Màn hình tự đóng sau {seconds} giây",
    # When something went wrong
    "problem.steps": "Xin làm như sau",
    # Staff
    "staff.title": "Đã gọi nhân viên",
    "staff.title.waiting": "Chưa gọi được nhân viên",
    "staff.informed": "Nhân viên đang đến. Xin đứng chờ tại máy.",
    "staff.waiting": "Máy chưa báo được cho nhân viên. Xin mời đến thẳng quầy tiếp đón.",
    "staff.meanwhile": "Thông tin của quý vị đã được xóa khỏi màn hình.",
    # Is anybody there?
    "idle.title": "Quý vị còn ở đây không?",
    "idle.text": "Để giữ kín thông tin, máy sẽ xóa màn hình sau {seconds} giây.",
    "idle.stay": "Tôi vẫn ở đây",
    "idle.leave": "Tôi xong rồi",
}

VERDICTS: Final = {
    "chip-trusted": VerdictText(
        "Thẻ thật", "Đã kiểm tra chip: thẻ thật, thông tin nguyên vẹn.", "good", "shield-check"
    ),
    "chip-consistent": VerdictText(
        "Đã đọc chip", "Thông tin nguyên vẹn. Máy chưa xác minh được nơi cấp thẻ.", "plain", "chip"
    ),
    "chip-read": VerdictText(
        "Đã đọc chip", "Máy chưa chứng minh được thẻ thật. Nhân viên có thể xem lại thẻ.", "plain", "chip"
    ),
    "staff": VerdictText("Nhân viên đã kiểm tra", "Nhân viên đã xem giấy tờ của quý vị.", "good", "person-check"),
    "qr": VerdictText("Mới chỉ đọc mã QR", "Chip chưa được đọc. Nhân viên có thể hỏi xem thẻ.", "plain", "code"),
    "typed": VerdictText("Thông tin tự nhập", "Chưa có thẻ nào được đọc. Nhân viên sẽ xem giấy tờ.", "plain", "keypad"),
    "chip-contradicted": VerdictText(
        "Thẻ cần được kiểm tra", "Thông tin trên thẻ không khớp nhau. Xin mời gặp nhân viên.", "bad", "warning"
    ),
    "proving": VerdictText("Đang kiểm tra chip", "Xin để nguyên thẻ. Quý vị vẫn bấm tiếp được.", "plain", "hourglass"),
    "*": VerdictText("Chưa kiểm tra", "Nhân viên có thể xem lại giấy tờ của quý vị.", "plain", "question"),
}

GROUNDS: Final = {
    # The chip fell silent or failed while it was read
    "device.timeout": "Chip không trả lời hết. Nhân viên có thể hỏi xem thẻ.",
    "device.unavailable": "Đầu đọc thẻ bị ngắt giữa chừng. Nhân viên có thể hỏi xem thẻ.",
    "card.status_word": "Chip không cho đọc hết. Nhân viên có thể hỏi xem thẻ.",
    "card.access_denied": "Chip không mở được. Nhân viên có thể hỏi xem thẻ.",
    "card.protocol": "Chip trả lời không đúng cách. Nhân viên có thể hỏi xem thẻ.",
    "data.malformed": "Chip không đọc hết được. Nhân viên có thể hỏi xem thẻ.",
    # What the chip's signature leaves open
    "pa.skipped": "Máy này không kiểm tra chữ ký của thẻ. Nhân viên có thể hỏi xem thẻ.",
    "pa.no_sod": "Chip không có chữ ký điện tử. Nhân viên có thể hỏi xem thẻ.",
    "pa.csca_unknown": "Thông tin nguyên vẹn. Máy chưa xác minh được nơi cấp thẻ.",
    "copy.withheld": "Thông tin nguyên vẹn. Máy chưa kiểm tra được chip có phải bản gốc.",
    "copy.unchecked": "Thông tin nguyên vẹn. Máy chưa kiểm tra được chip có phải bản gốc.",
}

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
    "number.not_enough": ProblemText(
        "Thẻ này cần thêm mã QR",
        "Chip đời cũ không mở được chỉ bằng 6 số. Quý vị không nhập sai.",
        ("Để nguyên thẻ trên đầu đọc.", "Đưa mã QR trên thẻ ra trước máy quét.", _OR_STAFF),
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
    "code.appointment_at_reception": ProblemText(
        "Giấy hẹn này được nhận ở quầy",
        "Máy chưa nhận giấy hẹn khám.",
        ("Xin mời đến quầy tiếp đón, mang theo giấy hẹn.", "Hoặc đặt thẻ căn cước lên đầu đọc để lấy số."),
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
        "Không phải thông tin của quý vị",
        "Máy đã xóa thông tin vừa đọc.",
        ("Lấy thẻ ra, kiểm tra xem có đúng thẻ của mình không.", "Đặt đúng thẻ lên đầu đọc.", _OR_STAFF),
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

PRINTER_TROUBLES: Final = {
    "printer.paper_out": "Máy in hết giấy.",
    "printer.paper_near_end": "Máy in sắp hết giấy.",
    "printer.cover_open": "Nắp máy in đang mở.",
    "printer.unreachable": "Máy in không kết nối được.",
    "printer.silent": "Máy in không trả lời.",
    "printer.offline": "Máy in đang tắt.",
    "printer.cutter": "Dao cắt giấy bị kẹt.",
    "printer.too_slow": "Máy in nối với kiosk quá chậm.",
    "printer.error": "Máy in báo lỗi.",
    "printer.fault": "Máy in báo lỗi.",
    "printer.none": "Máy này không có máy in.",
    "kiosk.restarted": "Máy vừa khởi động lại khi đang in.",
    "*": "Máy in gặp trục trặc.",
}

NOTICES: Final = {
    "scanner.not_ours": "Mã này không dùng ở đây. Xin đưa mã QR trên thẻ căn cước.",
    "scanner.hint.small": "Xin đưa thẻ lại gần máy quét hơn.",
    "scanner.hint.dark": "Hơi tối. Xin xoay thẻ về phía có ánh sáng.",
    "scanner.hint.glare": "Thẻ bị lóa. Xin nghiêng thẻ một chút.",
    "scanner.hint.moving": "Xin giữ thẻ đứng yên.",
    "scanner.hint.blurred": "Hình bị mờ. Xin đưa thẻ ra xa một chút và giữ yên.",
    "scanner.other_person": "Mã QR này là của người khác. Xin đưa mã của chính thẻ đang dùng.",
    "scanner.*": "Xin giữ mã QR đứng yên trước máy quét.",
    "card.left_lying": "Thẻ còn nằm trên đầu đọc. Xin lấy thẻ ra. Muốn đăng ký, xin đặt lại.",
    "card.taken_early": "Thẻ đã được lấy ra nên máy đã xóa thông tin. Đặt thẻ lại để làm tiếp.",
    "card.code_used_instead": "Chip không đọc được. Máy dùng thông tin từ mã QR.",
    "number.length": "Xin nhập đủ 6 số.",
    "insurance.noted": "Đã nhận thẻ BHYT.",
    "insurance.other_person": "Thẻ BHYT này là của người khác nên không dùng được.",
    "visit.looking": "Đang tìm lượt khám. Xin chờ.",
    "service.closed": "Phòng khám này vừa ngừng nhận. Xin chọn phòng khác.",
    "*": "Xin làm theo hướng dẫn trên màn hình.",
}

VIETNAMESE: Final = Catalogue(
    thousands=".",
    phrases=PHRASES,
    verdicts=VERDICTS,
    grounds=GROUNDS,
    problems=PROBLEMS,
    printer_troubles=PRINTER_TROUBLES,
    notices=NOTICES,
)
