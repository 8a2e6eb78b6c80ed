"""config.yaml: every mistake at once, with its path."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from server.contract.settings import Profile, Section, SettingsError, read_settings


class Inner(Section):
    port: int = 1
    name: str = "x"


class Network(Section):
    driver: Literal["network"]
    host: str
    port: int


class File(Section):
    driver: Literal["file"]
    path: str


class Outer(Section):
    profile: Profile = Profile.DEMO
    inner: Inner = Inner()
    doors: tuple[Inner, ...] = ()
    device: Annotated[Network | File, Field(discriminator="driver")] | None = None


def mistakes_of(tmp_path: Path, text: str) -> tuple[str, ...]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(path, Outer)
    return caught.value.mistakes


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("profile: production\ninner: {port: 8000}\n", encoding="utf-8")
    assert read_settings(path, Outer) == Outer(profile=Profile.PRODUCTION, inner=Inner(port=8000))


def test_all_mistakes_are_named_together_with_their_paths(tmp_path: Path) -> None:
    mistakes = mistakes_of(tmp_path, "profil: demo\ninner:\n  port: many\n  nam: y\n")
    assert mistakes == (
        "inner.port: must be a whole number (line 3)",
        "inner.nam: is not known here; did you mean 'name'? (line 4)",
        "profil: is not known here; did you mean 'profile'? (line 1)",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("inner: 5", "inner: must be a section: keys of its own, indented below it (line 1)"),
        ("profile: test", "profile: must be 'demo' or 'production' (line 1)"),
        ("inner: {name: 01234}", "inner.name: must be text: put it in quotes (line 1)"),  # to YAML an octal number
        ("inner:\n  xyz: 1", "inner.xyz: is not known here; there are name, port (line 2)"),
        ("device: {driver: network, host: x}", "device.port: is missing (line 1)"),
        ("device:\n  driver: network\n  hots: x\n  port: 1", "device.host: is missing (line 1)"),
        ("device: {driver: fax}", "device: there is no driver 'fax'; there are 'network', 'file' (line 1)"),
        ("device: {path: x}", "device: 'driver' is missing: which kind it is (line 1)"),
        ("device: {driver: file, path: x, pth: y}", "device.pth: is not known here; did you mean 'path'? (line 1)"),
        ("doors: [{port: 1}, {port: 1, nam: x}]", "doors[1].nam: is not known here; did you mean 'name'?"),
    ],
)
def test_a_mistake_says_what_to_write_instead_and_where(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes_of(tmp_path, text)[0].startswith(told)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("inner: {port: 1}\ninner: {port: 2}\n", "line 2"),  # YAML itself would silently take the last
        ("a: &x {port: 1}\ninner: *x\n", "aliases"),  # the way to an expansion bomb
        ("- just\n- a list\n", "sections"),
        ("inner: {port: [1\n", "line 2"),
        ("!!python/object/apply:os.system ['true']\n", "line 1"),
        ("", "sections"),
    ],
)
def test_a_file_that_is_no_plain_mapping_is_refused_with_a_place(tmp_path: Path, text: str, names: str) -> None:
    assert names in mistakes_of(tmp_path, text)[0]


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "nowhere.yaml", Outer)
