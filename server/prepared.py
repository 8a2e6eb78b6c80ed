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
        return self.all_on(session.connection(), values)

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
        connection = session.connection()
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
        self._order: Final = tuple(compiled.positiontup) if compiled.positiontup is not None else None
        self._constants: dict[str, Any] = {}
        self._parameters: list[tuple[str, str, _Convert]] = []
        for parameter, name in compiled.bind_names.items():
            convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if parameter.required or parameter.value is None:
                self._parameters.append((name, parameter.key, convert))
            else:
                self._constants[name] = convert(parameter.value) if convert else parameter.value
        columns = getattr(statement, "exported_columns", ())
        results = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._results: Final = results if any(results) else None

    def run(self, connection: Connection, rows: Sequence[Values]) -> None:
        if len(rows) == 1:
            self.execute(connection, rows[0])
        elif rows:
            self._call(connection, "executemany", [self._bound(row) for row in rows])

    def execute(self, connection: Connection, values: Values) -> Any:
        return self._call(connection, "execute", self._bound(values))

    def rows_of(self, cursor: Any) -> list[Any]:
        rows: list[Any] = cursor.fetchall()
        converts = self._results
        if converts is None:
            return rows
        return [
            tuple([value if convert is None else convert(value) for convert, value in zip(converts, row, strict=True)])
            for row in rows
        ]

    def _bound(self, values: Values) -> Any:
        bound = dict(self._constants)
        for name, key, convert in self._parameters:
            bound[name] = values[key] if convert is None else convert(values[key])
        return bound if self._order is None else [bound[name] for name in self._order]

    def _call(self, connection: Connection, how: str, parameters: Any) -> Any:
        driver_error = connection.dialect.loaded_dbapi.Error
        cursor = connection.connection.cursor()
        try:
            getattr(cursor, how)(self._sql, parameters)
        except driver_error as error:
            is_lost = connection.dialect.is_disconnect(error, cast("Any", connection.connection), cursor)
            translated = DBAPIError.instance(
                self._sql, parameters, error, driver_error, hide_parameters=True, connection_invalidated=is_lost,
                dialect=connection.dialect,
            )  # fmt: skip
            if is_lost:
                connection.invalidate(error)
            raise translated from error
        return cursor
