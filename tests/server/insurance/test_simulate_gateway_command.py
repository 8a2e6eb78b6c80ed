"""``tiepdon-server simulate-gateway``, as an operator types it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3

from server.cli import main
from tests.server.insurance.conftest import OFFICER
from tests.support.ports import free_port


def write_config(tmp_path: Path, *, profile: str = "demo", has_section: bool = True) -> Path:
    path = tmp_path / "config.yaml"
    section = {"driver": "bhxh" if profile == "production" else "simulated", "facilities": {"34999": OFFICER}}
    server = {"data_dir": str(tmp_path), **({"insurance": section} if has_section else {})}
    path.write_text(json.dumps({"profile": profile, "server": server}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("profile", "has_section", "sentence"),
    [("production", True, "production profile"), ("demo", False, "server.insurance")],
)
def test_command_is_refused_where_it_has_no_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], profile: str, has_section: bool, sentence: str
) -> None:
    config = write_config(tmp_path, profile=profile, has_section=has_section)
    with pytest.raises(SystemExit) as raised:
        main(["simulate-gateway", "--config", str(config)])
    assert raised.value.code == 1
    assert sentence in capsys.readouterr().err


def test_program_answers_over_http_until_it_is_asked_to_stop(tmp_path: Path) -> None:
    port = free_port()
    words = ["simulate-gateway", "--port", str(port), "--config", str(write_config(tmp_path))]
    program = subprocess.Popen(
        [sys.executable, "-c", "import sys; from server.cli import main; main(sys.argv[1:])", *words],
        cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with program, urllib3.PoolManager(retries=False) as pool:
        assert program.stdout is not None
        assert f"http://127.0.0.1:{port}" in program.stdout.readline()
        assert pool.request("GET", f"http://127.0.0.1:{port}/healthz").json() == {"status": "ok"}
        pool.clear()
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
