"""``tiepdon-kiosk scan``: read the codes in picture files, as the kiosk's camera would."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from drivers.codec.recognise import Recognised, readable_text, recognise, shape_of
from drivers.errors import MalformedData
from drivers.scanner.pictures import Decoded, PictureDecoder

_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm"})

_REFUSALS: Final = {
    "code.unreadable_here": "holds a code that only its issuer can read (VNeID and others)",
    "code.half": "holds half of a code",
    "code.damaged": "holds a card's code with impossible content",
    "code.several": "holds two codes glued together",
    "code.layout": "holds a code typed through a wrong keyboard layout",
    "code.number_only": "holds a bare number",
    "code.foreign": "holds a code that is none of a card and none of ours",
}


@click.command("scan", short_help="Read the QR codes in pictures.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a line: file, codes [text, kind, fields], ms, problem (or null).",
)
@click.option("--mrz", is_flag=True, help="Read the machine readable zones of passports and cards as well.")
def command(files: tuple[Path, ...], *, as_json: bool, mrz: bool) -> None:
    """Read the QR codes in picture FILES, or in all pictures below a folder.

    Exit status 4 when a picture has no code that the kiosk takes, with the reason on standard error.
    """
    decoder = PictureDecoder()
    try:
        pictures = {path: _pictures_below(path) for path in files}
        problems = [f"{path} holds no picture." for path, below in pictures.items() if not below]
        for file in (one for below in pictures.values() for one in below):
            decoded, problem = _decode(decoder, file, mrz=mrz)
            codes = [_described(payload) for payload in decoded.payloads]
            if problem is None:
                problem = _refusal([recognise(payload) for payload in decoded.payloads])
            if as_json:
                told = {"file": str(file), "codes": codes, "ms": round(decoded.ms, 1), "problem": problem}
                click.echo(json.dumps(told, ensure_ascii=False))
            else:
                _print(file, codes)
            if problem is not None:
                problems.append(f"{file} {problem}.")
    finally:
        decoder.close()
    if problems:
        click.echo("\n".join(problems), err=True)
        sys.exit(4)


def _pictures_below(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.rglob("*") if one.suffix.lower() in _SUFFIXES)


def _decode(decoder: PictureDecoder, file: Path, *, mrz: bool) -> tuple[Decoded, str | None]:
    nothing = Decoded((), 0.0)
    try:
        return decoder.decode(file.read_bytes(), mrz=mrz), None
    except OSError as error:
        return nothing, f"cannot be read: {error.strerror}"
    except MalformedData as error:
        return nothing, f"cannot be read as a picture: {error.reason}"


def _refusal(found: list[Recognised]) -> str | None:
    if not found:
        return "holds no readable code"
    refusals = [one.refusal for one in found if one.refusal is not None]
    return _REFUSALS[refusals[0]] if len(refusals) == len(found) else None


def _described(payload: bytes) -> dict[str, Any]:
    """Return one code as the command prints it. An opaque code may be a bearer credential: only its shape is told."""
    found = recognise(payload)
    text: str | None = readable_text(payload)[0]
    fields = asdict(found.value) if found.value is not None else {}
    if found.refusal == "code.unreadable_here":
        text, fields = None, {"shape": shape_of(payload)}
    described: dict[str, Any] = {"text": text, "kind": found.kind.value, "fields": fields}
    if found.repairs:
        described["repairs"] = list(found.repairs)
    if found.refusal is not None:
        described["refusal"] = found.refusal
    return described


def _print(file: Path, codes: list[dict[str, Any]]) -> None:
    click.echo(str(file) if codes else f"{file}: no code")
    for code in codes:
        click.echo(f"  {code['kind']}")
        fields = {**code["fields"], "refusal": code.get("refusal"), "repairs": ", ".join(code.get("repairs", ()))}
        for name, value in fields.items():
            if value:
                click.echo(f"    {name.replace('_', ' '):24}{', '.join(value) if isinstance(value, tuple) else value}")
