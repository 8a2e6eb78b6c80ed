"""A private PostgreSQL for one test run: own data directory, own socket, no TCP, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.memory import find_memory


class PostgresMissing(Exception):
    """No PostgreSQL server programs of version 15 or newer are installed."""


def find_programs() -> Path:
    """Return the newest directory holding ``initdb``; raises PostgresMissing. Debian keeps one per major version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found or int(found[-1].parts[-3]) < 15:
        raise PostgresMissing("PostgreSQL 15 or newer is not installed: run 'make test', which installs it")
    return found[-1].parent


class PrivatePostgres:
    """One running cluster; ``create_database`` gives a fresh database by its SQLAlchemy address."""

    def __init__(self, programs: Path, socket_dir: Path, user: str) -> None:
        self._programs = programs
        self._socket_dir = socket_dir
        self._user = user
        self._count = 0

    def create_database(self) -> str:
        self._count += 1
        name = f"tiepdon_{self._count}"
        self._do(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        return self._url(name)

    def open_database(self, name: str) -> str:
        """Return the address of a database of a kept cluster, made where it is not there yet."""
        if not self._do(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self._do(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        return self._url(name)

    def drop_database(self, name: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {name}")

    def _do(self, statement: str) -> str:
        where = ["-h", str(self._socket_dir), "-U", self._user, "-d", "postgres"]
        psql = [str(self._programs / "psql"), *where, "-qAtc", statement]
        return subprocess.run(psql, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://{self._user}@/{name}?host={self._socket_dir}"


@contextmanager
def private_postgres(*, durable: bool) -> Iterator[PrivatePostgres]:
    """Run a cluster until the end of the block. As root it runs under the ``postgres`` user, who alone may start it.

    ``durable`` keeps what production promises over a power cut, as a bench must; a test that kills processes only
    needs no flush, and runs several times faster without.
    """
    with (
        _home(None if durable else find_memory()) as home,
        _running(home, home / "data", durable=durable, stop="immediate") as cluster,
    ):
        yield cluster


@contextmanager
def kept_postgres(data: Path) -> Iterator[PrivatePostgres]:
    """Run a durable cluster whose files stay in ``data`` after the block, for the next time."""
    if not (data / "PG_VERSION").exists():
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, _account().pw_uid, _account().pw_gid)
    with _home() as home, _running(home, data, durable=True, stop="fast") as cluster:
        yield cluster


def _account() -> pwd.struct_passwd:
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@contextmanager
def _home(place: Path | None = None) -> Iterator[Path]:
    # A socket's path may have 107 bytes, so the place is short and not below pytest's own directories.
    home = Path(tempfile.mkdtemp(prefix="tpd-pg-", dir=place))
    try:
        if os.geteuid() == 0:
            os.chown(home, _account().pw_uid, _account().pw_gid)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _running(home: Path, data: Path, *, durable: bool, stop: str) -> Iterator[PrivatePostgres]:
    programs, account = find_programs(), _account()

    def run(*command: str | Path) -> None:
        demote = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        prefix = demote if os.geteuid() == 0 else []
        subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL, cwd=home)

    if not (data / "PG_VERSION").exists():
        run(programs / "initdb", "-D", data, "-U", account.pw_name, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    # max_connections: 32 clients of a bench and two workers' pools.
    options = f"-k {home} -c listen_addresses='' -c max_connections=200"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off -c autovacuum=off"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
    try:
        yield PrivatePostgres(programs, home, account.pw_name)
    finally:
        run(programs / "pg_ctl", "-D", data, "-w", "-m", stop, "stop")
