"""Words about slips: copies from a kiosk's printer, papers that may not have come out; causes stand with the fleet."""

from typing import Final

from server.texts import Catalogue

PAPER: Final[Catalogue] = {
    "slip.print": ("In phiếu", "Print"),
    "slip.mark": ("IN LẠI lần {copy}", "REPRINT no. {copy}"),
    "slip.your_number": ("Số thứ tự của quý vị", "Your number"),
    "slip.arrived": ("Đến lúc {time} ngày {day}", "Arrived {time} on {day}"),
    "slip.qr": ("Mã của lượt khám", "Code of the visit"),
}
"""Of the slip that the desk's own printer prints, and its button."""

TEXTS: Final[Catalogue] = {
    **PAPER,
    "papers.title": ("Phiếu cần xem lại", "Slips to see to"),
    "papers.intro": (
        "Người bệnh dưới đây có thể chưa cầm phiếu. Mở lượt khám để in lại, hoặc đưa tận tay rồi bấm “Đã đưa phiếu”.",
        "These patients may hold no slip. Open the visit to reprint it, or give them one and press “Slip given”.",
    ),
    "papers.none": ("Không có phiếu nào cần xem lại.", "There is no slip to see to."),
    "papers.open": ("Phiếu cần xem lại", "Slips to see to"),
    "paper.unsure": (
        "{kiosk}: phiếu có thể chưa in xong ({cause})",
        "{kiosk}: the slip may not have come out ({cause})",
    ),
    "paper.failed": ("{kiosk}: không in được phiếu ({cause})", "{kiosk}: the slip was not printed ({cause})"),
    "paper.given": ("Đã đưa phiếu", "Slip given"),
    "paper.given.for": ("Đã đưa phiếu {label}", "Slip {label} was given"),
    "paper.settled": ("Đã đưa tận tay, chờ kiosk xác nhận", "Given by hand, the kiosk will be told"),
    "copy.on_its_way": ("Lần {copy}, {kiosk}: đang gửi", "Copy {copy}, {kiosk}: on its way"),
    "copy.done": ("Lần {copy}, {kiosk}: đã in", "Copy {copy}, {kiosk}: printed"),
    "copy.given": ("Lần {copy}, {kiosk}: đã đưa tận tay", "Copy {copy}, {kiosk}: given by hand"),
    "copy.unsure": (
        "Lần {copy}, {kiosk}: có thể chưa in xong, xin xem ở máy in",
        "Copy {copy}, {kiosk}: may not have come out, look at the printer",
    ),
    "copy.expired": (
        "Lần {copy}, {kiosk}: kiosk không trả lời, bản này sẽ không in nữa",
        "Copy {copy}, {kiosk}: the kiosk did not answer, this copy will not be printed",
    ),
    "copy.failed": ("Lần {copy}, {kiosk}: không in được ({cause})", "Copy {copy}, {kiosk}: not printed ({cause})"),
    # The first slip of a visit registered at the desk, from the desk's own printer
    "first.on_its_way": ("{kiosk}: đang in phiếu", "{kiosk}: the slip is being printed"),
    "first.done": ("{kiosk}: đã in phiếu", "{kiosk}: the slip was printed"),
    "first.given": ("{kiosk}: đã đưa phiếu tận tay", "{kiosk}: the slip was given by hand"),
    "first.unsure": (
        "{kiosk}: phiếu có thể chưa in xong, xin xem ở máy in",
        "{kiosk}: the slip may not have come out, look at the printer",
    ),
    "first.expired": (
        "{kiosk}: máy in không trả lời, xin in phiếu ở máy tính này",
        "{kiosk}: the printer did not answer, please print the slip on this computer",
    ),
    "first.failed": (
        "{kiosk}: không in được phiếu ({cause}), xin in ở máy tính này",
        "{kiosk}: the slip was not printed ({cause}), please print it on this computer",
    ),
    "first.trouble": (
        "Máy in của {kiosk} chưa in được ({cause}). Xin in phiếu ở máy tính này.",
        "The printer of {kiosk} cannot print now ({cause}). Please print the slip on this computer.",
    ),
    "first.here": ("In ở máy tính này", "Print on this computer"),
    "copy.printer": ("Máy in", "Printer"),
    "copy.here": ("Máy in của máy tính này", "This computer's printer"),
    "copy.printer_trouble": ("{kiosk} ({cause})", "{kiosk} ({cause})"),
    "cause.kiosk.silent": ("mất liên lạc", "no word from it"),
    "cause.kiosk.restarted": ("kiosk khởi động lại", "the kiosk restarted"),
    "cause.command.unknown": ("kiosk chưa biết lệnh này", "the kiosk does not know this order"),
    "cause.command.failed": ("kiosk gặp lỗi", "the kiosk stumbled"),
    "cause.order.over": ("lệnh đã hết hạn", "the order was over"),
    "trail.paper.given-by-hand": ("Đưa phiếu {ticket} tận tay", "Slip {ticket} given by hand"),
}
