"""How people come in: by a link that works once, for a week, from somebody who may invite."""

import hashlib
import secrets
from functools import partial

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from centre import audit, people, text
from centre.accounts import locks, sessions
from centre.errors import Conflict, Invalid, NotFound, NotPermitted, Problem
from centre.models import Force, Invitation, Membership, User
from centre.permissions import Permission, require
from centre.runs import doorbell

_SUBJECT = "Your link to the Tactic Registry"
_MESSAGE = """{by} has made this link for you: {what}.

{link}

It works once, until {until}. Nobody will ask you for it. If you did not expect it, do nothing.
"""


@transaction.atomic
def make(*, email: str, role: str, force: str = "", by: User) -> tuple[Invitation, str]:
    """Somebody can come in and hold one post. Returns the path of the link, which is never seen again."""
    require(by, Permission.PEOPLE_INVITE)
    problems = people.problems_of(email, "-", role, force)
    if problems:
        raise Invalid("The invitation was not made.", problems)
    if User.objects.filter(email__iexact=email).exists():
        raise Invalid.field("email", "Somebody with this address can sign in already")
    if Invitation.objects.open().filter(email__iexact=email, renews=None).exists():
        raise Invalid.field("email", "There is an open invitation to this address. Revoke it first")
    of = Force.objects.get(slug=force) if force else None
    return _kept(Invitation(email=email.lower(), role=role, force=of, made_by=by), by)


@transaction.atomic
def renew(*, person: User, made_sure: str, by: User) -> tuple[Invitation, str]:
    """A person who cannot sign in can choose a new password; their second factor stays as it is."""
    require(by, Permission.PEOPLE_INVITE)
    if person.pk == by.pk:
        raise NotPermitted("Change your own password on your account's page.")
    if not person.is_active:
        raise Conflict(f"{person} is suspended.")
    people.require_made_sure(made_sure)
    return _kept(Invitation(email=person.email, renews=person, made_by=by), by, made_sure=made_sure)


def _kept(invitation: Invitation, by: User, **more: str) -> tuple[Invitation, str]:
    key = secrets.token_urlsafe(32)
    invitation.link_sha256 = hashed(key)
    invitation.expires_at = invitation.made_at + Invitation.KEPT_FOR
    invitation.save()
    force = invitation.force.slug if invitation.force else ""
    detail = {"role": invitation.role, "force": force, "renews": str(invitation.renews_id or ""), **more}
    audit.record("invitation.made", subject=_subject(invitation), by=by, detail=detail)
    path = reverse("invitation-open", args=[key])
    if is_mailed():
        link = f"{settings.PUBLIC_ADDRESS}{path}"
        transaction.on_commit(partial(_have_mailed, str(invitation.public_id), link), robust=True)
    return invitation, path


def is_mailed() -> bool:
    """Return whether links go by e-mail; otherwise whoever makes one hands it on."""
    return bool(settings.EMAIL_HOST)


def _have_mailed(public_id: str, link: str) -> None:
    """Ask a worker to; a page never waits for the queue, and a link is no clear text in it."""
    doorbell.ring("centre.mail_invitation", f"{public_id} {locks.lock(link)}")


def mail(public_id: str, link: str) -> None:
    """The link is on its way to whom it is for, and the row says since when."""
    invitation = Invitation.objects.select_related("made_by", "force").get(public_id=public_id)
    if not invitation.is_open or invitation.mailed_at is not None:
        return
    words = _MESSAGE.format(
        by=invitation.made_by, what=invitation.what, link=link, until=f"{invitation.expires_at:%-d %B %Y}"
    )
    send_mail(_SUBJECT, words, None, [invitation.email])
    with transaction.atomic():
        invitation.mailed_at = timezone.now()
        invitation.save(update_fields=["mailed_at"])
        audit.record("invitation.mailed", subject=_subject(invitation), by=audit.SYSTEM)


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> Invitation:
    """The link opens nothing more."""
    require(by, Permission.PEOPLE_INVITE)
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not invitation.is_open:
        raise Conflict("This link does not work any more: it was used, was revoked or is too old.")
    invitation.revoked_at, invitation.revoked_by = timezone.now(), by
    invitation.save(update_fields=["revoked_at", "revoked_by"])
    audit.record("invitation.revoked", subject=_subject(invitation), by=by)
    return invitation


@transaction.atomic
def accept(*, link_sha256: str, name: str, password: str) -> User:
    """The person can sign in, and the link opens nothing more."""
    invitation = Invitation.objects.select_for_update().filter(link_sha256=link_sha256).first()
    if invitation is None or not invitation.is_open:
        raise NotFound("This link does not work any more.")
    person = invitation.renews or User(email=invitation.email, name=text.tidied(name))
    problems = [] if invitation.renews or _is_name(name) else [people.NAME_PROBLEM]
    try:
        validate_password(password, person)
    except ValidationError as error:
        problems += [Problem("password", line) for line in error.messages]
    if problems:
        raise Invalid("The link was not used.", problems)
    person = _renewed(person, password) if invitation.renews else _added(invitation, person, password)
    invitation.accepted_at, invitation.person = timezone.now(), person
    invitation.save(update_fields=["accepted_at", "person"])
    audit.record("invitation.accepted", subject=_subject(invitation), by=person)
    return person


def _is_name(name: str) -> bool:
    return not text.is_blank(name) and len(name) <= 120 and not text.refused_character(name)


def _renewed(person: User, password: str) -> User:
    if not person.is_active:
        raise NotFound("This link does not work any more.")
    person.set_password(password)
    person.save(update_fields=["password"])
    sessions.end_all(person)
    audit.record("person.password_changed", subject=person, by=person)
    return person


def _added(invitation: Invitation, person: User, password: str) -> User:
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Conflict("Somebody with this address can sign in already.")
    person = User.objects.create_user(invitation.email, password, name=person.name)
    Membership.objects.create(user=person, role=invitation.role, force=invitation.force)
    detail = {"role": invitation.role, "force": invitation.force.slug if invitation.force else ""}
    audit.record("person.added", subject=person, by=invitation.made_by, detail=detail)
    return person


def hashed(key: str) -> str:
    """Return what is kept of a link."""
    return hashlib.sha256(key.encode()).hexdigest()


def _subject(invitation: Invitation) -> tuple[str, str]:
    return "centre.invitation", str(invitation.public_id)
