"""What is wrong in a file people write, in sentences they can act on. Pure.

pydantic's own words are a programmer's ("Extra inputs are not permitted"). Here each mistake says what to write
instead, and in which line.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, Literal, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]

_DISCRIMINATOR: Final = "driver"
"""The key by whose value a section is one of several kinds; pydantic puts that value into a mistake's place."""

_OF_A_KEY: Final = "[key]"
"""What pydantic puts after a mapping's key that is wrong itself."""

_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is missing",
    "union_tag_not_found": "'driver' is missing: which kind it is",
    "union_tag_invalid": "there is no driver '{tag}'; there are {expected_tags}",
    "string_type": "must be text: put it in quotes",
    "string_pattern_mismatch": "does not have the form it must have ({pattern})",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "model_type": "must be a section: keys of its own, indented below it",
    "model_attributes_type": "must be a section: keys of its own, indented below it",
    "dict_type": "must be a section: keys of its own, indented below it",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "too_short": "must hold at least {min_length}",
    "too_long": "must hold at most {max_length}",
}


def sentence_of(mistake: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what is to be done about ``mistake``, found while ``model`` was validated; without the place."""
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind == "extra_forbidden":
        return f"is not known here; {_known(mistake['loc'], model)}"
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(**context)
    return mistake["msg"].removeprefix("Value error, ")


def written_place(location: Location, content: object) -> str:
    """Return where a mistake is, as keys and positions of the file: ``clinics[0].letter``."""
    return "".join(_in_file(location, content)).lstrip(".")


def line_of(tree: yaml.Node | None, location: Location) -> int:
    """Return the line, from 1, of what ``location`` names, or of the nearest thing around it that is there."""
    node, line = tree, 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                if _kind_of(node) == part:
                    continue
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _kind_of(node: yaml.MappingNode) -> str | None:
    return next((value.value for key, value in node.value if key.value == _DISCRIMINATOR), None)


def _in_file(location: Location, content: object) -> Iterator[str]:
    """Yield the parts of a place that stand in the file, without the kinds and marks pydantic adds."""
    for part in location:
        if part == _OF_A_KEY or (isinstance(content, dict) and _is_kind(part, content)):
            continue
        if isinstance(content, list) and isinstance(part, int):
            yield f"[{part}]"
            content = content[part] if part < len(content) else None
        else:
            yield f".{part}"
            content = content.get(part) if isinstance(content, dict) else None


def _is_kind(part: int | str, section: Mapping[object, object]) -> bool:
    return part not in section and section.get(_DISCRIMINATOR) == part


def _known(location: Location, model: type[BaseModel]) -> str:
    """Return which key may be meant by the last one of ``location``, or which there are."""
    models = [model]
    for part in location[:-1]:
        if inner := [one for outer in models for one in _sections_of(outer, part)]:
            models = inner
        elif of_kind := [one for one in models if _is_of_kind(one, part)]:
            models = of_kind
    keys = sorted({field.alias or name for one in models for name, field in one.model_fields.items()})
    near = get_close_matches(str(location[-1]), keys, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there are {', '.join(keys)}"


def _sections_of(model: type[BaseModel], key: int | str) -> Iterator[type[BaseModel]]:
    """Yield the models that may stand under a key of ``model``."""
    for name, field in model.model_fields.items():
        if key in {name, field.alias}:
            yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _is_of_kind(model: type[BaseModel], kind: int | str) -> bool:
    field = model.model_fields.get(_DISCRIMINATOR)
    return field is not None and get_origin(field.annotation) is Literal and kind in get_args(field.annotation)
