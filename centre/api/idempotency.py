"""Idempotency-Key: the same POST sent twice acts once, and both times gets the same answer."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from centre.api.permissions import person
from centre.api.problems import KeyReused
from centre.models import IdempotentRequest

_KEY = re.compile(r"[\x21-\x7e]{1,120}")
_KEPT_HEADERS = ("Location",)


def answer(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` once for each key; a repeat gets the stored answer.

    The key, the act and its answer are one transaction: a crash leaves all of them or none. A second
    request with the key waits for the first on the unique row, then repeats its answer. A refusal is not
    kept, because it saved nothing.
    """
    key = key_of(request)
    if key is None:
        return act()
    sent = fingerprint(request)
    _forget_old(request)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = IdempotentRequest.objects.create(user=person(request), key=key, request_sha256=sent)
        except IntegrityError:
            return _repeat(IdempotentRequest.objects.get(user=person(request), key=key), sent)
        response = act()
        row.status = response.status_code
        row.headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
        row.body = JSONRenderer().render(response.data).decode()
        row.save(update_fields=("status", "headers", "body"))
    return response


def key_of(request: Request) -> str | None:
    """Return the key that was sent, if one was."""
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not _KEY.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["Use 1 to 120 visible ASCII characters"]})
    return key


def _repeat(row: IdempotentRequest, sent: str) -> Response:
    if row.request_sha256 != sent:
        raise KeyReused(
            f"Idempotency-Key {row.key} came first with another request; use a new key for a new request."
        )
    return Response(
        json.loads(row.body) if row.body else None,
        status=row.status,
        headers={**row.headers, "Idempotency-Replayed": "true"},
    )


def _forget_old(request: Request) -> None:
    oldest = timezone.now() - IdempotentRequest.KEPT_FOR
    IdempotentRequest.objects.filter(user=person(request), created_at__lt=oldest).delete()


def fingerprint(request: Request) -> str:
    """Return the hash of what was asked: not of the raw bytes, whose multipart boundary differs each time."""
    whole = hashlib.sha256(f"{request.method} {request.path}\n".encode("utf-8", "backslashreplace"))
    for part in _parts(request.data):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()


def _parts(data: Any) -> Iterator[bytes]:
    if not hasattr(data, "lists"):
        yield json.dumps(data, sort_keys=True).encode()
        return
    for name, values in sorted(data.lists()):
        for value in values:
            yield name.encode("utf-8", "backslashreplace")
            if isinstance(value, UploadedFile):
                yield hashlib.file_digest(value, "sha256").digest()
                value.seek(0)
            else:
                yield str(value).encode("utf-8", "backslashreplace")
