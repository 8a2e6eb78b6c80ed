"""Words about the insurance gateway."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "gateway.answers": ("Cổng BHXH đang trả lời ({last})", "The insurance gateway answers ({last})"),
    "gateway.silent": (
        "Cổng BHXH không trả lời ({cause}), {last}. {waiting} thẻ sẽ tự kiểm tra lại, cứ tiếp đón như thường.",
        "The insurance gateway is silent ({cause}), {last}. {waiting} cards are asked again by themselves.",
    ),
    "gateway.refuses-account": (
        "Cổng BHXH từ chối tài khoản (mã {cause}). Kỹ thuật viên xin xem server.insurance trong config.yaml.",
        "The insurance gateway refuses our account (code {cause}). Technician: see server.insurance in config.yaml.",
    ),
    "gateway.refuses-officer": (
        "Cổng BHXH không nhận câu hỏi (mã {cause}). Mã 054, 055: cán bộ tra cứu trong config.yaml chưa đúng.",
        "The insurance gateway refuses the question (code {cause}). 054, 055: the officer in config.yaml is wrong.",
    ),
    "gateway.last": ("lần cuối {time}", "last at {time}"),
    "gateway.never": ("hôm nay chưa trả lời lần nào", "no answer yet today"),
    "gateway.cause.connect": ("không kết nối được", "no connection"),
    "gateway.cause.timeout": ("quá giờ chờ", "too slow"),
    "gateway.cause.reset": ("đứt kết nối", "connection lost"),
    "gateway.cause.tls": ("chứng thư không hợp lệ", "invalid certificate"),
    "gateway.cause.circuit_open": ("tạm ngừng hỏi sau nhiều lần lỗi", "paused after many failures"),
    "gateway.cause.not_json": ("trả lời sai định dạng", "unreadable answers"),
}
