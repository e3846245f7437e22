"""What a web process does about Python's search for garbage, once it has imported everything."""

import gc

from django.urls import get_resolver


def settle() -> None:
    """Leave alone what was imported: it stays for the life of the process.

    Python would look through all of it again (half a second) whenever an answer of a thousand rows has made enough new
    objects. Frozen, it is left alone, and new ones are looked through after twenty thousand, not seven hundred. For
    servers only: it is of the whole process.
    """
    get_resolver().url_patterns  # noqa: B018  imports every view
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
