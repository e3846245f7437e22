"""The vault on S3: a server of our own on the loopback, spoken to as production does."""

import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from centre import vault
from centre.errors import Damaged, NotFound


class Bucket:
    """A bucket of its own, behind the server of the test."""

    def __init__(self, address: str) -> None:
        self.name = f"vault-{uuid.uuid4().hex}"
        self.client: Any = boto3.client("s3", endpoint_url=address)
        where = {"LocationConstraint": "eu-west-2"}
        self.client.create_bucket(Bucket=self.name, CreateBucketConfiguration=where)

    def names(self) -> list[str]:
        """Return what is in it."""
        kept = self.client.list_objects_v2(Bucket=self.name).get("Contents", ())
        return [one["Key"] for one in kept]


@pytest.fixture
def bucket(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket, and the settings that name it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        made = Bucket(address)
        options = {"bucket_name": made.name, "endpoint_url": address, "file_overwrite": False}
        settings.STORAGES = {
            **settings.STORAGES,
            "vault": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
        }
        yield made
    finally:
        server.stop()


def forget_fetched(sha256: str) -> None:
    """Remove the copy that this host has fetched."""
    vault.path(sha256).unlink()


def test_a_file_is_kept_once_under_its_hash_and_comes_back_whole(bucket: Bucket) -> None:
    content = b"unit,calls\n" * 500_000
    kept = vault.put_bytes(content)
    assert vault.put_bytes(content) == kept
    assert bucket.names() == [f"{kept.sha256[:2]}/{kept.sha256[2:4]}/{kept.sha256}"]
    assert vault.exists(kept.sha256)
    assert vault.read(kept.sha256) == content
    with pytest.raises(NotFound):
        vault.read("0" * 64)


def test_an_object_that_was_changed_in_the_bucket_is_not_used(bucket: Bucket) -> None:
    kept = vault.put_bytes(b"ten calls")
    assert vault.read(kept.sha256) == b"ten calls"
    bucket.client.put_object(Bucket=bucket.name, Key=bucket.names()[0], Body=b"two calls")
    forget_fetched(kept.sha256)
    with pytest.raises(Damaged):
        vault.read(kept.sha256)


def test_a_refused_upload_leaves_nothing(bucket: Bucket) -> None:
    kept = vault.put_bytes(b"refused")
    vault.discard(kept.sha256)
    assert bucket.names() == []
