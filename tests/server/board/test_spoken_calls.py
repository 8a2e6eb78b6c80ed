"""Calls in Vietnamese: digit by digit, from pieces recorded once, and silence where there is to be silence."""

import math
import subprocess
import wave
from array import array
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
import yaml

from server.board.recording import LOUDNESS_DBFS, PEAK_DBFS, finish
from server.board.speech import Clips, SpeechSection, spans_of
from server.cli import main
from server.config import ServerSection
from server.db import Database
from server.domain.announcing import FIXED_CLIPS, call_clips, clips_for, is_quiet, pause_before_s
from server.errors import Unavailable
from server.fleet.service import Device
from tests.server.hospital import MORNING, arrival, build_hospital, register
from tests.server.queues.counters import press_next, room_of
from tests.server.staff import Browser, SettableClock


def said(label: str, room: str) -> str:
    return " ".join(words for _, words in call_clips(label, room))


@pytest.mark.parametrize(
    ("label", "room", "words"),
    [
        ("A012", "Phòng 101", "Mời số a không một hai đến phòng một không một"),
        ("B100", "P.205", "Mời số bê một không không đến phòng hai không năm"),
        ("A-K007", "12A", "Mời số a ca không không bảy đến phòng một hai a"),  # a number of a kiosk's own series
        ("C1001", "Nhà B", "Mời số xê một không không một đến Nhà B"),  # a place with a name of its own
        ("D003", "", "Mời số dê không không ba"),  # no room is known
    ],
)
def test_a_call_is_spoken_digit_by_digit(label: str, room: str, words: str) -> None:
    assert said(label, room) == words


def test_every_piece_of_every_label_and_room_is_among_those_recorded() -> None:
    rooms = ["Phòng 101", "P.3-B", "Quầy tiếp đón", "Nhà B", "  "]
    wanted = clips_for(rooms)
    for room in rooms:
        for name, words in call_clips("Z-W0123456789", room):
            assert wanted[name] == words
    assert len(wanted) == len(FIXED_CLIPS) + 2


@pytest.mark.parametrize("voice", get_args(SpeechSection.model_fields["voice"].annotation))
def test_no_letter_or_digit_sounds_like_another_in_any_region(voice: str) -> None:
    spelt = {name: words for name, words in FIXED_CLIPS.items() if name.startswith(("letter", "digit"))}
    command = ["espeak-ng", "-v", voice, "-q", "-x", "--", "\n\n".join(spelt.values())]
    sounds = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    heard = dict(zip(spelt, filter(None, (sound.strip() for sound in sounds)), strict=True))
    assert len(set(heard.values())) == len(heard), sorted(heard.items(), key=lambda one: one[1])


@pytest.mark.parametrize(
    ("at", "quiet"),
    [
        ("11:29", False),
        ("11:30", True),  # begins with the minute
        ("12:59", True),
        ("13:00", False),  # ends before the minute
        ("23:10", True),  # over midnight
        ("05:59", True),
        ("06:00", False),
    ],
)
def test_quiet_hours_begin_and_end_with_their_minutes(at: str, quiet: bool) -> None:
    spans = spans_of(("11:30-13:00", "22:00-06:00"))
    assert is_quiet(time.fromisoformat(at), spans) is quiet


def test_a_span_that_is_none_stops_the_start() -> None:
    with pytest.raises(ValueError, match="hour must be"):
        SpeechSection(quiet=("25:00-26:00",))


def test_pieces_are_recorded_once_and_again_for_another_voice(tmp_path: Path) -> None:
    wanted = {"digit-1": "một", "call": "Mời số"}
    clips = Clips.of(tmp_path, SpeechSection())
    assert (clips.render(wanted), clips.render(wanted)) == (2, 0)
    first = clips.folder / clips.file_name("digit-1", "một")
    with wave.open(str(first)) as recording:
        assert 0.1 < recording.getnframes() / recording.getframerate() < 3
    again = Clips.of(tmp_path / "again", SpeechSection())
    again.render(wanted)
    assert (again.folder / first.name).read_bytes() == first.read_bytes()  # the same words, the same bytes
    assert Clips.of(tmp_path, SpeechSection(voice="vi-vn-x-south")).render(wanted) == 2
    assert sorted(path.suffix for path in clips.folder.iterdir()) == [".wav"] * 4


class TestARecording:
    """What a piece of a call must be for a hall; amplitudes are of 16 bits."""

    RATE = 22050

    def recorded(self, *samples: int) -> bytes:
        file = BytesIO()
        with wave.open(file, "wb") as made:
            made.setnchannels(1)
            made.setsampwidth(2)
            made.setframerate(self.RATE)
            made.writeframes(array("h", samples).tobytes())
        return file.getvalue()

    def samples(self, recording: bytes) -> "array[int]":
        with wave.open(BytesIO(recording)) as file:
            return array("h", file.readframes(file.getnframes()))

    def tone(self, amplitude: int, length_s: float = 0.3) -> list[int]:
        length = round(length_s * self.RATE)
        return [round(amplitude * math.sin(2 * math.pi * 220 * at / self.RATE)) for at in range(length)]

    @pytest.mark.parametrize("amplitude", [600, 6_000, 32_000], ids=["soft", "usual", "loud"])
    def test_is_as_loud_as_every_other_one(self, amplitude: int) -> None:
        made = self.samples(finish(self.recorded(*self.tone(amplitude)), pause_s=0))
        loudness = 20 * math.log10(math.sqrt(sum(one * one for one in made) / len(made)) / 32768)
        assert loudness == pytest.approx(LOUDNESS_DBFS, abs=0.1)

    def test_that_is_soft_with_one_sharp_sound_keeps_its_peak_whole(self) -> None:
        made = self.samples(finish(self.recorded(*self.tone(300), 8_000, -8_000, *self.tone(300)), pause_s=0))
        peak = 32768 * 10 ** (PEAK_DBFS / 20)
        assert max(made) == pytest.approx(peak, abs=1)

    def test_has_its_own_pause_before_it_and_no_other_silence(self) -> None:
        silence = [0] * self.RATE
        made = self.samples(finish(self.recorded(*silence, 40, *self.tone(5_000), *silence), pause_s=0.16))
        heard = [at for at, sample in enumerate(made) if sample]
        assert heard[0] == round(0.16 * self.RATE)
        assert len(made) - 1 - heard[-1] < 5

    @pytest.mark.parametrize(
        "recording", [b"", b"RIFF" + bytes(40), b"not a recording"], ids=["empty", "no format", "words"]
    )
    def test_that_is_none_is_refused(self, recording: bytes) -> None:
        with pytest.raises(ValueError, match="not a WAV file"):
            finish(recording, pause_s=0)

    def test_in_which_nothing_is_heard_is_refused(self) -> None:
        with pytest.raises(ValueError, match="nothing is heard"):
            finish(self.recorded(*[0] * 100), pause_s=0)

    def test_a_digit_stands_apart_from_the_one_before_and_the_room_more_so(self) -> None:
        assert 0.1 < pause_before_s("digit-0") < pause_before_s("to-room") < 0.5
        assert pause_before_s("call") == 0


def test_a_place_that_was_not_recorded_leaves_the_number_to_be_spoken(tmp_path: Path) -> None:
    clips = Clips.of(tmp_path, SpeechSection())
    clips.render(dict(call_clips("A1", "")))
    assert [file.rpartition("-")[0] for file in clips.find_call("A1", "Nhà B")] == ["call", "letter-a", "digit-1"]
    assert clips.find_call("A2", "Nhà B") == ()  # a number with a digit left out would be another one


def test_without_the_program_nothing_is_recorded_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="espeak-ng is not installed"):
        Clips.of(tmp_path, SpeechSection()).render({"call": "Mời số"})


class TestOnTheDisplay:
    @pytest.fixture
    def called(self, hospital: Database, kiosk: Device) -> str:
        register(hospital, arrival(), kiosk)
        ticket = press_next(hospital, room_of(hospital))
        assert ticket is not None
        return ticket.label

    def display(self, database: Database, data_dir: Path, **speech: object) -> Browser:
        section = ServerSection(data_dir=data_dir, speech=SpeechSection.model_validate(speech))
        clock = SettableClock(MORNING + timedelta(minutes=31))
        return Browser(database, clock, section=section)

    def test_what_is_no_piece_is_not_given_out(self, hospital: Database, tmp_path: Path) -> None:
        browser = self.display(hospital, tmp_path)
        for path in ("no-such-piece-00000000.wav", "..%2f..%2faudit.key", "audit.key"):
            assert browser.get(f"/board/speech/{path}").status_code == 404
        browser.close()

    def test_a_recorded_piece_may_be_kept_for_ever(self, hospital: Database, tmp_path: Path) -> None:
        clips = Clips.of(tmp_path, SpeechSection())
        clips.render({"call": "Mời số"})
        answer = self.display(hospital, tmp_path).get(f"/board/speech/{clips.file_name('call', 'Mời số')}")
        assert (answer.status_code, answer.mimetype, answer.data[:4]) == (200, "audio/wav", b"RIFF")
        assert "immutable" in answer.headers["Cache-Control"]
        answer.close()

    def test_in_quiet_hours_the_display_is_told_to_be_silent(
        self, hospital: Database, called: str, tmp_path: Path
    ) -> None:
        loud = self.display(hospital, tmp_path, quiet=("11:30-13:00",))
        quiet = self.display(hospital, tmp_path, quiet=("07:00-08:00",))
        assert 'data-quiet=""' in loud.get("/board/all/state").text
        assert 'data-quiet="yes"' in quiet.get("/board/all/state").text
        for browser in (loud, quiet):
            browser.close()


def test_the_command_records_what_the_hospitals_rooms_need(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if database.kind != "sqlite":
        pytest.skip("both give the rooms in the same way, and recording takes a second")
    build_hospital(database)
    config = tmp_path / "config.yaml"
    server = {"data_dir": str(tmp_path / "data"), "database_url": f"sqlite:///{database.url.database}"}
    config.write_text(yaml.safe_dump({"profile": "demo", "server": server}), encoding="utf-8")
    for told in (f"{len(FIXED_CLIPS)} pieces recorded, 0 were there", f"0 pieces recorded, {len(FIXED_CLIPS)}"):
        with pytest.raises(SystemExit) as ended:
            main(["speech", "render", "--config", str(config)])
        assert ended.value.code == 0
        assert told in capsys.readouterr().out
