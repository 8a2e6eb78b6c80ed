"""How config.yaml is read: once, at start, every mistake reported together with its path.

Both programs read the one file; each knows its own sections in full and passes over the other's. Secrets never stand in
it: they come from the environment or from 0600 files below the data directories.
"""

from collections.abc import Hashable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from server.contract.mistakes import line_of, sentence_of, written_place


class Profile(StrEnum):
    DEMO = "demo"  # simulated devices, invented people, the simulator page
    PRODUCTION = "production"  # refuses all three


class Section(BaseModel):
    """A part of config.yaml: a misspelt key stops the start-up, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SettingsError(Exception):
    """config.yaml cannot be used; ``mistakes`` holds one ``path: sentence (line)`` each."""

    code = "settings.invalid"

    def __init__(self, path: Path, mistakes: tuple[str, ...]) -> None:
        super().__init__(
            "\n".join([f"{path} cannot be used ({self.code}):", *(f"  {mistake}" for mistake in mistakes)])
        )
        self.mistakes = mistakes


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses what silently means something else: a key given twice, and aliases (expansion bombs)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} stands here twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not used in this file", problem_mark=mark)
        return super().compose_node(parent, index)


M = TypeVar("M", bound=BaseModel)


def read_settings(path: Path, model: type[M]) -> M:
    """Return the validated settings in ``path``; raises SettingsError naming every mistake at once."""
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader, made stricter
    except OSError as error:
        raise SettingsError(path, (f"the file cannot be read ({error.strerror})",)) from error
    except UnicodeDecodeError as error:
        raise SettingsError(path, ("the file is not UTF-8 text",)) from error
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise SettingsError(path, (f"{line}{error.problem}",)) from error
    if not isinstance(content, dict):
        raise SettingsError(path, ("the file must hold sections, e.g. 'profile: demo'",))
    try:
        return model.model_validate(content)
    except ValidationError as error:
        tree = yaml.compose(text, yaml.SafeLoader)
        found = error.errors(include_url=False, include_input=False)
        raise SettingsError(path, tuple(_told(one, model, content, tree) for one in found)) from error


def _told(mistake: ErrorDetails, model: type[BaseModel], content: object, tree: yaml.Node | None) -> str:
    place = written_place(mistake["loc"], content) or "file"
    return f"{place}: {sentence_of(mistake, model)} (line {line_of(tree, mistake['loc'])})"
