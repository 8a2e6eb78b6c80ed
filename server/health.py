"""Signs of life for whoever watches the service: alive, and ready to work."""

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from server.api import Operation, answer, database, describe
from server.contract.queries import Health
from server.errors import Unavailable
from server.migrations import current_revision, newest_revision

bp = Blueprint("health", __name__)

NEWEST: Final = newest_revision()


@bp.get("/healthz")
@describe(Operation(summary="Whether the process answers", answers={200: Health}, needs_device=False))
def alive() -> ResponseReturnValue:
    return answer(Health())


@bp.get("/readyz")
@describe(
    Operation(
        summary="Whether the database answers and has this program's schema",
        answers={200: Health},
        problems=(503,),
        needs_device=False,
    )
)
def ready() -> ResponseReturnValue:
    with database().reading() as session:
        revision = current_revision(session.connection())
    if revision != NEWEST:
        raise Unavailable("database.schema", f"the schema is {revision or 'empty'}, this program works with {NEWEST}")
    return answer(Health())
