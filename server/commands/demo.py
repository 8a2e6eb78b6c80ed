import click

from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.demo.seeding import seed
from server.wiring import open_database


@takes_settings
@click.command(short_help="Fill the database with an invented hospital.")
@click.option("--people", type=click.IntRange(0, 2_000_000), default=0, help="Also invent this many people.")
@click.option("--days", type=click.IntRange(0, 400), default=0, help="Also invent the arrivals of this many past days.")
@click.option("--today", "with_today", is_flag=True, help="Also invent today as it would be by now.")
@pass_settings
def demo(settings: ServerSettings, people: int, days: int, with_today: bool) -> None:
    """Fill the database with one invented district hospital, its staff and, if asked, people, past days and today.

    Running it again changes nothing. Refused by a production profile.
    """
    # What is invented is past: the hospital's information system need not be told of it.
    section = settings.server.model_copy(update={"his": None})
    database = open_database(settings.model_copy(update={"server": section}))
    try:
        require_newest_schema(database)
        for step in seed(database, settings, people=people, days=days, with_today=with_today):
            click.echo(step)
    finally:
        database.close()
