"""The web server's entry."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "5000")  # of a page; workers and commands have none

# A thread that the database has answered waits this long for one that computes. At Python's own 5 ms, and a dozen
# questions in an act, an act that holds a lock would keep all others waiting mostly for its turn.
sys.setswitchinterval(0.0005)

from django.core.wsgi import get_wsgi_application  # noqa: E402

from centre.whole_body import watched  # noqa: E402

application = watched(get_wsgi_application())
