"""The interface's description says what the interface does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from server.app import create_app
from server.config import ServerSettings
from server.contract.v1 import EncounterRegistered, RegisterEncounter
from server.db import Database
from server.openapi import openapi


@pytest.fixture
def app(database: Database) -> Flask:
    return create_app(ServerSettings(), database=database)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    return json.loads(app.test_client().get("/api/v1/openapi.json").data)  # type: ignore[no-any-return]  # JSON is Any


def every(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for one in node:
            yield from every(one, key)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_document_describes_every_route_of_the_interface(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (rule.rule.replace("<uuid:", "{").replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.document"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(path, method) for path, method, _ in operations(document) if path.startswith("/api/")}
    assert described == routes


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = {reference.removeprefix("#/components/schemas/") for reference in every(document, "$ref")}
    assert names <= set(document["components"]["schemas"])
    assert {"RegisterEncounter", "EncounterRegistered", "Problem"} <= names


def test_operations_have_names_of_their_own_and_declare_their_path_parameters(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, _, operation in operations(document):
        declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert all(response["description"] for response in operation["responses"].values())


def test_registering_needs_key_token_and_command(document: dict[str, Any]) -> None:
    operation = document["paths"]["/api/v1/encounters"]["post"]
    assert operation["security"] == [{"device": []}]
    assert [(p["name"], p["in"], p["required"]) for p in operation["parameters"]] == [
        ("Idempotency-Key", "header", True)
    ]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": f"#/components/schemas/{RegisterEncounter.__name__}"}
    answers = {status: r["content"] for status, r in operation["responses"].items() if status.startswith("2")}
    assert set(answers) == {"200", "201"}
    assert answers["201"]["application/json"]["schema"]["$ref"].endswith(EncounterRegistered.__name__)
    assert {"400", "401", "403", "409", "413", "415", "422", "500", "503"} <= set(operation["responses"])


def test_document_is_of_the_promised_version(app: Flask) -> None:
    with app.app_context():
        assert openapi(app)["openapi"] == "3.1.0"
