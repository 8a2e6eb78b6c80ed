"""What a kiosk asks of server and printer, written down; nothing is done before a test answers."""

from dataclasses import dataclass, field

from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import IssuedTicket
from kiosk.session import State
from server.contract.appointments import FindVisitor
from server.contract.fleet import HandOver
from server.contract.v1 import IdentityProved, RegisterEncounter


@dataclass
class Notebook:
    """Keeps errands instead of running them; a test answers them when its story wants."""

    registrations: list[tuple[Conversation, RegisterEncounter]] = field(default_factory=list)
    calls: list[tuple[State, str | None]] = field(default_factory=list)
    handed: list[HandOver | None] = field(default_factory=list)
    proofs: list[IdentityProved] = field(default_factory=list)
    searches: list[tuple[Conversation, str]] = field(default_factory=list)
    questions: list[tuple[Conversation, FindVisitor]] = field(default_factory=list)
    copies: list[RegisterEncounter] = field(default_factory=list)

    def register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        self.registrations.append((conversation, command))

    def tell_proof(self, message: IdentityProved) -> None:
        self.proofs.append(message)

    def call_staff(self, step: State, problem: str | None, handed: HandOver | None = None) -> None:
        self.calls.append((step, problem))
        self.handed.append(handed)

    def find_visitor(self, conversation: Conversation, asked: FindVisitor) -> None:
        self.questions.append((conversation, asked))

    def print_again(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        self.copies.append(command)

    def find_visit(self, conversation: Conversation, visit_code: str) -> None:
        self.searches.append((conversation, visit_code))
