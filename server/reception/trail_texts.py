"""Words of a visit's trail: what was done, by whom."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "trail.title": ("Nhật ký", "Trail"),
    "trail.reason": ("Lý do: {reason}", "Reason: {reason}"),
    "trail.encounter.registered": ("Đăng ký, cấp số {ticket}", "Registered, number {ticket} given"),
    "trail.encounter.proved": (
        "Kết quả kiểm tra chip đến sau khi cấp số",
        "The chip's verification came in after the number was given",
    ),
    "trail.encounter.read": ("Xem hồ sơ", "Record read"),
    "trail.times": ("{times} lần", "{times} times"),
    "trail.encounter.service-changed": (
        "Chuyển phòng khám, số {old_ticket} thành {ticket}",
        "Clinic changed, number {old_ticket} became {ticket}",
    ),
    "trail.encounter.issue-settled": ("Xử lý điểm cần xem lại", "Discrepancy settled"),
    "trail.encounter.card-checked": (
        "Cổng BHYT trả lời: {result}",
        "The insurance gateway answered: {result}",
    ),
    "trail.ticket.reprinted": ("In lại phiếu {ticket}, lần {copy}", "Slip {ticket} reprinted, copy {copy}"),
    "trail.ticket.superseded": (
        "Số {unprinted} chưa in được thay bằng số trên giấy {on_paper}",
        "Number {unprinted}, never printed, replaced by {on_paper} on paper",
    ),
    "trail.ticket.call": ("Gọi số {ticket}", "Number {ticket} called"),
    "trail.ticket.recall": ("Gọi lại số {ticket}", "Number {ticket} called again"),
    "trail.ticket.start": ("Bắt đầu khám số {ticket}", "Number {ticket} being served"),
    "trail.ticket.finish": ("Khám xong số {ticket}", "Number {ticket} done"),
    "trail.ticket.miss": ("Gọi số {ticket}, vắng mặt", "Number {ticket} called, nobody came"),
    "trail.ticket.hold": ("Tạm dừng số {ticket}", "Number {ticket} on hold"),
    "trail.ticket.skip": ("Gọi người sau trước số {ticket}", "Number {ticket} passed over"),
    "trail.ticket.send": ("Chuyển số {ticket} sang phòng khác", "Number {ticket} sent to another room"),
    "trail.ticket.undo-call": ("Hoàn tác gọi số {ticket}", "Calling number {ticket} undone"),
    "trail.ticket.undo-recall": ("Hoàn tác gọi lại số {ticket}", "Calling number {ticket} again undone"),
    "trail.ticket.undo-start": ("Hoàn tác bắt đầu khám số {ticket}", "Start of number {ticket} undone"),
    "trail.ticket.undo-finish": ("Hoàn tác khám xong số {ticket}", "End of number {ticket} undone"),
    "trail.ticket.undo-miss": ("Hoàn tác vắng mặt số {ticket}", "Absence of number {ticket} undone"),
    "trail.ticket.undo-skip": ("Hoàn tác gọi sau số {ticket}", "Passing over number {ticket} undone"),
    "trail.ticket.undo-hold": ("Hoàn tác tạm dừng số {ticket}", "Holding number {ticket} undone"),
    "trail.ticket.undo-resume": ("Hoàn tác đưa vào lại số {ticket}", "Return of number {ticket} undone"),
    "trail.ticket.undo-send": ("Hoàn tác chuyển phòng số {ticket}", "Sending number {ticket} on undone"),
    "trail.encounter.came-again": ("Đến lấy số lần nữa, vẫn số {ticket}", "Came again, number {ticket} still holds"),
    "trail.priority.confirmed": ("Xác nhận diện ưu tiên", "Priority confirmed"),
    "trail.priority.refused": ("Không xác nhận diện ưu tiên", "Priority refused"),
    "trail.ticket.resume": ("Số {ticket} trở lại hàng chờ", "Number {ticket} back in line"),
    "actor.system": ("Hệ thống", "System"),
}
