"""A statement that a file is absent at its source, as a test needs one."""

import datetime as dt
from typing import Any

from centre.hub.actions import absences
from centre.models import Force, SourceAbsence

READ_ON = dt.date(2024, 6, 3)


def stated(force: Force, by: Any, **changed: Any) -> SourceAbsence:
    """State that an invented source has no stops and searches of three months of 2023."""
    said: dict[str, Any] = {
        "kind": "stop-and-search",
        "first_month": "2023-11",
        "last_month": "2024-01",
        "words": "The invented source publishes no such file.",
        "source": "An invented changelog, entry of 1 June 2024",
        "checked_on": READ_ON,
    }
    return absences.state(force=force, by=by, **{**said, **changed})
