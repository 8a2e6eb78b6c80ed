"""An IP camera: JPEG files as a multipart stream at 20 frames a second. Usage: AFTER PICTURE...

AFTER says what follows the last picture: ``again`` from the first, ``same`` the last one for ever, ``stall`` nothing.
"""

import http.server
import itertools
import sys
import time
from pathlib import Path

AFTER, *FILES = sys.argv[1:]
PICTURES = [Path(file).read_bytes() for file in FILES]


class Camera(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        after = {"again": itertools.cycle(PICTURES), "same": itertools.repeat(PICTURES[-1]), "stall": iter(())}[AFTER]
        try:
            for picture in itertools.chain(PICTURES, after):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                self.wfile.write(head.encode() + picture + b"\r\n")
                time.sleep(0.05)
            time.sleep(3600)
        except OSError:
            return  # the viewer left

    def log_message(self, *_: object) -> None:
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Camera)
print(server.server_address[1], flush=True)  # noqa: T201 - the port is this program's answer
server.serve_forever()
