"""Tiếng Việt, the original."""

from typing import Final

from kiosk.screens.texts.catalogue import Catalogue, VerdictText
from kiosk.screens.texts.problems_vi import PROBLEMS

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
    "staff.invited.title": "Mời quý vị đến quầy tiếp đón",
    "staff.invited": "Nhân viên tiếp đón đã nhận việc đăng ký của quý vị. Xin mang theo thẻ và giấy tờ.",
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
