"""``tiepdon-kiosk card read``: read the chip on a card reader, as the kiosk does, and say what it proves."""

import json
import os
import re
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from drivers.codec.recognise import IdCardCode, recognise
from drivers.config import PcscReaderOptions, ReaderOptions
from drivers.errors import CardRemoved, DeviceUnavailable, MalformedData
from drivers.health import DeviceState
from drivers.icao9303.mrz import parse_mrz
from drivers.icao9303.opening import AccessChoice
from drivers.icao9303.passwords import passwords_from_card, passwords_from_mrz
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import Assurance, BytesRead, ChipPasswords, ChipReading, ReadingEvent
from drivers.icao9303.trust import EMPTY_TRUST_STORE, TrustStore, load_trust_store
from drivers.icao9303.verdict import policy_of
from drivers.registry import open_card_reader
from drivers.smartcard.base import CardConnection, CardReader
from kiosk.config import KioskSettings, read_kiosk_settings
from kiosk.trust import known_issuers
from server.domain.days import local_day

_SETTLE_S: Final = 2.0
"""How long the PC/SC service may take to list its readers."""


@click.group("card", help="Read chip cards.")
def command() -> None:
    pass


@command.command("read")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--reader", default="", metavar="NAME", help="Part of the PC/SC reader's name; the first one without it.")
@click.option("--number", metavar="12-DIGITS", help="The card's personal number: its last six digits are the CAN.")
@click.option("--qr", metavar="TEXT", help="The text of the card's QR code; it is compared with the chip.")
@click.option("--mrz", metavar="L1/L2/L3", help="The machine readable zone, lines separated by slashes.")
@click.option("--can", metavar="6-DIGITS", help="The card access number, where it is not part of the number.")
@click.option("--access", type=click.Choice(["auto", "pace", "bac"]), default="auto", show_default=True)
@click.option("--no-extended", is_flag=True, help="Keep to short APDUs.")
@click.option("--no-photo", is_flag=True, help="Leave the photo on the chip.")
@click.option("--photo", "photo_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the photo here.")
@click.option(
    "--trust",
    "trust_directory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Directory with the certificates of signing CAs (DER, PEM, master lists).",
)
@click.option(
    "--wait", "wait_s", type=click.FloatRange(0), default=10.0, show_default=True, help="For a card, seconds."
)
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="TIEPDON_CONFIG",
    help="Take the card reader and the known issuers of this config.yaml.",
)
def read(
    *,
    as_json: bool,
    reader: str,
    number: str | None,
    qr: str | None,
    mrz: str | None,
    can: str | None,
    access: AccessChoice,
    no_extended: bool,
    no_photo: bool,
    photo_file: Path | None,
    trust_directory: Path | None,
    wait_s: float,
    config: Path | None,
) -> None:
    """Read the chip and print the person and the verdict.

    Exit status 3 without reader or service, 4 when the chip refuses or contradicts itself or the QR code.
    """
    if config and reader:
        raise click.UsageError("--config names the reader already: leave --reader out")
    settings = read_kiosk_settings(config) if config else None
    code = _id_card_code(qr)
    options = ReadOptions(
        access=access,
        extended=not no_extended,
        photo=not no_photo,
        trust=_trust_store(trust_directory, settings),
        code=code,
    )
    passwords = _passwords(number, code, mrz, can)
    opened = open_card_reader(_reader_options(settings, reader))
    try:
        reading = _read(opened, passwords, options, wait_s=wait_s, quiet=as_json)
    finally:
        opened.close()
    if photo_file and reading.photo:
        photo_file.write_bytes(reading.photo.data)
    if as_json:
        click.echo(json.dumps(_as_json(reading), ensure_ascii=False))
    else:
        _print(reading)
    if reading.assurance is Assurance.CONTRADICTED:
        policies = [policy_of(reason) for reason in reading.reasons]
        sentences = dict.fromkeys(sentence for effect, sentence in policies if effect is Assurance.CONTRADICTED)
        click.echo(f"The card is not believed: {'; '.join(sentences)}.", err=True)
        sys.exit(4)


def _id_card_code(text: str | None) -> IdCardCode | None:
    if text is None:
        return None
    value = recognise(os.fsencode(text)).value  # the very bytes of the command line
    if not isinstance(value, IdCardCode):
        raise click.BadParameter("this is not the text of an ID card's QR code", param_hint="--qr")
    return value


def _trust_store(directory: Path | None, settings: KioskSettings | None) -> TrustStore:
    if directory is None:
        return (known_issuers(settings) if settings else None) or EMPTY_TRUST_STORE
    try:
        return load_trust_store(directory)
    except MalformedData as error:
        raise click.BadParameter(str(error), param_hint="--trust") from error


def _passwords(number: str | None, code: IdCardCode | None, mrz: str | None, can: str | None) -> ChipPasswords:
    """Everything that was told of the card opens it; the MRZ tells most, the bare CAN least."""
    today = local_day(datetime.now(UTC))
    if can is not None and not re.fullmatch(r"[0-9]{6}", can):
        raise click.BadParameter("a card access number has 6 digits", param_hint="--can")
    if mrz is not None:
        try:
            passwords = passwords_from_mrz(parse_mrz(mrz))
        except MalformedData as error:
            raise click.BadParameter(str(error), param_hint="--mrz") from error
    elif code is not None:
        passwords = passwords_from_card(code.personal_number, code.born_on, code.issued_on, today=today)
    elif number is not None:
        try:
            passwords = passwords_from_card(number, today=today)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--number") from error
    elif can is not None:
        passwords = ChipPasswords()
    else:
        raise click.UsageError("say what opens the card: --number, --qr, --mrz or --can")
    return replace(passwords, can=can) if can is not None else passwords


def _reader_options(settings: KioskSettings | None, reader: str) -> ReaderOptions:
    if settings is None:
        return PcscReaderOptions(driver="pcsc", reader=reader)
    if settings.devices.card_reader is None:
        raise DeviceUnavailable("the configuration names no card reader")
    return settings.devices.card_reader


def _read(
    reader: CardReader, passwords: ChipPasswords, options: ReadOptions, *, wait_s: float, quiet: bool
) -> ChipReading:
    connection = _connect(reader, wait_s=wait_s, quiet=quiet)
    try:
        return read_chip(connection, passwords, options=options, observer=_say_nothing if quiet else _tell)
    finally:
        connection.close()


def _connect(reader: CardReader, *, wait_s: float, quiet: bool) -> CardConnection:
    """Open the card as soon as one lies there; one that is just leaving, or being put down, is waited out."""
    deadline = time.monotonic() + wait_s
    if not reader.wait_for_card(min(_SETTLE_S, wait_s)):
        status = reader.status()
        if status.state is DeviceState.UNAVAILABLE:
            raise DeviceUnavailable(f"{status.name}: {status.detail}")
        if not quiet and time.monotonic() < deadline:
            click.echo(f"Put the card on {status.name}.", err=True)
    while reader.wait_for_card(max(0.0, deadline - time.monotonic())):
        try:
            return reader.connect()
        except CardRemoved:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.05)
    raise CardRemoved(f"no card was put on {reader.name} within {wait_s:g} s")


def _say_nothing(event: ReadingEvent) -> None:
    pass


def _tell(event: ReadingEvent) -> None:
    if isinstance(event, BytesRead) and sys.stderr.isatty():
        click.echo(f"\r{event.done} of {event.total} bytes ", nl=event.done >= event.total, err=True)


def _as_json(reading: ChipReading) -> dict[str, Any]:
    identity, proof = reading.identity, reading.proof
    return {
        "personal_number": identity.personal_number,
        "document_number": identity.document_number,
        "full_name": identity.full_name,
        "born_on": identity.born_on,
        "sex": identity.sex,
        "nationality": identity.nationality,
        "issued_on": identity.issued_on,
        "expires_on": identity.expires_on,
        "expired": "document.expired" in reading.reasons,
        "address": identity.address,
        "access": reading.access,
        "secure_messaging": proof.secure_messaging,
        "passive_authentication": proof.passive_authentication,
        "active_authentication": proof.active_authentication,
        "chip_authentication": proof.chip_authentication,
        "assurance": reading.assurance,
        "reasons": reading.reasons,
        "issuer": proof.issuer,
        "differences": proof.differences,
        "photo": reading.photo.media_type if reading.photo else None,
        "files": {name: len(content) for name, content in reading.files.items()},
        "apdus": reading.apdus,
        "timings_ms": reading.timings_ms,
    }


def _print(reading: ChipReading) -> None:
    fields = _as_json(reading)
    files = ", ".join(f"{name} {size}" for name, size in fields.pop("files").items())
    timings = ", ".join(f"{name} {value:.0f}" for name, value in fields.pop("timings_ms").items())
    for name, value in {**fields, "files": files, "timings_ms": timings}.items():
        if value not in (None, ()):
            shown = ", ".join(value) if isinstance(value, tuple) else value
            click.echo(f"{name.replace('_', ' '):26}{shown}")
