"""The workers and their timetable. Values and reasons: docs/adr/0002."""

from kombu import Queue

from centre import env
from centre.settings.place import EMBEDDED, REDIS_URL

# Celery: values and reasons in docs/adr/0002.
RUN_TIME_LIMIT = env.integer("RUN_TIME_LIMIT", default=600)
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", default=60)
RUN_HEARTBEAT_SECONDS = env.integer("RUN_HEARTBEAT_SECONDS", default=10)
RUN_SWEEP_SECONDS = env.integer("RUN_SWEEP_SECONDS", default=15)
# Work is asked to stop (the soft limit); work that does not hear is ended in its row; then its process is killed.
RUN_STOP_SECONDS = RUN_TIME_LIMIT * 95 // 100
# A process that is still there by then ends itself: its worker should have ended it at the hard limit.
RUN_KILL_SECONDS = RUN_TIME_LIMIT * 105 // 100
# Of one worker process; work that wants more ends with a reason, and its neighbours keep their memory.
RUN_MEMORY_MB = env.integer("RUN_MEMORY_MB", default=4_000)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 2 * RUN_TIME_LIMIT,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "health_check_interval": 10,
    "queue_order_strategy": "priority",  # a worker of several queues empties them in the order below
}
# By weight, so that nobody waits behind the bulk: a worker takes them all, or those that --queues names.
CELERY_TASK_QUEUES = [Queue(name) for name in ("interactive", "analysis", "bulk")]
CELERY_TASK_DEFAULT_QUEUE = "analysis"
CELERY_TASK_ROUTES = {
    "centre.sweep_runs": {"queue": "interactive"},
    "experiments.ingest": {"queue": "interactive"},
    "experiments.advance_sample": {"queue": "interactive"},
    "centre.send_webhooks": {"queue": "bulk"},
    "centre.request_trend_scan": {"queue": "bulk"},
    "centre.receive_panel": {"queue": "bulk"},
    "experiments.check_trials": {"queue": "bulk"},
    "experiments.diagnose": {"queue": "bulk"},
    "experiments.replicate": {"queue": "bulk"},
    "experiments.snapshot": {"queue": "bulk"},
    "tactics.keep_ratings": {"queue": "bulk"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = RUN_TIME_LIMIT * 9 // 10
CELERY_TASK_TIME_LIMIT = RUN_TIME_LIMIT
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 50
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000  # kB: a process that kept so much is replaced after its task
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "centre.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "keep-deadlines": {
        "task": "experiments.keep_deadlines",
        "schedule": env.integer("DEADLINES_SECONDS", default=3600),
        "options": {"expires": 3600},
    },
    "sweep-runs": {
        "task": "centre.sweep_runs",
        "schedule": RUN_SWEEP_SECONDS,
        "options": {"expires": RUN_SWEEP_SECONDS},
    },
}
# Once a day; hourly, so that no day is missed.
CELERY_BEAT_SCHEDULE["publish-head"] = {
    "task": "centre.publish_head",
    "schedule": env.integer("HEAD_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# Hourly, and each trial once in twelve hours: a night that was missed is made good in the morning.
CELERY_BEAT_SCHEDULE["check-trials"] = {
    "task": "experiments.check_trials",
    "schedule": 3600,
    "options": {"expires": 3600},
}
# Once a day for each published release: what was computed in the last twenty hours is not computed again.
CELERY_BEAT_SCHEDULE["verify-releases"] = {
    "task": "experiments.verify_releases",
    "schedule": env.integer("VERIFY_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# Once a month; hourly, so that a first of the month that was missed is made good.
CELERY_BEAT_SCHEDULE["request-snapshot"] = {
    "task": "experiments.request_snapshot",
    "schedule": env.integer("SNAPSHOT_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# What a worker was not told of, and what time alone changes: results that fall due, trials that grow old.
CELERY_BEAT_SCHEDULE["keep-ratings"] = {
    "task": "tactics.keep_ratings",
    "schedule": env.integer("RATINGS_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# What has been kept for its time goes: sessions, repeats, old keys, uploads that never became data.
CELERY_BEAT_SCHEDULE["keep-retention"] = {
    "task": "centre.keep_retention",
    "schedule": env.integer("RETENTION_SECONDS", default=86_400),
    "options": {"expires": 3600},
}
# Once a month; hourly, so that a first of the month that was missed is made good.
CELERY_BEAT_SCHEDULE["request-trend-scan"] = {
    "task": "centre.request_trend_scan",
    "schedule": env.integer("TREND_SCAN_SECONDS", default=3600),
    "options": {"expires": 3600},
}
# Webhooks lead only to hosts that the operator names, or to a domain (.example.org): without any there are none.
WEBHOOK_HOSTS = [host.lower() for host in env.listed("WEBHOOK_HOSTS")]
CELERY_BEAT_SCHEDULE["send-webhooks"] = {
    "task": "centre.send_webhooks",
    "schedule": 60,
    "options": {"expires": 60},
}
if EMBEDDED:  # the sample people act by themselves; with production settings there are none
    CELERY_BEAT_SCHEDULE["advance-sample"] = {
        "task": "experiments.advance_sample",
        "schedule": 5,
        "options": {"expires": 5},
    }
