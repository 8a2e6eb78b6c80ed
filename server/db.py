"""The two databases, and what a transaction is on each; ``server.engines`` opens their connections.

SQLite is the embedded default, PostgreSQL 15+ is production. The rest of the server writes SQL both run.

A transaction is begun as what it is: ``Database.begin`` writes, ``Database.reading`` cannot. On SQLite the writer takes
its lock at the start (``BEGIN IMMEDIATE``): a transaction that reads first and asks for the lock later can only fail.
There readers and writers have connections of their own: ``PRAGMA query_only`` expires every compiled statement of a
connection, and compiling them all anew at each switch took a quarter of the computing of a registration.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, Final, TypeVar, TypeVarTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.orm.attributes import manager_of_class
from sqlalchemy.orm.exc import StaleDataError

from server.engines import LOOKS_UP, DatabaseUnfit, driver_of, postgresql_engine, sqlite_engine
from server.errors import RequestInProgress, Unavailable
from server.prepared import Prepared

T = TypeVar("T")
Columns = TypeVarTuple("Columns")

ATTEMPTS: Final = 12
"""How often a transaction that lost a race is begun anew; each loss means that another one won."""

_MIGRATION_LOCK: Final = 0x54494550444F4E  # "TIEPDON"
_TURNS: Final = 0x54494550444F4F  # any number that is nobody else's
_LOCK: Final = Prepared(sa.select(sa.func.pg_advisory_xact_lock(sa.bindparam("number", type_=sa.BigInteger()))))


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC instant on both databases; SQLite has no such type and would give naive values back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables: typed columns, constraints with names that migrations can refer to."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy as it stands
        datetime: UtcDateTime(),
        UUID: sa.Uuid(),
        StrEnum: sa.Enum(
            StrEnum,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda e: [m.value for m in e],
        ),
    }


R = TypeVar("R", bound=Base)


class Database:
    """One database and its connections; made once per process, shared by its threads.

    ``wait_s`` bounds every wait: for a lock, for a free connection. A transaction that waited longer raises
    Unavailable and has done nothing.
    """

    def __init__(self, url: str | URL, *, connections: int = 8, wait_s: float = 3.0) -> None:
        self.url = make_url(url)
        self.kind = self.url.get_backend_name()
        self._wait_s = wait_s
        if self.kind == "postgresql":
            self.engine = self._reading_engine = postgresql_engine(self.url, connections, wait_s)
            reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
        else:
            self.engine = sqlite_engine(self.url, connections, wait_s, writes=True)
            self._reading_engine = sqlite_engine(self.url, connections, wait_s, writes=False)
            reading, alone = {}, {LOOKS_UP: True}
        self._looking_up = self._reading_engine.execution_options(**alone)
        self.session_factory = sessionmaker(self.engine, expire_on_commit=False)
        reading_engine = self._reading_engine.execution_options(**reading)
        self._reading_factory = sessionmaker(reading_engine, expire_on_commit=False, autoflush=False)
        # SQLite lets one writer in and has the others look again and again. The threads of one process queue here
        # instead, so that only whole processes compete.
        self._one_writer = threading.Lock() if self.kind == "sqlite" else None

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Return all engines, for whoever watches what is executed: ``engine`` writes, a further one only reads."""
        return tuple(dict.fromkeys((self.engine, self._reading_engine)))

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Run the block as one writing transaction: committed at its end, rolled back if it raises."""
        if self._one_writer is not None and not self._one_writer.acquire(timeout=self._wait_s):
            raise Unavailable("database.busy", "no lock within the time limit")
        try:
            with _translated(), self.session_factory.begin() as session:
                session.connection()  # take the lock now, not with the first statement
                yield session
        finally:
            if self._one_writer is not None:
                self._one_writer.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Run the block on one unchanging view of the data; nothing can be written in it."""
        with _translated(), self._reading_factory() as session:
            yield session

    def look_up(self, query: sa.Select[*Columns], values: Mapping[str, object]) -> list[tuple[*Columns]]:
        """Return all rows of one query, asked by itself: a third of the round trips of a transaction.

        ``query`` is one that stays, made once for all.
        """
        with _translated(), self._looking_up.connect() as connection:
            return _prepared(query).all_on(connection, values)

    def transact(self, work: Callable[[Session], T]) -> T:
        """Return the result of ``work`` in a writing transaction, begun anew when another one was faster.

        ``work`` must have no effect outside the database. A constraint that still fails at the last attempt is raised.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                with self.begin() as session:
                    return work(session)
            except DBAPIError as error:
                if not is_lost_race(error):
                    raise
            except StaleDataError:
                continue  # a row with a version was changed by another one in between
        with self.begin() as session:
            return work(session)

    def check(self) -> None:
        """Ask the database for a sign of life; raises Unavailable, DatabaseUnfit."""
        with _translated(), self._reading_engine.connect() as connection:
            connection.execute(sa.select(1))

    def close(self) -> None:
        for engine in self.engines:
            engine.dispose()


def is_lost_race(error: DBAPIError) -> bool:
    """Whether the transaction failed because another one was faster, so that a new attempt sees its result.

    A unique constraint counts: the row that stood in the way is visible to the next attempt.
    """
    state = _sqlstate(error)
    if state:
        return state in {"23505", "40001", "40P01"}  # unique_violation, serialization_failure, deadlock_detected
    return isinstance(error, IntegrityError) and "UNIQUE constraint failed" in str(error.orig)


def insert(kind: str, table: type[Base]) -> Any:
    """Return an INSERT that knows ON CONFLICT, for the ``kind`` of database; SQLAlchemy keeps two classes for it."""
    return postgresql.insert(table) if kind == "postgresql" else sqlite.insert(table)


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """Run the block alone on the database, in one transaction that may change tables."""
    with _translated(), database.engine.connect() as connection:
        if database.kind == "postgresql":
            with connection.begin():
                connection.exec_driver_sql("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
                yield connection
            return
        # SQLite changes most of a table by making it anew, which foreign keys would stop; the switch does nothing
        # inside a transaction, so it goes before, and the keys are checked at the end.
        _sqlite_foreign_keys(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise DatabaseUnfit(f"the migration left {len(broken)} rows without the row they refer to")
        finally:
            _sqlite_foreign_keys(connection, "ON")


def _sqlite_foreign_keys(connection: Connection, value: str) -> None:
    driver_of(connection).execute(f"PRAGMA foreign_keys={value}")


def new_row(table: type[R], **values: object) -> R:
    """Return a row of ``values`` for ``insert_row``, made without an event for each of them.

    The events are for rows of a session, and made up a tenth of a registration; what a model ``validates`` needs them.
    """
    row: R = manager_of_class(table).new_instance()
    vars(row).update(values)
    return row


def insert_row(session: Session, row: Base) -> None:
    """Store a new row at once, by one statement and without the unit of work, which costs ten times as much.

    For the path every arrival takes. ``row`` stays outside the session; what it refers to must be stored already.
    """
    values = {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}
    statement, defaults = _insertion(type(row), tuple(values))
    statement.run(session, {**values, **{name: default() for name, default in defaults.items()}})


@cache
def _prepared(query: sa.Select[*Columns]) -> Prepared[*Columns]:
    return Prepared(query)


@cache
def _insertion(table: type[Base], given: tuple[str, ...]) -> tuple[Prepared[()], dict[str, Callable[[], object]]]:
    """Return the statement that stores the ``given`` columns of a row, and what fills those in that have a default."""
    columns = sa.inspect(table).local_table.columns
    defaults = {
        column.name: _called(column.default.arg)
        for column in columns
        if isinstance(column.default, sa.ColumnDefault) and column.name not in given
    }
    parameters = {name: sa.bindparam(name, type_=columns[name].type) for name in (*given, *defaults)}
    return Prepared(sa.insert(table).values(parameters).inline()), defaults


def _called(default: Any) -> Callable[[], object]:
    # SQLAlchemy gives every function that makes a value the context of its execution.
    return partial(default, None) if callable(default) else lambda: default


def claim(session: Session, key: UUID) -> None:
    """Let only one transaction at a time work on ``key``; released with the transaction.

    Waits for the other one; raises RequestInProgress when it takes longer than the time limit. On SQLite a writing
    transaction is alone by itself.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    number = int.from_bytes(key.bytes[:8], "big", signed=True)
    try:
        _LOCK.all(session, {"number": number})
    except OperationalError as error:
        if _sqlstate(error) == "55P03":
            raise RequestInProgress from error
        raise


def take_turn(session: Session) -> None:
    """Wait until no other transaction that did the same is open, in the order of asking; released with the transaction.

    For transactions that lock several rows of one kind in no known order. On SQLite every writer is alone by itself.
    """
    if session.get_bind().dialect.name == "postgresql":
        _LOCK.all(session, {"number": _TURNS})


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the errors that mean "later" into Unavailable."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("database.busy", "no free connection within the time limit") from error
    except OperationalError as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise Unavailable(*meaning) from error


def _meaning(error: OperationalError) -> tuple[str, str] | None:
    """Return code and sentence of an error that will pass; None when it is a mistake of ours."""
    text = str(error.orig)
    if hasattr(error.orig, "sqlstate"):  # psycopg
        state = _sqlstate(error)
        busy, full = state == "55P03", state == "53100"  # lock_not_available, disk_full
        # No state: the connection broke. Class 08: connection, class 57: shut down or cancelled by an operator.
        unreachable = not state or state[:2] in {"08", "57"}
    else:
        busy, full = "database is locked" in text, "disk is full" in text
        unreachable = "unable to open" in text or "disk I/O error" in text
    if busy:
        return "database.busy", "no lock within the time limit"
    if full:
        return "database.full", "no space left for the database"
    return ("database.unreachable", "the database gives no answer") if unreachable else None
