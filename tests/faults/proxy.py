"""A way to the database that can be made slow: what goes through waits."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path


class SlowWay:
    """Listens as a PostgreSQL socket in a folder of its own, and passes everything on, late."""

    def __init__(self, folder: Path, real: Path) -> None:
        self.folder, self.real, self.delay = folder, real, 0.0
        folder.mkdir(parents=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return  # closed
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(str(self.real / ".s.PGSQL.5432"))
            except OSError:
                near.close()
                far.close()
                continue
            for source, target, is_late in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pass_on, args=(source, target, is_late), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_late: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                if is_late:
                    time.sleep(self.delay)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
