"""What the API reads: strict JSON up to 2 MB, and multipart up to the upload limit."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.renderers import JSONRenderer

from centre.api.strict_json import BadJSON, loads
from centre.errors import TooLarge


class StrictJSONParser(BaseParser):
    """JSON without duplicate keys, NaN, NUL, lone surrogates or bottomless nesting."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the value sent."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(f"The body is over the limit of {limit // 1_000_000} MB.")
        try:
            return loads(raw)
        except BadJSON as refusal:
            raise ValidationError(
                {refusal.pointer: [refusal.message]} if refusal.pointer else [refusal.message]
            ) from None


class UploadParser(MultiPartParser):
    """Multipart, refused by its declared length before anything is read.

    A request body cannot be longer than it declares (the server stops reading there), so this holds
    against a lying length too.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:
        """Return the fields and files sent."""
        declared = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if declared > settings.UPLOAD_LIMIT_BYTES:
            raise TooLarge(f"The upload is over the limit of {settings.UPLOAD_LIMIT_BYTES // 1_000_000} MB.")
        return super().parse(stream, media_type, parser_context)
