"""deploy/nginx/tiepdon.conf knows the server it stands before."""

import re
from pathlib import Path

from server.app import create_app
from server.config import ServerSection, ServerSettings
from server.db import Database

PROXY = Path(__file__).parents[2] / "deploy" / "nginx" / "tiepdon.conf"


def test_the_event_streams_and_nothing_else_are_passed_on_unbuffered(database: Database) -> None:
    (unbuffered,) = re.findall(r"location ~ (\S+) \{[^}]*proxy_buffering off;", PROXY.read_text(encoding="utf-8"))
    rules = list(create_app(ServerSettings(), database=database).url_map.iter_rules())
    streams = {rule.rule for rule in rules if rule.endpoint.endswith(".stream")}
    assert len(streams) > 3
    assert {rule.rule for rule in rules if re.search(unbuffered, rule.rule)} == streams


def test_one_address_cannot_hold_all_the_streams_and_no_address_is_written_down() -> None:
    proxy = PROXY.read_text(encoding="utf-8")
    zone, at_once = re.findall(r"location ~ /stream\$ \{[^}]*limit_conn (\w+) (\d+);", proxy)[0]
    assert f"limit_conn_zone $binary_remote_addr zone={zone}:" in proxy.partition("server {")[0]
    assert 0 < int(at_once) < ServerSection().live_pages
    assert re.findall(r"access_log (.+);", proxy) == ["off"]
