"""The registry's settings for a worker that also knows the faults' probe."""

from centre.settings import *
from centre.settings import CELERY_BEAT_SCHEDULE

CELERY_INCLUDE = ["tests.faults.probe"]
CELERY_BEAT_SCHEDULE.pop("advance-sample", None)  # the sample people are not part of a service under fault
