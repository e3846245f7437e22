"""The registry's settings for a worker that also knows the faults' probe."""

from centre.settings import *

CELERY_INCLUDE = ["tests.faults.probe"]
