"""What the simulated outside systems share as HTTP servers: they log no request, and can fall silent in the middle."""

import socket
import struct
from typing import NoReturn

from werkzeug import Request
from werkzeug.serving import WSGIRequestHandler


def cut_off(request: Request) -> NoReturn:
    """Cut the connection off with a TCP reset, so that no answer arrives."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError


class QuietHandler(WSGIRequestHandler):
    """Writes no line for a request: its address may hold an account and its token."""

    def log_request(self, *_: object) -> None:
        pass

    def log(self, *_: object) -> None:
        pass

    def connection_dropped(self, *_: object) -> None:
        self.close_connection = True  # else the body that nobody read would be taken for the next request
