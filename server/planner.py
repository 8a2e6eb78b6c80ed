"""What PostgreSQL's planner must be told when many rows came at once: a bulk load, a restored backup."""

from server.db import Database


def refresh_statistics(database: Database, *tables: str) -> None:
    """Have tables counted, and their indexes usable by themselves, as autovacuum does it a minute or more later.

    All tables when none is named. Until then PostgreSQL takes a new table for all but empty and reads it whole. SQLite
    plans by rule and needs none of it.
    """
    if database.kind != "postgresql":
        return
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("SET statement_timeout = 0")
        try:
            connection.exec_driver_sql(f"VACUUM (ANALYZE) {', '.join(tables)}")
        finally:
            connection.exec_driver_sql("RESET statement_timeout")
