"""``tiepdon-kiosk card-simulate``: hold an invented card in a virtual reader of the PC/SC daemon."""

import time
from dataclasses import replace
from pathlib import Path

import click

from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.issuer import csca_certificate
from drivers.simulated.deck import DECK, SimulatedCard, get_card
from drivers.simulated.vpcd import DEFAULT_PORT, VirtualCard

_PUT_BACK_S = 3.0


@click.command(
    "card-simulate",
    help="Hold an invented card in a virtual reader (vpcd) until Ctrl-C.",
    short_help="Hold an invented card in a virtual reader.",
)
@click.option("--card", "key", type=click.Choice([card.key for card in DECK]), default="duc", help="Which card.")
@click.option("--list", "list_only", is_flag=True, help="Show the cards and stop.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Of the virtual slot.")
@click.option("--bac-only", is_flag=True, help="A chip without PACE.")
@click.option("--pace-only", is_flag=True, help="A chip without BAC.")
@click.option("--short-only", is_flag=True, help="A chip without extended length.")
@click.option("--latency-ms", type=click.FloatRange(0), default=0.0, help="What one exchange costs.")
@click.option("--bits-per-second", type=click.IntRange(1), help="Speed of the link; none: no time at all.")
@click.option("--photo-bytes", type=click.IntRange(8000, 100_000), help="Exact size of a JPEG photo.")
@click.option("--trust", type=click.Path(path_type=Path), help="Write the issuer's certificate into this directory.")
def command(
    *,
    key: str,
    list_only: bool,
    host: str,
    port: int,
    bac_only: bool,
    pace_only: bool,
    short_only: bool,
    latency_ms: float,
    bits_per_second: int | None,
    photo_bytes: int | None,
    trust: Path | None,
) -> None:
    if list_only:
        for card in DECK:
            click.echo(f"{card.key:16} {_number(card):14} {card.label_en}: {card.note_en}")
        return
    if bac_only and pace_only:
        raise click.UsageError("--bac-only and --pace-only leave no way to open the chip")
    card = get_card(key)
    profile = replace(card.profile, latency_ms=latency_ms, bits_per_second=bits_per_second)
    if bac_only:
        profile = replace(profile, bac=True, pace=())
    if pace_only:
        profile = replace(profile, bac=False)
    if short_only:
        profile = replace(profile, extended_length=False)
    if photo_bytes is not None:
        profile = replace(profile, photo="jpeg", photo_bytes=photo_bytes)
    if trust is not None:
        trust.mkdir(parents=True, exist_ok=True)
        (trust / "invented-csca.der").write_bytes(csca_certificate(profile.issuance))
    _hold(VirtualCard(Chip(card.person, profile), host=host, port=port), f"card '{key}' ({_number(card)})")


def _hold(card: VirtualCard, name: str) -> None:
    card.insert()
    try:
        click.echo(f"The {name} lies on the virtual reader; Ctrl-C takes it away.")
        while True:
            card.wait_until_out()
            click.echo(f"The {name} is off the reader; in {_PUT_BACK_S:g} s it is put back.")
            time.sleep(_PUT_BACK_S)
            card.insert()
    except KeyboardInterrupt:
        card.remove()


def _number(card: SimulatedCard) -> str:
    return card.person.personal_number or card.person.document_number
