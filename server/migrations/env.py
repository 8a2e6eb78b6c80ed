"""Run by Alembic, on the connection it is given."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from server.db import UtcDateTime
from server.models import Base


def render_plainly(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:
    """Write a step with SQLAlchemy's own types: it must mean the same when our classes have changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change a column in place
    render_item=render_plainly,
    transaction_per_migration=False,
)
context.run_migrations()
