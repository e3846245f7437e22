"""The bytes of a file: read within a limit, hashed, and known for what they are."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from experiments.reader.problems import refuse
from experiments.reader.schema import MEGABYTE, Limits

Format = Literal["csv", "parquet"]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
EXCEL = "This is an Excel file. Save it as CSV UTF-8"
PLAIN = "Upload a plain CSV"
# First bytes of what people send by mistake, and what to say to it.
SIGNATURES = (
    (b"\xd0\xcf\x11\xe0", EXCEL),  # Excel before 2007
    (b"\x1f\x8b", PLAIN),  # gzip
    (b"BZh", PLAIN),
    (b"\xfd7zXZ", PLAIN),
    (b"7z\xbc\xaf", PLAIN),
    (b"\x28\xb5\x2f\xfd", PLAIN),  # Zstandard
    (b"Rar!", PLAIN),
    (b"%PDF", "This is a PDF, not data. Save the table as CSV UTF-8"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file in memory: ``sha256`` of the bytes as received, ``content`` without compression or mark."""

    content: bytes
    format: Format
    sha256: str
    n_bytes: int


def load(source: bytes | Path | BinaryIO, limits: Limits, *, gzipped_allowed: bool) -> Source:
    """Read a file of at most ``limits.n_bytes`` and find out whether it is CSV or Parquet.

    Raises
    ------
    FileRefused : too large, empty, or not a table.
    """
    received = _read(source, limits)
    content = received
    if received.startswith(b"\x1f\x8b") and gzipped_allowed:
        content = _gunzip(received, limits)
    sha256 = hashlib.sha256(received).hexdigest()
    if content.startswith(b"PAR1"):
        return Source(content, "parquet", sha256, len(received))
    content = content.removeprefix(BYTE_ORDER_MARK)
    _refuse_what_is_no_csv(content)
    return Source(content, "csv", sha256, len(received))


def _too_large(limits: Limits) -> Exception:
    return refuse(f"The file is larger than {limits.n_bytes // MEGABYTE:,} MB", too_large=True)


def _read(source: bytes | Path | BinaryIO, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        received = source
    elif isinstance(source, Path):
        with source.open("rb") as file:
            received = file.read(limits.n_bytes + 1)
    else:
        received = source.read(limits.n_bytes + 1)
    if len(received) > limits.n_bytes:
        raise _too_large(limits)
    return received


def _gunzip(received: bytes, limits: Limits) -> bytes:
    try:
        # Never more than the limit is unpacked, whatever the archive claims.
        content = gzip.GzipFile(fileobj=io.BytesIO(received)).read(limits.n_bytes + 1)
    except (zlib.error, EOFError, gzip.BadGzipFile) as damage:
        raise refuse("The compressed file is damaged") from damage
    if len(content) > limits.n_bytes:
        raise _too_large(limits)
    return content


def _refuse_what_is_no_csv(content: bytes) -> None:
    if not content.strip():
        raise refuse("The file is empty")
    if content.startswith(b"PK"):
        # A workbook is a zip with a folder xl/; its directory is at the end of the file.
        raise refuse(EXCEL if b"xl/" in content[:4096] + content[-65536:] else PLAIN)
    for signature, message in SIGNATURES:
        if content.startswith(signature):
            raise refuse(message)
    if content[:4096].lstrip().lower().startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")):
        raise refuse("This is a web page, not data")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse("Save as UTF-8; first problem at line 1, byte 1", line=1)
    _refuse_bytes_that_are_no_text(content)


def _refuse_bytes_that_are_no_text(content: bytes) -> None:
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            line, byte = _place(content, error.start)
            raise refuse(f"Save as UTF-8; first problem at line {line}, byte {byte}", line=line) from None
    if (at := content.find(b"\0")) >= 0:
        line, byte = _place(content, at)
        if content[at + 2 : at + 3] == b"\0":
            # Every other byte is NUL: UTF-16 without its mark.
            raise refuse(f"Save as UTF-8; first problem at line {line}, byte {byte}", line=line)
        raise refuse(f"Line {line} contains a character we cannot accept (U+0000)", line=line)


def _place(content: bytes, at: int) -> tuple[int, int]:
    """Line and byte within it, both from 1."""
    return content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at)
