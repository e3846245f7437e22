"""`python -m tests.faults.relay ADDRESS:PORT=SOCKET …`: what is said to an address goes to a socket, until it ends."""

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Callable


def pass_on(source: socket.socket, target: socket.socket, wait: Callable[[], None] = lambda: None) -> None:
    """Copy one direction until it ends, each piece after a wait; then end both."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            wait()
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def serve(listening: socket.socket, real: str) -> None:
    """Take connections."""
    while True:
        near, _ = listening.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(real)
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=pass_on, args=(source, target), daemon=True).start()


def main(pairs: list[str]) -> None:
    """Listen at every address."""
    for pair in pairs:
        address, real = pair.split("=", 1)
        host, port = address.rsplit(":", 1)
        listening = socket.create_server((host, int(port)))
        threading.Thread(target=serve, args=(listening, real), daemon=True).start()
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1:])
