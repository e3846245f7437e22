"""The registry's settings for a worker that also knows the faults' probe."""

from centre import env
from centre.settings import *
from centre.settings import CELERY_BEAT_SCHEDULE

CELERY_INCLUDE = ["tests.faults.probe"]
CELERY_BEAT_SCHEDULE.pop("advance-sample", None)  # the sample people are not part of a service under fault
if env.flag("WORKER_FORGETS_LIMITS", default=False):  # as one may that lost its queue in the middle
    CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT = 3600
