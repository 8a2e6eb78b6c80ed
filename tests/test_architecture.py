"""Who may import whom; the arrows of docs/architecture.md, held."""

import sys
from collections.abc import Callable

import grimp
import pytest

PACKAGES = ("drivers", "kiosk", "server")


@pytest.fixture(scope="module")
def imports() -> list[tuple[str, str]]:
    """Every direct import of the three packages, as (importer, imported)."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True)
    return [
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    ]


def below(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def ours(module: str) -> bool:
    return below(module, *PACKAGES)


# What a rule is called, whom it binds, what it refuses.
Rule = tuple[str, Callable[[str], bool], Callable[[str], bool]]


def only_in(library: str, home: str) -> Rule:
    return (
        f"{library} is imported below {home} only",
        lambda importer: not below(importer, home),
        lambda imported: below(imported, library),
    )


RULES: list[Rule] = [
    (
        "drivers import nothing of ours, no web framework and no database",
        lambda importer: below(importer, "drivers"),
        lambda imported: (ours(imported) and not below(imported, "drivers")) or below(imported, "flask", "sqlalchemy"),
    ),
    (
        "server.domain imports the standard library only",
        lambda importer: below(importer, "server.domain"),
        lambda imported: not below(imported, "server.domain") and imported.split(".")[0] not in sys.stdlib_module_names,
    ),
    (
        "server.contract adds pydantic and the YAML reader to the rules, nothing else",
        lambda importer: below(importer, "server.contract"),
        lambda imported: (
            not below(imported, "server.contract", "server.domain", "pydantic", "pydantic_core", "yaml")
            and imported.split(".")[0] not in sys.stdlib_module_names
        ),
    ),
    (
        "the kiosk takes only the contract and the rules from the server, and keeps its journal without an ORM",
        lambda importer: below(importer, "kiosk"),
        lambda imported: (
            (below(imported, "server") and not below(imported, "server.contract", "server.domain"))
            or below(imported, "sqlalchemy")
        ),
    ),
    (
        "the server knows no kiosk and opens no device",
        lambda importer: below(importer, "server"),
        lambda imported: (
            below(imported, "kiosk") or (below(imported, "drivers") and not below(imported, "drivers.codec"))
        ),
    ),
    only_in("fido2", "server.accounts.webauthn"),
    only_in("smartcard", "drivers.smartcard.pcsc_library"),
    only_in("cv2", "drivers"),
    only_in("usb", "drivers.printer"),
    only_in("serial", "drivers"),
]


@pytest.mark.parametrize(("binds", "refuses"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_the_house_keeps_its_arrows(
    imports: list[tuple[str, str]], binds: Callable[[str], bool], refuses: Callable[[str], bool]
) -> None:
    assert [f"{a} imports {b}" for a, b in imports if binds(a) and refuses(b)] == []
