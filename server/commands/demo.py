import click

from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.demo import seed
from server.wiring import open_database


@takes_settings
@click.command()
@click.option("--people", type=click.IntRange(0, 2_000_000), default=0, help="Also invent this many people.")
@click.option("--days", type=click.IntRange(0, 400), default=0, help="Also invent the arrivals of this many past days.")
@pass_settings
def demo(settings: ServerSettings, people: int, days: int) -> None:
    """Fill the database with one invented district hospital, its staff and, for load, people and arrivals.

    Running it again changes nothing. Refused by a production profile.
    """
    database = open_database(settings)
    try:
        require_newest_schema(database)
        for step in seed(database, settings, people=people, days=days):
            click.echo(step)
    finally:
        database.close()
