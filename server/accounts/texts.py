"""Words of the sign-in pages and of the frame around every staff page."""

from typing import Final

from server.texts import Catalogue

TEXTS: Final[Catalogue] = {
    "product": ("Tiếp đón", "Tiepdon"),
    "skip": ("Đến phần nội dung chính", "Skip to main content"),
    "language.switch": ("English", "Tiếng Việt"),
    "language.switch.to": ("Switch to English", "Chuyển sang tiếng Việt"),
    "nav": ("Điều hướng", "Navigation"),
    "nav.reception": ("Quầy tiếp đón", "Reception"),
    "nav.counter": ("Gọi số", "Calling"),
    "nav.password": ("Đổi mật khẩu", "Change password"),
    "nav.sign_out": ("Đăng xuất", "Sign out"),
    "signed_in_as": ("{name}, {role}", "{name}, {role}"),
    "shortcuts": ("Phím tắt", "Shortcut keys"),
    "role.reception": ("nhân viên tiếp đón", "reception"),
    "role.reception-lead": ("trưởng bộ phận tiếp đón", "reception lead"),
    "role.cashier": ("thu ngân", "cashier"),
    "role.clinician": ("bác sĩ, điều dưỡng", "clinician"),
    "role.technician": ("kỹ thuật viên", "technician"),
    "role.auditor": ("kiểm tra viên", "auditor"),
    "role.administrator": ("quản trị viên", "administrator"),
    "sign_in.title": ("Đăng nhập", "Sign in"),
    "sign_in.lead": ("Dành cho nhân viên bệnh viện.", "For hospital staff."),
    "sign_in.username": ("Tên đăng nhập", "User name"),
    "sign_in.password": ("Mật khẩu", "Password"),
    "sign_in.show": ("Hiện mật khẩu", "Show password"),
    "sign_in.submit": ("Đăng nhập", "Sign in"),
    "sign_in.wrong": (
        "Tên đăng nhập hoặc mật khẩu không đúng. Xin kiểm tra phím Caps Lock và bộ gõ tiếng Việt.",
        "User name or password is not right. Please check Caps Lock and the Vietnamese typing mode.",
    ),
    "sign_in.delayed": (
        "Đã nhập sai nhiều lần. Xin thử lại sau {seconds} giây.",
        "Too many wrong attempts. Please try again in {seconds} seconds.",
    ),
    "sign_in.ended": (
        "Phiên làm việc đã kết thúc. Xin đăng nhập lại.",
        "Your session has ended. Please sign in again.",
    ),
    "home.title": ("Trang của tôi", "My page"),
    "home.nothing": (
        "Vai trò của anh/chị ({role}) chưa có màn hình làm việc ở đây.",
        "There is no working screen for your role ({role}) here yet.",
    ),
    "password.title": ("Đổi mật khẩu", "Change password"),
    "password.current": ("Mật khẩu hiện tại", "Current password"),
    "password.new": ("Mật khẩu mới", "New password"),
    "password.again": ("Nhập lại mật khẩu mới", "New password once more"),
    "password.hint": (
        "Ít nhất 12 ký tự. Một câu dài dễ nhớ tốt hơn ký tự lạ; không dùng tên của mình.",
        "At least 12 characters. A long phrase is better than odd signs; do not use your own name.",
    ),
    "password.submit": ("Đổi mật khẩu", "Change password"),
    "password.after": (
        "Sau khi đổi, mọi máy đang đăng nhập bằng tài khoản này sẽ phải đăng nhập lại.",
        "After the change every machine signed in with this account has to sign in again.",
    ),
    "password.wrong": ("Mật khẩu hiện tại không đúng.", "The current password is not right."),
    "password.differ": ("Hai lần nhập mật khẩu mới không giống nhau.", "The two new passwords are not the same."),
    "password.too-short": ("Mật khẩu mới phải có ít nhất 12 ký tự.", "The new password needs at least 12 characters."),
    "password.too-long": ("Mật khẩu mới có tối đa 128 ký tự.", "The new password may have at most 128 characters."),
    "password.contains-name": (
        "Mật khẩu mới có chứa tên, tên đăng nhập hoặc mã bệnh viện.",
        "The new password contains your name, your user name or the hospital's code.",
    ),
    "password.too-common": ("Mật khẩu mới quá dễ đoán.", "The new password is too easy to guess."),
    "password.done": ("Đã đổi mật khẩu. Xin đăng nhập lại.", "The password was changed. Please sign in again."),
    "error.title": ("Không thực hiện được", "This did not work"),
    "error.401": (
        "Phiên làm việc đã kết thúc. Xin đăng nhập lại.",
        "Your session has ended. Please sign in again.",
    ),
    "error.403": (
        "Tài khoản của anh/chị không có quyền thực hiện việc này.",
        "Your account is not allowed to do this.",
    ),
    "error.403.csrf": (
        "Trang này đã mở quá lâu hoặc được gửi từ nơi khác. Xin tải lại trang rồi làm lại.",
        "This page was open for too long, or was sent from elsewhere. Please reload it and try again.",
    ),
    "error.404": ("Không tìm thấy trang hoặc hồ sơ này.", "There is no such page or record."),
    "error.409": (
        "Có người vừa thay đổi hồ sơ này. Xin xem lại rồi thực hiện lại nếu cần.",
        "Somebody else has just changed this record. Please look again and repeat if it is still needed.",
    ),
    "error.422": ("Yêu cầu này không thể thực hiện.", "This request cannot be carried out."),
    "error.503": (
        "Máy chủ đang bận. Chưa có gì thay đổi; xin thử lại sau ít giây.",
        "The server is busy. Nothing was changed; please try again in a few seconds.",
    ),
    "error.500": (
        "Có lỗi ở máy chủ. Xin báo kỹ thuật viên mã sự cố này.",
        "Something went wrong on the server. Please tell a technician this incident number.",
    ),
    "error.incident": ("Mã sự cố", "Incident"),
    "error.back": ("Về trang chính", "Back to the main page"),
}
