"""Draws the session's state diagram from its table into docs/architecture.md; ``make docs`` runs it."""

import re
from pathlib import Path
from typing import Final

from kiosk.session import TRANSITIONS, State

PAGE: Final = Path(__file__).with_name("architecture.md")
BLOCK: Final = re.compile(r"(?<=<!-- session: begin -->\n).*?(?=<!-- session: end -->)", re.DOTALL)


def session_diagram() -> str:
    """Return the transition table as a Mermaid state diagram, one arrow for each pair of states, in a stable order."""
    arrows: dict[tuple[State, State], list[str]] = {}
    for (before, event), after in TRANSITIONS.items():
        arrows.setdefault((before, after), []).append(event.__name__)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.WELCOME.name}"]
    lines += [
        f"    {before.name} --> {after.name}: {', '.join(sorted(events))}"
        for (before, after), events in sorted(arrows.items())
    ]
    return "\n".join([*lines, "```", ""])


def redraw(page: str) -> str:
    """Return the page with today's diagram between its two marks."""
    return BLOCK.sub(lambda _: session_diagram(), page)


if __name__ == "__main__":
    PAGE.write_text(redraw(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
