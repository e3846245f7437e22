"""A mail server of the tests' own, which can refuse, fail or say nothing."""

import socketserver
import threading
from contextlib import suppress
from typing import Any


class PostOffice(socketserver.ThreadingTCPServer):
    """Takes mail on a free port of the loopback, in the mood that it is told to be in."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.mood = "takes mail"
        self.asked = 0
        self.delivered: list[str] = []
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(self.server_address[1])

    def close(self) -> None:
        """Take no more mail."""
        self.ended.set()
        self.shutdown()
        self.server_close()


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self.server.asked += 1
        with suppress(OSError):
            {"hangs up": lambda: None, "says nothing": self._wait, "fails": self._fail}.get(
                self.server.mood, self._take
            )()

    def _wait(self) -> None:
        self.server.ended.wait(60)

    def _fail(self) -> None:
        self._say("421 out of order")

    def _take(self) -> None:
        self._say("220 here")
        to = ""
        while line := self.rfile.readline():
            word = line.decode(errors="replace").strip()
            if word.upper().startswith("RCPT TO:"):
                to = word.partition("<")[2].partition(">")[0]
            if word.upper() == "DATA":
                self._say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.delivered.append(to)
            self._say("221 bye" if word.upper() == "QUIT" else "250 ok")

    def _say(self, words: str) -> Any:
        self.wfile.write(f"{words}\r\n".encode())
