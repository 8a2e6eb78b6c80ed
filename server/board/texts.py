"""Words of the waiting room's display; it stands in both languages at once, for everybody who waits."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "board.title": ("Mời vào phòng khám", "Now calling"),
    "board.number": ("Số", "Number"),
    "board.room": ("Phòng", "Room"),
    "board.waiting": ("Đang chờ", "Waiting"),
    "board.empty": ("Chưa gọi số nào.", "No number has been called yet."),
    "board.place": ("Phòng {name}", "Room {name}"),
    "board.latest": ("Mời số {label} vào {room}", "Number {label}, please go to {room}"),
    "board.at": ("Lúc {time}", "As of {time}"),
    "board.rule": (
        "Gọi theo luật: cấp cứu trước, rồi cứ {priority} người ưu tiên thì {ordinary} người thường",
        "By law: emergencies first, then {priority} with priority for {ordinary} ordinary",
    ),
    "board.missed": (
        "Đã gọi, vắng mặt: {labels}. Xin quét phiếu ở máy lấy số để được gọi lại.",
        "Called and not there: {labels}. Please scan the slip at a kiosk to be called again.",
    ),
    "board.rule.booked": (
        "trong lượt thường, cứ 1 người hẹn đã đến giờ thì {walk_ins} người không hẹn",
        "of the ordinary, 1 whose booked time has come for {walk_ins} others",
    ),
    "board.clinic": ("Phòng khám", "Clinic"),
    "board.newcomers": ("Mới đến chờ", "Wait now"),
    "board.wait": ("{least}–{most} phút", "{least}–{most} min"),
    "board.sound.off": (
        "Chưa có tiếng: xin chạm màn hình hoặc bấm một phím",
        "No sound yet: please touch the screen or press a key",
    ),
    "board.sound.mute": ("Màn hình này không phát tiếng", "This display is silent"),
    "board.sound.no_key": ("Màn hình này chưa được cấp khóa phát tiếng", "This display has no key to speak"),
    "board.sound.quiet": ("Giờ yên tĩnh: chỉ hiện số", "Quiet hours: numbers are only shown"),
    "live.live": ("Trực tiếp, lúc {time}", "Live, as of {time}"),
    "live.connecting": ("Đang kết nối", "Connecting"),
    "live.polling": ("Cập nhật lúc {time}", "As of {time}"),
    "live.lost": (
        "Mất liên lạc từ {time}. Số đang hiện có thể đã cũ, xin nghe nhân viên gọi.",
        "No contact since {time}. What is shown may be old; please listen to the staff.",
    ),
    "live.stale": (
        "Máy chủ chậm từ {time}. Số đang hiện có thể đã cũ.",
        "The server is slow since {time}. What is shown may be old.",
    ),
}
