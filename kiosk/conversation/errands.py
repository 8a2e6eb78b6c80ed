"""What a conversation has done by others, because it takes time: the journal, the server, the printer."""

from typing import Protocol

from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import IssuedTicket
from kiosk.session import State
from server.contract.appointments import FindVisitor
from server.contract.fleet import HandOver
from server.contract.v1 import IdentityProved, RegisterEncounter


class Errands(Protocol):
    """What the flow has done by others. Every call returns at once; the answer comes back through the flow."""

    def register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        """Journal and send; then ``registered`` or ``registration_failed``."""
        ...

    def tell_proof(self, message: IdentityProved) -> None:
        """Journal and send what a chip's proof said of a visit given to ``register`` before; nothing comes back."""
        ...

    def call_staff(self, step: State, problem: str | None, handed: HandOver | None = None) -> None:
        """Ring at reception, then ``staff_informed``; ``handed`` is what was known of the person, for the desk."""
        ...

    def find_visitor(self, conversation: Conversation, asked: FindVisitor) -> None:
        """Ask the server what it knows of the person; then ``visitor_found``."""
        ...

    def print_again(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        """Print a marked copy of a number the person has already; the printing is told as any other."""
        ...

    def find_visit(self, conversation: Conversation, visit_code: str) -> None:
        """Look for the ticket behind a slip's code; then ``visit_found`` or ``visit_not_found``."""
        ...
