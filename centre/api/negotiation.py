"""Which format is answered: `?format=` first, then the Accept header."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from centre.api.problems import refused_parameter


class StrictNegotiation(DefaultContentNegotiation):
    """DRF's own, but an unknown format is a named 400, not a 404."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> list[BaseRenderer]:
        """Return the renderers of one format."""
        renderers = list(renderers)
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = " or ".join(str(renderer.format) for renderer in renderers)
            raise refused_parameter("format", f"format must be {known} here")
        return found


class AsItIs(BaseContentNegotiation):
    """A file has one form: whatever is accepted, it is that."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Read nothing."""
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return the renderer that refusals need."""
        return renderers[0], renderers[0].media_type
