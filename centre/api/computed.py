"""Lists of rows that are worked out and not kept: paged by how many came before."""

from typing import Any

from centre.api import pages
from centre.api.views import ListView


class ComputedList(ListView):
    """Rows in an order of their own, as a sequence."""

    def take(self, rows: Any, orders: list[pages.Order], **wanted: Any) -> pages.Page:
        """Return the rows after the place that the token names."""
        token, bound_to, size = wanted["token"], wanted["bound_to"], wanted["size"]
        (start,) = pages.read_token(token, bound_to, 1) if token else (0,)
        page = pages.Page(rows=rows[start : start + size], is_first=token is None)
        page.total_count = len(rows) if wanted["count"] else None
        if start + size < len(rows):
            page.next_token = pages.write_token([start + size], bound_to)
        return page
