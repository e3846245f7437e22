"""Zip files whose bytes depend on their content alone: one order, one time, one mode."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping

_FIRST = dt.date(1980, 1, 1)  # that the format knows
_MODE = 0o644 << 16
_UNIX = 3


def entry(name: str, day: dt.date = _FIRST) -> zipfile.ZipInfo:
    """Return an entry that says of itself nothing but its name and a day."""
    made = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    made.compress_type, made.create_system, made.external_attr = zipfile.ZIP_DEFLATED, _UNIX, _MODE
    return made


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as a zip file, in the order of their names."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in sorted(files):
            archive.writestr(entry(name), files[name], compresslevel=9)
    return sink.getvalue()
