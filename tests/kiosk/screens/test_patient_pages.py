"""The patient's pages as a browser without scripts meets them, and who may talk to them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from kiosk.conversation.view import Language, ScreenView
from kiosk.screens.presentation import SERVICES_AT_ONCE, SERVICES_ON_A_PAGE
from kiosk.session import State
from tests.kiosk.screens.gallery import gallery, services
from tests.kiosk.screens.still_kiosk import StillKiosk

PICTURES = [(language, name) for language in ("vi", "en") for name in gallery("vi")]


def picture(language: Language, name: str) -> ScreenView:
    return gallery(language)[name]


@pytest.mark.parametrize(("language", "name"), PICTURES)
def test_every_picture_is_drawn_in_both_languages(
    kiosk: StillKiosk, client: FlaskClient, language: Language, name: str
) -> None:
    kiosk.shown = picture(language, name)
    page = client.get("/")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert f'data-state="{kiosk.shown.state}"' in page.text
    assert page.text.count("<h1") == 1


def test_the_gallery_shows_every_state() -> None:
    assert {view.state for view in gallery("vi").values()} == set(State)


@pytest.mark.parametrize("name", list(gallery("vi")))
def test_the_screen_alone_is_the_page_without_its_frame(kiosk: StillKiosk, client: FlaskClient, name: str) -> None:
    kiosk.shown = picture("vi", name)
    assert client.get("/screen").text.strip() in client.get("/").text


ACTIONS = [
    ("confirm", {}, ("confirm", None, 7)),
    ("reject", {}, ("reject", None, 7)),
    ("choose", {"service": "noi"}, ("choose", "noi", 7)),
    ("number", {"digits": "12 34-56"}, ("enter_number", "123456", 7)),
    ("show-document", {}, ("show_document", None, 7)),
    ("type-document", {}, ("type_document", None, 7)),
    ("document", {"digits": "pa 0174-263\u0663"}, ("enter_field", "PA0174263", 7)),
    ("previous-field", {}, ("previous_field", None, 7)),
    ("skip-chip", {}, ("skip_chip", None, 7)),
    ("try-again", {}, ("try_again", None, 7)),
    ("start-over", {}, ("start_over", None, 7)),
    ("call-staff", {}, ("call_staff", None, 7)),
    ("still-here", {}, ("still_here", None, 7)),
    ("language", {"language": "en"}, ("set_language", "en", 7)),
    ("language", {"language": "xx"}, ("set_language", "vi", 7)),
]


@pytest.mark.parametrize(("path", "fields", "touch"), ACTIONS)
def test_a_form_asks_the_kiosk_and_leads_home(
    kiosk: StillKiosk,
    client: FlaskClient,
    token: str,
    path: str,
    fields: dict[str, str],
    touch: tuple[str, str | None, int],
) -> None:
    answer = client.post(f"/{path}", data={"token": token, "revision": "7", **fields})
    assert (answer.status_code, answer.location) == (303, "/")
    assert kiosk.touches == [touch]


def test_the_pages_script_is_led_to_the_screen_alone(client: FlaskClient, token: str) -> None:
    answer = client.post("/confirm", data={"token": token, "revision": "7"}, headers={"X-Tiepdon-Screen": "1"})
    assert answer.location == "/screen"


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 40, "٣"])
def test_a_form_without_a_revision_names_a_picture_nobody_saw(
    kiosk: StillKiosk, client: FlaskClient, token: str, revision: str
) -> None:
    client.post("/confirm", data={"token": token, "revision": revision})
    assert kiosk.touches == [("confirm", None, -1)]


@pytest.mark.parametrize("path", [path for path, _, _ in ACTIONS])
def test_looking_at_an_action_does_nothing(kiosk: StillKiosk, client: FlaskClient, path: str) -> None:
    assert client.get(f"/{path}").status_code == 405
    assert kiosk.touches == []


def test_digits_can_be_typed_without_scripts(kiosk: StillKiosk, client: FlaskClient, token: str) -> None:
    kiosk.shown = picture("vi", "asking-number")
    digits = ""
    for key in ("1", "2", "delete", "9", "0", "5", "6", "7", "8"):
        page = client.post("/number/key", data={"token": token, "revision": "1", "digits": digits, "key": key})
        digits = _hidden(page.text, "digits")
    assert digits == "190567"  # the eighth digit has no room


@pytest.mark.parametrize(
    ("name", "typed"), [("asking-number", "190"), ("typing a number", "PA01"), ("typing-appointment", "4821")]
)
def test_what_was_typed_without_scripts_outlives_another_language(
    kiosk: StillKiosk, client: FlaskClient, token: str, name: str, typed: str
) -> None:
    kiosk.shown = picture("vi", name)
    key = {"asking-number": "number", "typing a number": "document", "typing-appointment": "appointment"}[name]
    page = client.post(f"/{key}/key", data={"token": token, "revision": "1", "digits": typed[:-1], "key": typed[-1]})
    form = page.text[page.text.index('action="/language"') :]
    assert _hidden(form, "digits") == typed
    page = client.post("/language", data={"token": token, "revision": "1", "language": "en", "digits": typed})
    assert _hidden(page.text, "digits") == typed
    assert kiosk.touches[-1] == ("set_language", "en", 1)


def test_digits_without_a_key_pad_are_dropped(kiosk: StillKiosk, client: FlaskClient, token: str) -> None:
    kiosk.shown = picture("vi", "confirming proved")
    answer = client.post("/language", data={"token": token, "revision": "1", "language": "en", "digits": "190"})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_documents_number_can_be_typed_without_scripts(kiosk: StillKiosk, client: FlaskClient, token: str) -> None:
    kiosk.shown = picture("vi", "typing a number")
    digits = ""
    for key in (*"PA01", "delete", *"174263999999", "<"):
        page = client.post("/document/key", data={"token": token, "revision": "1", "digits": digits, "key": key})
        digits = _hidden(page.text, "digits")
    assert digits == "PA0174263999"  # a card's twelve digits are the most there is room for


def test_a_letters_short_code_can_be_typed_without_scripts(kiosk: StillKiosk, client: FlaskClient, token: str) -> None:
    kiosk.shown = picture("vi", "typing-appointment")
    digits = ""
    for key in (*"4821093722", "delete", *"2259", "A"):
        page = client.post("/appointment/key", data={"token": token, "revision": "1", "digits": digits, "key": key})
        digits = _hidden(page.text, "digits")
    assert digits == "48210937222"[:10] + "2"  # eleven digits are the most there is room for
    client.post("/appointment", data={"token": token, "revision": "1", "digits": digits})
    assert kiosk.touches[-1] == ("enter_appointment", digits, 1)


def test_a_key_of_a_page_that_is_gone_shows_what_is_so_now(client: FlaskClient, token: str) -> None:
    answer = client.post("/number/key", data={"token": token, "revision": "1", "key": "1"})
    assert (answer.status_code, answer.location) == (303, "/")


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


def test_more_clinics_than_fit_are_turned_by_pages(kiosk: StillKiosk, client: FlaskClient) -> None:
    kiosk.shown = picture("vi", "choosing of twelve")
    first, second, beyond = (client.get(address).text for address in ("/", "/?page=2", "/?page=99"))
    assert first.count('name="service"') == second.count('name="service"') == SERVICES_ON_A_PAGE
    assert 'href="/?page=2"' in first
    assert 'href="/?page=1"' in second
    assert 'data-query="?page=2"' in beyond


def test_eight_clinics_fit_one_page(kiosk: StillKiosk, client: FlaskClient) -> None:
    kiosk.shown = replace(picture("vi", "choosing"), services=services("vi", count=SERVICES_AT_ONCE))
    page = client.get("/").text
    assert page.count('name="service"') == SERVICES_AT_ONCE
    assert "?page=" not in page


@pytest.mark.parametrize(
    ("name", "shown", "hidden"),
    [
        ("welcome", ("Put your ID card", "Or hold a QR code"), ("out of",)),
        ("welcome without reader", ("Hold your card’s QR code", "Card reader out of use"), ("Put your ID card",)),
        ("welcome without scanner", ("Put your ID card", "Scanner out of use"), ("hold a QR code",)),
        ("welcome without reader and scanner", ("This machine is out of service",), ("Put your ID card", "QR code")),
    ],
)
def test_the_first_page_offers_the_ways_in_that_work(
    kiosk: StillKiosk, client: FlaskClient, name: str, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    kiosk.shown = picture("en", name)
    page = client.get("/").text
    assert [words for words in shown if words not in page] == []
    assert [words for words in hidden if words in page] == []


def test_a_page_without_scripts_renews_itself_but_never_while_digits_are_typed(
    kiosk: StillKiosk, client: FlaskClient
) -> None:
    renewing = {}
    for name, view in gallery("vi").items():
        kiosk.shown = view
        renewing[name] = 'http-equiv="refresh"' in client.get("/").text
    typing = [name for name in renewing if name.startswith(("asking-number", "typing"))]
    assert len(typing) >= 5
    assert not any(renewing.pop(name) for name in typing)
    assert all(renewing.values())


class TestGuard:
    @pytest.fixture(autouse=True)
    def _nothing_is_done(self, kiosk: StillKiosk) -> Iterator[None]:
        yield
        assert kiosk.touches == []

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:8000"},  # the server's pages are another origin than the kiosk's
        ],
    )
    def test_a_form_of_another_page_is_refused(self, client: FlaskClient, token: str, headers: dict[str, str]) -> None:
        answer = client.post("/confirm", data={"token": token, "revision": "7"}, headers=headers)
        assert answer.status_code == 403

    @pytest.mark.parametrize("token_sent", ["", "x", "ä"])
    def test_a_form_from_before_a_restart_leads_home(self, client: FlaskClient, token_sent: str) -> None:
        answer = client.post("/confirm", data={"token": token_sent, "revision": "7"})
        assert (answer.status_code, answer.location) == (303, "/")

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "kiosk.local"])
    def test_a_foreign_host_name_is_refused(self, client: FlaskClient, host: str) -> None:
        assert client.get("/", headers={"Host": host}).status_code == 400

    def test_a_form_of_enormous_size_is_refused(self, client: FlaskClient, token: str) -> None:
        answer = client.post("/number", data={"token": token, "revision": "7", "digits": "1" * 1_000_000})
        assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/screen"])
def test_pages_leave_no_trace_and_take_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


def test_the_first_page_clears_what_a_mistake_may_have_stored(client: FlaskClient) -> None:
    assert client.get("/").headers["Clear-Site-Data"] == '"storage"'


@pytest.mark.parametrize("name", list(gallery("vi")))
def test_no_page_needs_inline_code_or_another_host(kiosk: StillKiosk, client: FlaskClient, name: str) -> None:
    kiosk.shown = picture("vi", name)
    page = client.get("/").text
    for forbidden in ("<style", " style=", "onclick=", "javascript:", "http://", "https://", "<script>"):
        assert forbidden not in page


def test_a_name_is_text_whatever_stands_in_it(kiosk: StillKiosk, client: FlaskClient) -> None:
    view = picture("vi", "confirming proved")
    assert view.person is not None
    kiosk.shown = replace(view, person=replace(view.person, name="<b>N. & Đ.</b>"))
    assert "&lt;b&gt;N. &amp; Đ.&lt;/b&gt;" in client.get("/").text


@pytest.fixture
def _short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.screens.events.KEEP_ALIVE_S", 0.01)


@pytest.mark.usefixtures("_short_silence")
def test_the_event_stream_tells_a_new_revision(kiosk: StillKiosk, client: FlaskClient) -> None:
    stream = client.get("/events?after=6").iter_encoded()
    assert next(stream) == b"retry: 1000\n\n"
    assert next(stream) == b'id: 7\ndata: {"revision": 7}\n\n'
    assert next(stream) == b": still here\n\n"


@pytest.mark.usefixtures("_short_silence")
def test_a_browser_that_comes_back_goes_on_after_what_it_saw(client: FlaskClient) -> None:
    stream = client.get("/events?after=1", headers={"Last-Event-ID": "7"}).iter_encoded()
    next(stream)
    assert next(stream) == b": still here\n\n"


def test_streams_are_counted_and_given_back(client: FlaskClient) -> None:
    held = [client.get("/events?after=7") for _ in range(8)]
    assert {answer.status_code for answer in held} == {200}
    assert client.get("/events?after=7").status_code == 503
    held[0].close()
    held[0].close()
    again = client.get("/events?after=7")
    assert again.status_code == 200
    assert client.get("/events?after=7").status_code == 503
    for answer in (again, *held[1:]):
        answer.close()
