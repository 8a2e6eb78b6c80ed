"""Words of the patient's phone page."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "portal.title": ("Số của quý vị", "Your number"),
    "portal.where": ("Nơi khám", "Where to go"),
    "portal.room": ("Phòng {name}", "Room {name}"),
    "portal.floor": ("Tầng {name}", "Floor {name}"),
    "portal.before": ("{count} người trước quý vị", "{count} before you"),
    "portal.next": ("Quý vị là người tiếp theo", "You are next"),
    "portal.wait": ("Khoảng {least} đến {most} phút nữa", "In about {least} to {most} minutes"),
    "portal.wait.short": ("Trong vòng {most} phút", "Within {most} minutes"),
    "portal.wait.unknown": (
        "Chưa đủ số liệu để ước tính giờ khám.",
        "There is not enough to estimate the time yet.",
    ),
    "portal.wait.note": (
        "Ước tính theo tốc độ khám hôm nay, có thể thay đổi khi có ca ưu tiên.",
        "Estimated from today's pace; it may change when priority patients arrive.",
    ),
    "portal.called": ("Đã gọi số của quý vị. Xin vào {room} ngay.", "Your number was called. Please go to {room} now."),
    "portal.serving": ("Quý vị đang được khám.", "You are being served."),
    "portal.done": ("Lượt khám tại đây đã xong.", "Your visit here is done."),
    "portal.missed": (
        "Đã gọi số của quý vị nhưng không thấy quý vị. Xin đưa phiếu cho nhân viên tại {room} để vào lại hàng chờ.",
        "Your number was called and you were not there. Please show the slip at {room} to rejoin the line.",
    ),
    "portal.held": ("Số của quý vị đang tạm dừng. Xin hỏi nhân viên tại {room}.", "On hold. Please ask at {room}."),
    "portal.cancelled": ("Lượt khám đã hủy.", "The visit was cancelled."),
    "portal.past": ("Phiếu này của ngày {day}, không còn giá trị.", "This slip is of {day} and no longer valid."),
    "portal.at": ("Cập nhật lúc {time}", "As of {time}"),
    "portal.refresh": ("Xem lại ngay", "Look again now"),
    "portal.lost": ("Mất kết nối. Số liệu từ lúc {time}.", "No connection. As of {time}."),
    "portal.unknown": (
        "Không tìm thấy phiếu này. Xin kiểm tra lại hoặc hỏi quầy tiếp đón.",
        "There is no such slip. Please check it or ask at the reception.",
    ),
    "portal.private": (
        "Trang này không hiện tên hay thông tin cá nhân.",
        "This page shows no name and nothing personal.",
    ),
}
