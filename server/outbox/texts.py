"""Words of the page on what other systems are told."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "outbox.title": ("Gửi sang hệ thống bệnh viện (HIS)", "Messages to the hospital's system (HIS)"),
    "outbox.lead": (
        "Mỗi lượt đăng ký và mỗi thay đổi được gửi sang HIS. Không thư nào bị bỏ; thư HIS từ chối nằm ở bảng dưới.",
        "Every visit and every change is sent to the HIS. None is dropped; what the HIS refuses stands below.",
    ),
    "outbox.off": (
        "Chưa cấu hình hệ thống nào để gửi (mục server.his).",
        "No system is configured to be told (section server.his).",
    ),
    "state.waiting": ("Đang chờ gửi", "Waiting"),
    "state.sending": ("Đang gửi", "Being sent"),
    "state.sent": ("Đã gửi", "Sent"),
    "state.dead": ("Bị từ chối", "Refused"),
    "outbox.oldest": ("Thư chờ lâu nhất: từ {time}", "The oldest has waited since {time}"),
    "outbox.last_sent": ("Gửi được lần cuối: {time}", "Last sent: {time}"),
    "outbox.never_sent": ("Chưa gửi được thư nào", "Nothing was sent yet"),
    "outbox.dead": ("Thư bị từ chối ({count})", "Refused messages ({count})"),
    "outbox.no_dead": ("Không có thư nào bị từ chối.", "No message was refused."),
    "outbox.done": ("Sẽ gửi lại ngay.", "It is sent again now."),
    "outbox.overtaken": (
        "Thư này đã được người khác gửi lại. Bảng đã cập nhật.",
        "Somebody else has tried this one again. The table is up to date.",
    ),
    "outbox.again": ("Gửi lại", "Try again"),
    "outbox.again.all": ("Gửi lại tất cả ({count})", "Try all again ({count})"),
    "outbox.shown": ("{count} thư mới nhất", "the newest {count}"),
    "outbox.again.for": ("Gửi lại thư của số {label}", "Try the message of number {label} again"),
    "head.number": ("Số thứ tự", "Number"),
    "head.written": ("Lúc", "Written"),
    "head.reason": ("Lý do", "Reason"),
    "head.attempts": ("Số lần gửi", "Attempts"),
    "head.held_up": ("Thư chờ theo sau", "Held up behind it"),
    "head.act": ("Xử lý", "Act"),
    "his.connect": ("không kết nối được", "cannot be reached"),
    "his.connection": ("đứt kết nối giữa chừng", "the connection broke"),
    "his.timeout": ("không trả lời kịp", "no answer in time"),
    "his.tls": ("chứng thư máy chủ không hợp lệ", "its certificate does not hold"),
    "his.status-400": ("HIS không hiểu nội dung (400)", "the HIS does not understand it (400)"),
    "his.status-401": ("HIS không nhận mã truy cập (401)", "the HIS does not know our token (401)"),
    "his.status-403": ("HIS không cho phép (403)", "the HIS does not allow it (403)"),
    "his.status-404": ("sai địa chỉ HIS (404)", "wrong address of the HIS (404)"),
    "his.status-409": ("HIS đang xử lý thư này (409)", "the HIS is at work on it (409)"),
    "his.status-422": ("HIS từ chối nội dung (422)", "the HIS refuses the content (422)"),
    "his.status-429": ("HIS yêu cầu gửi chậm lại (429)", "the HIS asks to go slower (429)"),
    "his.status-500": ("HIS bị lỗi (500)", "the HIS failed (500)"),
    "his.status-503": ("HIS tạm ngừng (503)", "the HIS is out of service (503)"),
}
