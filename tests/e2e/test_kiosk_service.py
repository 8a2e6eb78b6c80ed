"""``tiepdon-kiosk run`` as a service: it starts without a server, answers, and leaves promptly when asked."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from kiosk.cli import main
from tests.support.ports import free_port

TIEPDON_KIOSK = Path(sys.executable).parent / "tiepdon-kiosk"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(f"kiosk:\n  bind: 127.0.0.1:{free_port()}\n  data_dir: {tmp_path}/kiosk\n")
    return path


def wait_for_answer(address: str, process: "subprocess.Popen[bytes]") -> urllib3.BaseHTTPResponse:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "the kiosk ended"
        assert time.monotonic() < deadline, "the kiosk did not answer"
        try:
            return urllib3.request("GET", address, timeout=2.0, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)


def test_the_service_starts_without_a_server_and_ends_on_sigterm_with_a_page_open(config: Path) -> None:
    bind = config.read_text().split("bind: ")[1].split()[0]
    with subprocess.Popen([TIEPDON_KIOSK, "run", "--config", config], stderr=subprocess.PIPE) as process:
        assert wait_for_answer(f"http://{bind}/healthz", process).json() == {"status": "ok"}
        page = urllib3.request("GET", f"http://{bind}/", retries=False)
        assert page.status == 200
        assert "Máy tạm ngừng phục vụ" in page.data.decode()  # it never met its server
        with urllib3.PoolManager() as pool:
            stream = pool.request("GET", f"http://{bind}/events?after=0", preload_content=False, retries=False)
            assert next(stream.stream(64))
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
            stream.close()
    assert process.returncode == 0
    assert b"Traceback" not in errors


# (configuration, words that must stand in the message)
MISTAKES = [
    ("kiosk: {bindd: x}", ["kiosk.bindd"]),
    ("profile: production", ["devices.card_reader.driver", "devices.scanner.driver", "devices.printer.driver"]),
    ("kiosk: {facility: '3'}\ndevices: {printer: {driver: network}}", ["kiosk.facility", "devices.printer"]),
]


@pytest.mark.parametrize(("content", "words"), MISTAKES)
def test_a_configuration_with_mistakes_names_each_and_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, words: list[str]
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(content)
    with pytest.raises(SystemExit) as end:
        main(["run", "--config", str(path)])
    assert end.value.code == 2
    message = capsys.readouterr().err
    assert all(word in message for word in words)
