"""A way to the database that can be made slow: what goes through waits."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.faults.relay import pass_on


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
            for words in ((near, far, self._be_late), (far, near)):
                threading.Thread(target=pass_on, args=words, daemon=True).start()

    def _be_late(self) -> None:
        time.sleep(self.delay)

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
