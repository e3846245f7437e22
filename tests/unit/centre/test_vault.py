"""The vault keeps content under its hash, whole or not at all."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from centre import vault
from centre.errors import Damaged, NotFound, TooLarge


def test_put_returns_the_sha256_and_the_content_comes_back() -> None:
    stored = vault.put(io.BytesIO(b"month,crimes\n1,2\n"))
    assert stored.sha256 == hashlib.sha256(b"month,crimes\n1,2\n").hexdigest()
    assert stored.size == 17
    assert vault.read(stored.sha256) == b"month,crimes\n1,2\n"
    assert vault.path(stored.sha256).read_bytes() == b"month,crimes\n1,2\n"


def test_the_same_content_is_one_file() -> None:
    assert vault.put_bytes(b"same") == vault.put_bytes(b"same")


def test_a_kept_file_is_read_only() -> None:
    assert vault.path(vault.put_bytes(b"kept").sha256).stat().st_mode & 0o222 == 0


def test_over_the_limit_nothing_is_kept() -> None:
    content = b"x" * 2_000_000
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        vault.put(io.BytesIO(content), limit=1_000_000)
    assert not vault.exists(hashlib.sha256(content).hexdigest())


def test_a_broken_stream_keeps_nothing() -> None:
    def broken() -> Iterator[bytes]:
        yield b"half of it"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        vault.put(broken())
    assert not vault.exists(hashlib.sha256(b"half of it").hexdigest())


@pytest.mark.parametrize("use", [vault.read, vault.path, vault.open_file])
def test_a_changed_byte_is_found_before_the_file_is_used(use: Callable[[str], object]) -> None:
    stored = vault.put_bytes(b"as it came")
    file = vault.path(stored.sha256)
    file.chmod(0o640)
    file.write_bytes(b"as it cane")
    with pytest.raises(Damaged, match="no longer has the content that its hash promises"):
        use(stored.sha256)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "g" * 64])
def test_only_hashes_are_names(name: str) -> None:
    with pytest.raises(NotFound):
        vault.open_file(name)


def test_an_unknown_hash_is_not_found() -> None:
    with pytest.raises(NotFound):
        vault.read("0" * 64)


def test_discard_removes_a_refused_upload() -> None:
    stored = vault.put_bytes(b"refused")
    vault.discard(stored.sha256)
    assert not vault.exists(stored.sha256)


def test_a_remote_storage_is_fetched_once_and_checked(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "vault": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sha256 = vault.put_bytes(b"far away").sha256
    assert vault.read(sha256) == b"far away"
    vault.discard(sha256)
    assert not vault.exists(sha256)
    assert vault.read(sha256) == b"far away"
    vault.path(sha256).write_bytes(b"far array")
    with pytest.raises(Damaged):
        vault.read(sha256)
    vault.put_bytes(b"far away")
    assert vault.read(sha256) == b"far away"
    with pytest.raises(NotFound):
        vault.read("0" * 64)
