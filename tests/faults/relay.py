"""`python -m tests.faults.relay ADDRESS:PORT=SOCKET …`: what is said to an address goes to a socket, until it ends."""

import contextlib
import signal
import socket
import sys
import threading


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Copy one direction until it ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


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
