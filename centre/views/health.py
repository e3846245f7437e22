"""For machines: whether this process is alive, and whether the whole service can do its work."""

import redis
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST

from centre import alarms
from centre.clock import database_now
from centre.metrics import exposed


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """Answer, and look at nothing: a broken database is no reason to restart this process."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, queue and worker all work, else 503 with the reasons."""
    problems = {"database": _database(), "queue": _queue()}
    problems["worker"] = "not asked: the queue does not answer" if problems["queue"] else _worker()
    problems["waiting"] = "not asked: the database does not answer" if problems["database"] else _waiting()
    checks = {name: reason or "ok" for name, reason in problems.items()}
    is_ready = not any(problems.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", "checks": checks},
        status=200 if is_ready else 503,
        headers={"Cache-Control": "no-store"} | ({} if is_ready else {"Retry-After": "15"}),
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "the database does not answer"
    return ""


def _queue() -> str:
    if not settings.REDIS_URL:
        return "no queue is configured (REDIS_URL)"
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "Redis does not answer"
    return ""


def _worker() -> str:
    try:
        answers = current_app.control.ping(timeout=1, limit=1)
    except (OperationalError, OSError):
        return "the workers could not be asked"
    return "" if answers else "no worker answered within 1 second"


def _waiting() -> str:
    """Name a run that nobody takes: a worker that answers pings may still not consume."""
    waited = alarms.oldest_queued_seconds(database_now())
    return (
        f"a run has waited {waited:.0f} seconds for a worker"
        if waited > settings.ALARM_WAITING_SECONDS
        else ""
    )


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the figures to a monitor that has the token; nobody else learns that there are any."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    return HttpResponse(exposed(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
