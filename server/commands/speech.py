"""``tiepdon-server speech``: the voice of the waiting rooms."""

import click
import sqlalchemy as sa

from server.board.speech import Clips
from server.commands.options import pass_settings, require_newest_schema, takes_settings
from server.config import ServerSettings
from server.domain.announcing import clips_for
from server.facilities.models import Room
from server.wiring import open_database


@click.group(help="The voice that calls numbers in the waiting rooms.")
def speech() -> None:
    pass


@takes_settings
@click.command(short_help="Record the pieces of calls that are missing.")
@pass_settings
def render(settings: ServerSettings) -> None:
    """Record the pieces that calls are spoken with, by espeak-ng; those that are there stay.

    Run it once at installation, and after a room got another name or the voice was changed.
    """
    database = open_database(settings)
    try:
        require_newest_schema(database)
        with database.reading() as session:
            rooms = session.scalars(sa.select(Room.name).distinct()).all()
    finally:
        database.close()
    wanted = clips_for(rooms)
    recorded = Clips.of(settings.server.data_dir, settings.server.speech).render(wanted)
    click.echo(f"Speech: {recorded} pieces recorded, {len(wanted) - recorded} were there")


speech.add_command(render)
