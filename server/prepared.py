"""Statements every arrival runs: compiled once, and handed to the bare driver.

Between other work SQLAlchemy takes 60 to 100 µs for each statement, three times what SQLite takes to execute it, and an
arrival runs twenty, most of them while the others wait for the lock. Its types convert the values here too, so that a
statement means the same on either way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVarTuple, cast, overload
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TypedReturnsRows

Columns = TypeVarTuple("Columns")

Values = Mapping[str, object]
_Convert = Callable[[Any], Any] | None

_CONNECTION: Final = "prepared.connection"


def _connection_of(session: Session) -> Connection:
    """Return what ``session.connection()`` does, which takes as long as binding the values of a statement."""
    connection: Connection | None = session.info.get(_CONNECTION)
    if connection is None or not connection.in_transaction():
        connection = session.info[_CONNECTION] = session.connection()
    return connection


class Prepared(Generic[*Columns]):
    """One statement with named parameters; its rows are plain tuples, in the order of its columns.

    It must have no list that grows with its values (``IN`` of an expanding parameter) and no column whose value
    SQLAlchemy would add by itself: ValueError at the first use. Nothing is flushed before it runs.
    """

    @overload
    def __init__(self, statement: TypedReturnsRows[*Columns]) -> None: ...
    @overload
    def __init__(self: "Prepared[()]", statement: UpdateBase) -> None: ...
    def __init__(self, statement: Any) -> None:
        self._statement: Final[sa.ClauseElement] = statement
        self._compiled: WeakKeyDictionary[Dialect, _Compiled] = WeakKeyDictionary()

    def all(self, session: Session, values: Values) -> list[tuple[*Columns]]:
        """Return all rows; raises what SQLAlchemy's own execution raises."""
        return self.all_on(_connection_of(session), values)

    def all_on(self, connection: Connection, values: Values) -> list[tuple[*Columns]]:
        """Return all rows, asked on a connection."""
        compiled = self._for(connection)
        return compiled.rows_of(compiled.execute(connection, values))

    def find(self, session: Session, values: Values) -> tuple[*Columns] | None:
        """Return the first row, None when there is none."""
        rows = self.all(session, values)
        return rows[0] if rows else None

    def run(self, session: Session, *rows: Values) -> None:
        """Execute a statement that returns no rows, once for each of ``rows``."""
        connection = _connection_of(session)
        self._for(connection).run(connection, rows)

    def _for(self, connection: Connection) -> "_Compiled":
        compiled = self._compiled.get(connection.dialect)
        if compiled is None:  # two threads at once make two that are alike
            compiled = self._compiled[connection.dialect] = _Compiled(self._statement, connection.dialect)
        return compiled


class _Compiled:
    """A statement in the words of one database, with what converts its values and its rows."""

    def __init__(self, statement: sa.ClauseElement, dialect: Dialect) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise ValueError("a list of values has as many parameters as values: it cannot be compiled once")
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise ValueError("a column has a default that only SQLAlchemy's own execution fills in")
        self._sql: Final = compiled.string
        order = compiled.positiontup if compiled.positiontup is not None else list(compiled.bind_names.values())
        parameters = {name: parameter for parameter, name in compiled.bind_names.items()}
        self._names: Final = None if compiled.positiontup is not None else order
        self._parameters: Final = [_parameter(parameters[name], dialect) for name in order]
        columns = getattr(statement, "exported_columns", ())
        processors = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._converted: Final = [(n, convert) for n, convert in enumerate(processors) if convert is not None]

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        if len(rows) == 1:
            self.execute(connection, rows[0])
        elif rows:
            self._call(connection, "executemany", [self._bound(row) for row in rows])

    def execute(self, connection: Connection, values: Values) -> Any:
        return self._call(connection, "execute", self._bound(values))

    def rows_of(self, cursor: Any) -> list[Any]:
        rows: list[Any] = cursor.fetchall()
        return [self._row(row) for row in rows] if self._converted else rows

    def _row(self, values: Sequence[Any]) -> tuple[Any, ...]:
        row = list(values)
        for n, convert in self._converted:
            row[n] = convert(row[n])
        return tuple(row)

    def _bound(self, values: Values) -> Any:
        bound = [
            constant if key is None else values[key] if convert is None else convert(values[key])
            for key, convert, constant in self._parameters
        ]
        return bound if self._names is None else dict(zip(self._names, bound, strict=True))

    def _call(self, connection: Connection, how: str, parameters: Any) -> Any:
        cursor = connection.connection.cursor()
        try:
            getattr(cursor, how)(self._sql, parameters)
        except connection.dialect.loaded_dbapi.Error as error:
            is_lost = connection.dialect.is_disconnect(error, cast("Any", connection.connection), cursor)
            translated = DBAPIError.instance(
                self._sql, parameters, error, connection.dialect.loaded_dbapi.Error, hide_parameters=True,
                connection_invalidated=is_lost, dialect=connection.dialect,
            )  # fmt: skip
            if is_lost:
                connection.invalidate(error)
            raise translated from error
        return cursor


def _parameter(parameter: sa.BindParameter[Any], dialect: Dialect) -> tuple[str | None, _Convert, Any]:
    """Return the name its value is given by and what converts it, or None and the value that never changes."""
    convert: _Convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    if parameter.required or parameter.value is None:
        return parameter.key, convert, None
    return None, None, convert(parameter.value) if convert else parameter.value
