"""Files that are served as they are kept, under their hash."""

import base64

from rest_framework.renderers import BaseRenderer


class AnyFile(BaseRenderer):
    """Stands in the schema for whatever type a file has."""

    media_type = "application/octet-stream"
    format = "file"


def headers(name: str, sha256: str, size: int) -> dict[str, str]:
    """Return what is said of a file: its hash as the entity tag and as digests, its name and its size."""
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    return {
        "ETag": f'"{sha256}"',
        "Digest": f"sha-256={digest}",
        "Repr-Digest": f"sha-256=:{digest}:",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(size),
    }
