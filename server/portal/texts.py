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
        "Ước tính theo tốc độ khám hôm nay, có thể thay đổi khi có ca cấp cứu hoặc ưu tiên.",
        "Estimated from today's pace; it may change when emergencies or priority patients arrive.",
    ),
    "portal.wait.usual": (
        "Ước tính theo ngày thường, vì hôm nay mới bắt đầu khám.",
        "Estimated from other days, as today has just begun.",
    ),
    "portal.priority": ("Quý vị được gọi theo hàng ưu tiên.", "You are called with the priority line."),
    "portal.rule": (
        "Cấp cứu được gọi trước, rồi cứ {priority} người ưu tiên thì {ordinary} người thường, theo luật.",
        "Emergencies are called first, then {priority} with priority for {ordinary} ordinary, by law.",
    ),
    "portal.rule.booked": (
        "Trong lượt thường, cứ 1 người hẹn đã đến giờ thì {walk_ins} người không hẹn.",
        "Of the ordinary, 1 whose booked time has come is called for {walk_ins} others.",
    ),
    "portal.due": (
        "Quý vị hẹn lúc {time}. Đến giờ đó, quý vị được gọi theo lượt hẹn.",
        "You have booked {time}. From then on you are called with those who have booked.",
    ),
    "portal.called": ("Đã gọi số của quý vị. Xin vào {room} ngay.", "Your number was called. Please go to {room} now."),
    "portal.serving": ("Quý vị đang được khám.", "You are being served."),
    "portal.done": ("Lượt khám tại đây đã xong.", "Your visit here is done."),
    "portal.missed": (
        "Đã gọi số của quý vị lúc quý vị vắng. Xin quét phiếu ở máy lấy số hoặc đưa phiếu tại {room}.",
        "Your number was called while you were away. Please show the slip to a kiosk or at {room}.",
    ),
    "portal.missed.then": (
        "Sau đó quý vị sẽ được gọi lại, sau 3 người nữa.",
        "Then you will be called again, after 3 others.",
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
    "portal.too_many": (
        "Đã có quá nhiều mã sai từ mạng này. Xin thử lại sau {seconds} giây hoặc hỏi quầy tiếp đón.",
        "Too many wrong codes came from this network. Please try again in {seconds} seconds, or ask at the reception.",
    ),
    "portal.private": (
        "Trang này không hiện tên hay thông tin cá nhân.",
        "This page shows no name and nothing personal.",
    ),
}
