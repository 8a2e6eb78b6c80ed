"""Priority, second thoughts and slips at the counter, the rule for all, and calls that are spoken."""

from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import Kiosk
from tests.e2e.eyes import assert_accessible
from tests.e2e.hospital import CHROMIUM, LIVE_LIMIT_MS, Hospital
from tests.e2e.staff_pages import open_page
from tests.e2e.test_counter_browser import call_next, call_until, open_counter


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
    page = open_page(browser, server, "reception-lead", "/queues/rule")
    page.locator("#ordinary").fill("3")
    page.locator("#reason").fill("Buổi sáng ít người ưu tiên")
    page.get_by_role("button", name="Áp dụng từ bây giờ").click()
    expect(page.get_by_text("Đang áp dụng: 1 người ưu tiên, rồi 3 người thường.")).to_be_visible()
    page.screenshot(path=screenshots / "rule.png", full_page=True)
    assert_accessible(page)
    page.goto(f"{server.server_url}/board/all")
    expect(page.get_by_text("cứ 1 người ưu tiên thì 3 người thường")).to_be_visible()
    page.context.close()


LISTEN = """
window.heard = [];  // [begin, end] of every piece, in seconds on the clock of the page's sound
window.turns = [];  // [since, until, number] of each call that is spoken, in milliseconds since 1970
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  heard.push([at, at + this.buffer.duration]);
  return start.call(this, at);
};
new MutationObserver(() => {
  const number = document.querySelector(".latest.speaking .latest-number")?.textContent;
  const last = turns.at(-1);
  if (last && !last[1] && last[2] !== number) last[1] = Date.now();
  if (number && (!last || last[1])) turns.push([Date.now(), null, number]);
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
"""


def test_two_calls_are_spoken_one_after_the_other_by_displays_that_nobody_touched(
    browser: Browser, server: Hospital, kiosk: Kiosk
) -> None:
    server.command("tiepdon-server", "speech", "render")
    kiosk.register("Phạm Thị Nghe")
    kiosk.register("Phạm Văn Nghe")
    # As deploy/systemd/tiepdon-board.service starts it.
    speaking = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
    )
    fetched: list[int] = []
    displays = [speaking.new_page(), speaking.new_page()]
    for display in displays:
        display.add_init_script(LISTEN)
        display.on("response", lambda answer: fetched.append(answer.status) if "/board/speech/" in answer.url else None)
        display.goto(f"{server.server_url}/board/all")
        expect(display.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
        expect(display.locator("#sound")).to_be_hidden()
        display.evaluate("document.getElementById('board').dataset.times = 1")
    counters = [open_counter(browser, server, place=place) for place in (0, 1)]
    for counter in counters:
        call_next(counter)
    labels = [counter.locator(".now-number").inner_text() for counter in counters]
    for _ in range(2 * LIVE_LIMIT_MS // 100):
        spoken = [int(display.locator("#board").get_attribute("data-spoken") or 0) for display in displays]
        if sum(spoken) == 2:
            break
        displays[0].wait_for_timeout(100)
    # By the same display; a busy machine may take so long between the two that the other one takes over.
    turns = sorted(turn for display in displays for turn in display.evaluate("turns"))
    assert [number for *_, number in turns] == labels
    assert all(before[1] <= after[0] for before, after in pairwise(turns))
    for display in displays:
        heard = display.evaluate("heard")
        assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(heard))
    # "Mời số", a letter and three digits, "đến phòng", at least two digits
    assert sum(len(display.evaluate("heard")) for display in displays) >= 2 * 8
    assert set(fetched) == {200}
    assert len(fetched) >= 5  # a digit said twice is fetched once
    for page in (*displays, *counters):
        page.context.close()
    speaking.close()
