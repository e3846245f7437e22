"""Which format is answered: `?format=` first, then the Accept header."""

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

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
