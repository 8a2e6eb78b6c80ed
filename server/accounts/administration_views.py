"""The administrator's pages: accounts of the facility, where they are signed in, and tokens of other systems."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from server.accounts import administration, second_factor, security_keys, service, sessions, tokens
from server.accounts.administration_texts import TEXTS
from server.accounts.models import User
from server.accounts.passwords import make_password
from server.accounts.roles import Role
from server.accounts.tokens import Scope
from server.api import clock, database
from server.errors import Conflict, Refused, ServerError
from server.forms import read_id
from server.pages import make_area, texts
from server.presenting import written_moment
from server.security import signed_in

bp = make_area("staff", __name__, TEXTS, url_prefix="/staff")

TOKEN_LIVES_DAYS: Final = (90, 365)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)


class NewAccount(_Form):
    username: Annotated[str, Field(max_length=64)]
    full_name: Annotated[str, Field(min_length=2, max_length=200)]
    role: Role


class NewRole(_Form):
    role: Role


class NewFacility(_Form):
    facility: Annotated[str, Field(min_length=1, max_length=10)]


class NewSystem(_Form):
    name: Annotated[str, Field(max_length=100)]
    scopes: tuple[Scope, ...]
    lives_days: Annotated[int, Field(ge=1, le=365)] = TOKEN_LIVES_DAYS[0]


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {"when": written_moment, "has_lapsed": _has_lapsed, "roles": list(Role), "scopes": list(Scope)}


@bp.get("")
def accounts() -> ResponseReturnValue:
    with database().reading() as session:
        found = administration.list_users_of(session, facility=signed_in().facility)
        with_factor = second_factor.enrolled_among(session, [user.id for user in found])
    moved = request.args.get("moved", "")[:64]
    return render_template("staff/accounts.html", users=found, with_factor=with_factor, moved=moved)


@bp.get("/new")
def new_account() -> ResponseReturnValue:
    return render_template("staff/new.html", form=None, mistake=None)


@bp.post("/new")
def add_account() -> ResponseReturnValue:
    """Add an account with a password for one use, shown now and never again."""
    staff = signed_in()
    password = make_password()
    try:
        form = NewAccount.model_validate(request.form.to_dict())
        with database().begin() as session:
            user = service.add_user(
                session,
                username=form.username,
                full_name=form.full_name,
                role=form.role,
                password=password,
                facility=staff.facility,
                now=clock().now(),
                by=f"staff:{staff.username}",
                one_time=True,
            )
    except (ValidationError, Refused, Conflict) as error:
        page = render_template("staff/new.html", form=request.form, mistake=_mistake(error))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("staff/password.html", user=user, password=password), HTTPStatus.CREATED


@bp.get("/<uuid:user_id>")
def account(user_id: UUID) -> ResponseReturnValue:
    done = request.args.get("done", "")
    return _account_page(user_id, notice=f"done.{done}" if texts().has(f"done.{done}") else None)


@bp.post("/<uuid:user_id>/role")
def change_role(user_id: UUID) -> ResponseReturnValue:
    def work(session: Session, user: User, by: str, now: datetime) -> None:
        form = NewRole.model_validate(request.form.to_dict())
        administration.change_role(session, user, form.role, now=now, by=by)

    return _act(user_id, "role", work)


@bp.post("/<uuid:user_id>/facility")
def move(user_id: UUID) -> ResponseReturnValue:
    """Hand an account over to another hospital; it is no longer ours to look at."""

    def work(session: Session, user: User, by: str, now: datetime) -> None:
        form = NewFacility.model_validate(request.form.to_dict())
        administration.move_user(session, user, form.facility, now=now, by=by)

    try:
        user = _carry_out(user_id, work)
    except (ValidationError, Refused) as error:
        return _account_page(user_id, mistake=_mistake(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("staff.accounts", moved=user.username), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:user_id>/password")
def reset_password(user_id: UUID) -> ResponseReturnValue:
    """Give an account a password for one use, shown now and never again, and end its sessions."""
    password = make_password()

    def work(session: Session, user: User, by: str, now: datetime) -> None:
        service.set_password(session, user, password, now=now, by=by, one_time=True)

    user = _carry_out(user_id, work)
    return render_template("staff/password.html", user=user, password=password)


@bp.post("/<uuid:user_id>/second-factor")
def reset_second_factor(user_id: UUID) -> ResponseReturnValue:
    """Take the second factor of a lost phone away; the person sets up a new one after signing in."""

    def work(session: Session, user: User, by: str, now: datetime) -> None:
        second_factor.remove(session, user, by=by, now=now)
        sessions.end_sessions(session, user)

    return _act(user_id, "factor", work)


@bp.post("/<uuid:user_id>/keys/<uuid:key_id>/remove")
def remove_key(user_id: UUID, key_id: UUID) -> ResponseReturnValue:
    """Take a lost security key away; app, recovery codes and other keys go on opening."""

    def work(session: Session, user: User, by: str, now: datetime) -> None:
        security_keys.remove_key(session, user.id, key_id, by=by, now=now)
        sessions.end_sessions(session, user)

    return _act(user_id, "key", work)


@bp.post("/<uuid:user_id>/disable")
def disable(user_id: UUID) -> ResponseReturnValue:
    return _act(user_id, "disabled", lambda session, user, by, now: service.disable_user(session, user, now=now, by=by))


@bp.post("/<uuid:user_id>/enable")
def enable(user_id: UUID) -> ResponseReturnValue:
    def work(session: Session, user: User, by: str, now: datetime) -> None:
        administration.enable_user(session, user, now=now, by=by)

    return _act(user_id, "enabled", work, may_be_self=True)


@bp.post("/<uuid:user_id>/sessions/end")
def end_sessions(user_id: UUID) -> ResponseReturnValue:
    """Sign an account out everywhere, or in the one browser that ``session`` names."""
    named = request.form.get("session", "")

    def work(session: Session, user: User, by: str, now: datetime) -> None:
        if named:
            administration.end_session(session, user, read_id(named), now=now, by=by)
        else:
            sessions.end_sessions(session, user)
            service.note(session, "staff.sessions-ended", user.id, by=by, now=now)

    return _act(user_id, "ended", work)


@bp.get("/systems")
def systems() -> ResponseReturnValue:
    return _systems_page()


@bp.post("/systems")
def add_system() -> ResponseReturnValue:
    """Give another system a token, shown now and never again."""
    staff, now = signed_in(), clock().now()
    try:
        form = NewSystem.model_validate(request.form.to_dict() | {"scopes": request.form.getlist("scopes")})
        with database().begin() as session:
            row, token = tokens.create_token(
                session,
                facility=staff.facility,
                name=form.name,
                scopes=form.scopes,
                by=staff.username,
                now=now,
                expires_at=now + timedelta(days=form.lives_days),
            )
    except (ValidationError, Refused, Conflict) as error:
        return _systems_page(_mistake(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    is_display = Scope.CALLS_SPEAK.value in row.scopes
    address = url_for("board.display", area="all", facility=row.facility_code, _external=True, _anchor=f"key={token}")
    page = render_template("staff/token.html", row=row, token=token, display_address=address if is_display else None)
    return page, HTTPStatus.CREATED


@bp.post("/systems/<uuid:token_id>/revoke")
def revoke_system(token_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        tokens.revoke_token(session, token_id, facility=staff.facility, by=staff.username, now=clock().now())
    return redirect(url_for("staff.systems"), HTTPStatus.SEE_OTHER)


Work = Callable[[Session, User, str, datetime], None]


def _act(user_id: UUID, done: str, work: Work, *, may_be_self: bool = False) -> ResponseReturnValue:
    try:
        _carry_out(user_id, work, may_be_self=may_be_self)
    except (ValidationError, Refused) as error:
        return _account_page(user_id, mistake=_mistake(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("staff.account", user_id=user_id, done=done), HTTPStatus.SEE_OTHER)


def _carry_out(user_id: UUID, work: Work, *, may_be_self: bool = False) -> User:
    staff = signed_in()
    with database().begin() as session:
        user = administration.get_user_of(session, user_id, facility=staff.facility, to_change=True)
        if user.id == staff.user_id and not may_be_self:
            raise Refused("account.self", "one's own account is kept on one's own pages")
        work(session, user, f"staff:{staff.username}", clock().now())
    return user


def _account_page(user_id: UUID, *, notice: str | None = None, mistake: str | None = None) -> str:
    staff, now = signed_in(), clock().now()
    with database().reading() as session:
        user = administration.get_user_of(session, user_id, facility=staff.facility)
        return render_template(
            "staff/account.html",
            user=user,
            has_factor=second_factor.is_enrolled(session, user.id),
            codes_left=second_factor.recovery_codes_left(session, user.id),
            keys=security_keys.list_keys(session, user.id),
            sessions=administration.list_sessions(session, user.id, now=now, limits=staff.limits),
            is_self=user.id == staff.user_id,
            own_session=staff.session_id,
            others=administration.other_facilities(session, staff.facility),
            notice=texts()(notice) if notice else None,
            mistake=mistake,
        )


def _systems_page(mistake: str | None = None) -> str:
    with database().reading() as session:
        found = tokens.list_tokens(session, facility=signed_in().facility)
    return render_template(
        "staff/systems.html", tokens=found, mistake=mistake, lives_days=TOKEN_LIVES_DAYS, now=clock().now()
    )


def _has_lapsed(user: User) -> bool:
    return service.has_lapsed(user, clock().now())


def _mistake(error: ServerError | ValidationError) -> str:
    code = f"refusal.{error.code}" if isinstance(error, ServerError) else "refusal.form"
    return texts()(code if texts().has(code) else "refusal.form")
