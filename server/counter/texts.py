"""Words of the calling screen."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "counter.title": ("Gọi số", "Calling"),
    "counter.choose": ("Chọn nơi gọi số", "Choose where you call from"),
    "counter.choose.lead": (
        "Chọn một lần; màn hình nhớ theo địa chỉ trang.",
        "Choose once; the page's address remembers it.",
    ),
    "counter.none": ("Chưa có hàng chờ nào có phòng.", "No queue has a room yet."),
    "counter.change": ("Đổi nơi gọi", "Change place"),
    "counter.now": ("Đang gọi", "Now"),
    "counter.nobody": ("Chưa gọi ai", "Nobody called"),
    "counter.next": ("Gọi người tiếp theo", "Call the next one"),
    "counter.recall": ("Gọi lại", "Call again"),
    "counter.start": ("Bắt đầu khám", "Start"),
    "counter.finish": ("Khám xong", "Done"),
    "counter.miss": ("Vắng mặt", "Nobody came"),
    "counter.hold": ("Tạm dừng", "Hold"),
    "counter.resume": ("Vào lại hàng chờ", "Back in line"),
    "counter.resume.for": ("Đưa số {label} vào lại hàng chờ", "Put number {label} back in line"),
    "counter.waiting": ("Đang chờ ({count})", "Waiting ({count})"),
    "counter.missed": ("Gọi vắng mặt ({count})", "Missed ({count})"),
    "counter.held": ("Tạm dừng ({count})", "On hold ({count})"),
    "counter.served": ("Đã khám hôm nay: {count}", "Done today: {count}"),
    "counter.empty": ("Không có ai.", "Nobody."),
    "counter.priority": ("Ưu tiên", "Priority"),
    "counter.rule": (
        "Gọi xen kẽ: {priority} ưu tiên, {ordinary} thường.",
        "Mixed by rule: {priority} priority, {ordinary} ordinary.",
    ),
    "counter.arrived": ("đến {time}", "arrived {time}"),
    "counter.conflict": (
        "Màn hình vừa được cập nhật: có người khác đã thao tác. Xin xem lại.",
        "The screen was just updated: somebody else has acted. Please look again.",
    ),
    "counter.called_none": ("Không còn ai chờ.", "Nobody is waiting any more."),
    "counter.announce": ("Số {label}, mời vào {room}", "Number {label}, please go to {room}"),
    "live.live": ("Trực tiếp", "Live"),
    "live.connecting": ("Đang kết nối", "Connecting"),
    "live.polling": ("Cập nhật mỗi vài giây", "Updated every few seconds"),
    "live.lost": ("Mất liên lạc với máy chủ từ {time}", "No contact with the server since {time}"),
    "live.stale": ("Máy chủ chậm, số liệu có thể chưa đủ", "The server is slow, figures may be incomplete"),
    "ticket.called": ("đã gọi", "called"),
    "ticket.serving": ("đang khám", "being served"),
}
