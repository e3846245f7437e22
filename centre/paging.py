"""Pages of a list, by number."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Page, Paginator


class NumberedPage(Page):
    """A page that knows which numbers to offer beside its own."""

    @property
    def numbers(self) -> Iterator[str | int]:
        """Return the first, the last and those around this one, with an ellipsis for what lies between."""
        return self.paginator.get_elided_page_range(self.number, on_each_side=2, on_ends=1)


class Pages(Paginator):
    """The pages of a list."""

    def _get_page(self, *args: Any, **kwargs: Any) -> NumberedPage:
        return NumberedPage(*args, **kwargs)
