"""Figures for a monitor, in Prometheus's form.

What requests did is counted by each web process in files that all of them read (gunicorn.conf.py); what the service
is like is asked of the database at the moment of the scrape, so that no process has to be the one that knows.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from centre import alarms, heartbeats, read_only
from centre.clock import database_now
from centre.models import AuditEvent, AuditHead, Run

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)

_own = CollectorRegistry()
REQUESTS = Counter("registry_requests", "Answers", ("route", "method", "status"), registry=_own)
SECONDS = Histogram(
    "registry_request_seconds", "Until the answer", ("route",), buckets=_SECONDS, registry=_own
)


class Metered:
    """Counts and times every request, by the name of its address: never by what was in it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass it on."""
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.view_name if request.resolver_match else "none"
        method = (
            request.method if request.method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"
        )
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route).observe(time.perf_counter() - began)
        return response


class _State(Collector):
    """What the service is like now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask the database; where it does not answer, that is the figure."""
        try:
            found = [*_runs(), *_parts(), *_log()]
        except DatabaseError:
            found = []
        yield _gauge("registry_database_up", "1: the database answers", float(bool(found)))
        yield from found


def exposed() -> bytes:
    """Return all figures."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)
        registry.register(_State())
        return generate_latest(registry)
    registry.register(_State())
    return generate_latest(_own) + generate_latest(registry)


def _runs() -> Iterator[GaugeMetricFamily]:
    counted = dict(Run.objects.order_by().values_list("state").annotate(Count("pk")))
    family = GaugeMetricFamily("registry_runs", "Runs by state", labels=("state",))
    for state in Run.State.values:
        family.add_metric((state,), counted.get(state, 0))
    yield family
    waited = alarms.oldest_queued_seconds(database_now())
    yield _gauge("registry_oldest_queued_seconds", "How long the oldest waiting run has waited", waited)


def _parts() -> Iterator[GaugeMetricFamily]:
    ages = heartbeats.ages()
    family = GaugeMetricFamily("registry_silent_seconds", "Since a part was heard from", labels=("part",))
    for part, age in ages.items():
        family.add_metric((part,), age)
    yield family
    yield _gauge("registry_workers", "Workers heard from lately", len(alarms.fresh_workers(ages)))
    yield _gauge("registry_read_only", "1: nothing can be changed", float(bool(read_only.reason())))
    ringing = GaugeMetricFamily(
        "registry_alarms", "1: it rings; docs/operations.md says what to do", labels=("alarm",)
    )
    for name in sorted({alarm.name for alarm in alarms.ringing()}):
        ringing.add_metric((name,), 1)
    yield ringing


def _log() -> Iterator[GaugeMetricFamily]:
    now = database_now()
    yield _gauge("registry_audit_events", "Events on the audit log", AuditEvent.objects.count())
    hour = AuditEvent.objects.filter(at__gt=now - timedelta(hours=1))
    refused = {
        "sign-in": hour.filter(event="sign-in.refused"),
        "request": hour.filter(event="request.refused"),
    }
    family = GaugeMetricFamily("registry_refused_last_hour", "Refusals on the audit log", labels=("what",))
    for what, events in refused.items():
        family.add_metric((what,), events.count())
    yield family
    newest = AuditHead.objects.order_by("-day").values_list("at", flat=True).first()
    if newest:
        age = (now - newest).total_seconds()
        yield _gauge("registry_head_age_seconds", "Since the last head was published", age)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
