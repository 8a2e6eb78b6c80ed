"""Priority, second thoughts and slips at the counter, the rule for all, and calls that are spoken."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import CHROMIUM, Hospital
from tests.e2e.eyes import assert_accessible
from tests.e2e.test_counter_browser import call_next, call_until, open_counter
from tests.e2e.test_reception_browser import LIVE_LIMIT_MS, Kiosk, account, kiosk, server

__all__ = ["kiosk", "server"]  # fixtures


def test_a_mistaken_key_is_undone_and_a_scanned_slip_is_back_in_line(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    first, second = kiosk.register("Trần Văn Nhầm"), kiosk.register("Trần Văn Sau")
    slip = kiosk.last_visit_code
    counter = open_counter(browser, server)
    call_until(counter, first)
    counter.keyboard.press("n")
    expect(counter.locator(".now-number")).to_have_text(second)
    counter.keyboard.press("z")
    expect(counter.locator(".now-number")).to_have_text(first)
    expect(counter.locator(".people").first).to_contain_text(second)
    counter.keyboard.press("n")
    expect(counter.locator(".now-number")).to_have_text(second)
    counter.keyboard.press("m")
    expect(counter.locator("#missed-title")).to_contain_text("(1)")
    counter.locator("#slip-code").fill(f"https://kham.example/t/{slip.lower()}")
    counter.locator("#slip-code").press("Enter")
    expect(counter.get_by_role("alert")).to_contain_text(f"Số {second} đã vào lại hàng chờ")
    expect(counter.locator("#slip-code")).to_have_value("")
    counter.keyboard.press("Escape")
    counter.locator("h1").click()
    counter.keyboard.press("n")
    counter.locator("#send summary").click()
    counter.set_viewport_size({"width": 1366, "height": 768})
    counter.screenshot(path=screenshots / "counter-send.png", full_page=True)
    assert_accessible(counter)
    counter.context.close()


def test_staff_confirm_a_ground_at_the_counter_and_it_counts(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    kiosk.register("Lê Thị Trước")
    label = kiosk.register("Lê Thị Thai", declared=["pregnancy"])
    counter = open_counter(browser, server)
    row = counter.locator(".people li", has_text=label)
    expect(row).to_contain_text("Khai: Phụ nữ mang thai", timeout=LIVE_LIMIT_MS)
    row.get_by_role("link").click()
    counter.set_viewport_size({"width": 1366, "height": 768})
    counter.screenshot(path=screenshots / "priority-of-a-number.png", full_page=True)
    assert_accessible(counter)
    counter.get_by_role("button", name="Xác nhận", exact=True).first.click()
    expect(counter.get_by_text("Đang được gọi theo diện")).to_contain_text("Phụ nữ mang thai")
    counter.get_by_role("link", name="Quay lại").click()
    expect(counter.locator(".people li", has_text=label)).to_contain_text("★ Phụ nữ mang thai")
    expect(counter.locator(".people li").first).to_contain_text(label)
    counter.context.close()


def test_the_rule_is_changed_with_a_reason_and_shown(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN").new_page()
    page.goto(f"{server.server_url}/queues/rule")
    username, password = account(server, "reception-lead")
    page.locator("#username").fill(username)
    page.locator("#password").fill(password)
    page.keyboard.press("Enter")
    page.locator("#ordinary").fill("3")
    page.locator("#reason").fill("Buổi sáng ít người ưu tiên")
    page.get_by_role("button", name="Áp dụng từ bây giờ").click()
    expect(page.get_by_text("Đang áp dụng: 1 người ưu tiên, rồi 3 người thường.")).to_be_visible()
    page.screenshot(path=screenshots / "rule.png", full_page=True)
    assert_accessible(page)
    page.goto(f"{server.server_url}/board/all")
    expect(page.get_by_text("cứ 1 người ưu tiên thì 3 người thường")).to_be_visible()
    page.context.close()


def test_a_call_is_spoken_by_one_display_of_the_hall_without_anybody_touching_it(
    browser: Browser, server: Hospital, kiosk: Kiosk
) -> None:
    server.command("tiepdon-server", "speech", "render")
    kiosk.register("Phạm Thị Nghe")
    # As deploy/systemd/tiepdon-board.service starts it.
    speaking = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
    )
    fetched: list[int] = []
    displays = [speaking.new_page(), speaking.new_page()]
    for display in displays:
        display.on("response", lambda answer: fetched.append(answer.status) if "/board/speech/" in answer.url else None)
        display.goto(f"{server.server_url}/board/all")
        expect(display.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
        expect(display.locator("#sound")).to_be_hidden()
        display.evaluate("document.getElementById('board').dataset.times = 1")
    counter = open_counter(browser, server)
    call_next(counter)
    label = counter.locator(".now-number").inner_text()
    for display in displays:
        expect(display.locator(".latest-number")).to_have_text(label, timeout=LIVE_LIMIT_MS)
    spoken: list[str | None] = []
    for _ in range(LIVE_LIMIT_MS // 100):
        spoken = [display.locator("#board").get_attribute("data-spoken") for display in displays]
        if any(spoken):
            break
        displays[0].wait_for_timeout(100)
    assert sorted(spoken, key=str) == ["1", None]
    assert set(fetched) == {200}
    assert len(fetched) >= 5  # "Mời số", the letter, digits, "đến phòng"; a digit said twice is fetched once
    for page in (*displays, counter):
        page.context.close()
    speaking.close()
