"""Files that are served as they are kept, under their hash."""

import base64
import datetime as dt
from typing import Protocol

from django.http import FileResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from centre import vault
from centre.api import conditional


class Kept(Protocol):
    """What is known of a file in the vault."""

    sha256: str
    size: int

    @property
    def name(self) -> str:
        """Return the name that it is downloaded under."""

    @property
    def media_type(self) -> str:
        """Return what kind of file it is."""


class AnyFile(BaseRenderer):
    """Stands in the schema for whatever type a file has."""

    media_type = "*/*"
    format = "file"


def served(request: Request, file: Kept, *, since: dt.datetime | None) -> HttpResponseBase:
    """Answer a file from the vault: its hash is its entity tag and its digest.

    `since` is when it became public for ever; None while it is not, and nobody keeps a copy of it on the way.
    """
    entity_tag = f'"{file.sha256}"'
    if known := conditional.unchanged(request, entity_tag):
        return known
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    response = FileResponse(vault.open_file(file.sha256), content_type=file.media_type)
    response["ETag"] = entity_tag
    response["Digest"] = f"sha-256={digest}"
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Content-Length"] = str(file.size)
    if since is not None:
        response["Cache-Control"] = "public, max-age=31536000, immutable"
        conditional.last_modified(response, since)
    return response
