"""config.yaml: every mistake at once, with its path."""

from pathlib import Path

import pytest

from server.contract.settings import Profile, Section, SettingsError, read_settings


class Inner(Section):
    port: int = 1
    name: str = "x"


class Outer(Section):
    profile: Profile = Profile.DEMO
    inner: Inner = Inner()


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
    assert [mistake.split(":")[0] for mistake in mistakes] == ["inner.port", "inner.nam", "profil"]


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
