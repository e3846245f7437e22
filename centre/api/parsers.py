"""What the API reads: strict JSON, up to 2 MB."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
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
