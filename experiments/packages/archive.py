"""Zip files whose bytes depend on their content alone: one order, one time, one mode."""

import io
import zipfile
from collections.abc import Mapping

_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_UNIX = 3


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip file, in the order of their names."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _MODE
            archive.writestr(entry, files[name], compresslevel=9)
    return sink.getvalue()
