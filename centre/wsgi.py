"""The web server's entry."""

import gc
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# A thread that the database has answered waits this long for one that computes. At Python's own 5 ms, and a dozen
# questions in an act, an act that holds a lock would keep all others waiting mostly for its turn.
sys.setswitchinterval(0.0005)

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from centre.whole_body import watched  # noqa: E402

application = watched(get_wsgi_application())

# What was imported stays for the life of the process. Python would look through all of it again (half a second)
# whenever an answer of a thousand rows has made enough new objects; frozen, it is left alone, and the new ones are
# looked through after fifty thousand, not seven hundred.
get_resolver().url_patterns  # noqa: B018  imports every view
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 10, 10)
