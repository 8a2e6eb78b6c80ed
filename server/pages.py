"""What every page for people shares: its language, its words, its address for static files, its error page."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Flask, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from server.accounts.texts import TEXTS as FRAME_TEXTS
from server.api import refuse_http
from server.errors import ServerError
from server.incident import record
from server.presenting import clock_time, day_and_time, written_date, written_moment
from server.shared_texts import SHARED
from server.texts import LANGUAGES, Catalogue, Language, Texts, combined

log = logging.getLogger(__name__)

LANGUAGE_COOKIE: Final = "tiepdon-language"


def texts() -> Texts:
    """Return the words of this request's page."""
    found: Texts | None = g.get("texts")
    return found if found is not None else Texts(page_language(), FRAME_TEXTS)


def page_language() -> Language:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return next((language for language in LANGUAGES if language == chosen), "vi")


def refusal(error: ServerError) -> str:
    """Return the code of the page's words for what a service refused; general ones where it has none of its own."""
    code = f"refusal.{error.code}"
    return code if texts().has(code) else "error.422"


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPStatus.NOT_FOUND, _not_found)
    app.context_processor(lambda: {"t": texts(), "asset": _asset})
    app.jinja_env.globals.update(
        clock_time=clock_time, day_and_time=day_and_time, written_date=written_date, written_moment=written_moment
    )


def make_area(
    name: str, import_name: str, *catalogues: Catalogue, url_prefix: str | None = None, menu: str | None = None
) -> Blueprint:
    """Return the blueprint of an area of pages, with its words and with error pages instead of problem documents.

    ``menu`` names the entry of the staff's menu that is marked on its pages, where that is another area's. Raises
    ValueError when a text would hide another one; only the shared words may be said differently in an area.
    """
    area = Blueprint(name, import_name, url_prefix=url_prefix)
    area.context_processor(lambda: {"area": menu or name})
    area.before_request(_begin_look)
    area.teardown_request(_end_look)
    area.before_request(_choose_words({**SHARED, **combined(*catalogues, FRAME_TEXTS)}))
    area.register_error_handler(ServerError, _refused)
    area.register_error_handler(HTTPException, _http_error)
    area.register_error_handler(Exception, _failed)
    return area


def _begin_look() -> None:
    current_app.extensions["right_of_way"].begin_look()
    g.is_looking = True


def _end_look(_: BaseException | None) -> None:
    if g.pop("is_looking", False):
        current_app.extensions["right_of_way"].end_look()


def _choose_words(catalogue: Catalogue) -> Callable[[], None]:
    def choose() -> None:
        g.texts = Texts(page_language(), catalogue)

    return choose


def _asset(filename: str) -> str:
    return url_for("static", filename=filename)


def _refused(error: ServerError) -> ResponseReturnValue:
    specific = f"error.{error.status}.{error.code.partition('.')[0]}"
    return _error_page(specific if specific in FRAME_TEXTS else f"error.{error.status}", error.status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error  # a redirect raised as an exception
    code = f"error.{error.code}"
    return _error_page(code if code in FRAME_TEXTS else "error.422", error.code)


def _not_found(error: HTTPException) -> ResponseReturnValue:
    """Answer for an address that is nobody's: with a page where people ask, who mistype and keep old bookmarks."""
    is_in_area = "texts" in g  # this handler is found before an area's own, which is for every status
    prefers_page = request.accept_mimetypes["text/html"] > request.accept_mimetypes["application/json"]
    return _http_error(error) if is_in_area or prefers_page else refuse_http(error)


def _failed(error: Exception) -> ResponseReturnValue:
    incident = record(log, error, request.endpoint)
    return _error_page("error.500", 500, incident=incident)


def _error_page(code: str, status: int, *, incident: str | None = None) -> ResponseReturnValue:
    t = Texts(page_language(), FRAME_TEXTS)
    return render_template("shared/error.html", t=t, message=t(code), incident=incident), status
