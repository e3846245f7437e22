"""Roles hold what is listed beside them, and nothing else."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from centre.errors import NotPermitted
from centre.models import Force, Membership, User
from centre.permissions import (
    CENTRE_ROLES,
    ROLES,
    Permission,
    has_permission,
    require,
    require_any,
    role_used,
)


@dataclass(frozen=True)
class Thing:
    """Something that concerns forces."""

    force_ids: frozenset[int]


def person(*roles: str, force: Force | None = None) -> User:
    user = User.objects.create_user(f"{'-'.join(roles) or 'none'}@example.test", name="P")
    for role in roles:
        Membership.objects.create(user=user, role=role, force=force if ROLES[role].scope == "force" else None)
    return user


def test_nobody_holds_anything_by_default() -> None:
    assert not any(has_permission(AnonymousUser(), permission) for permission in Permission)


@pytest.mark.django_db
def test_a_person_without_a_post_holds_nothing() -> None:
    user = person()
    assert not any(has_permission(user, permission) for permission in Permission)


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_holds_exactly_what_is_listed(role: str) -> None:
    user = person(role, force=Force.objects.get(slug="btp"))
    assert {p for p in Permission if has_permission(user, p)} == ROLES[role].permissions


@pytest.mark.django_db
def test_a_disabled_person_holds_nothing() -> None:
    user = person("registrar")
    user.is_active = False
    assert not has_permission(user, Permission.TRIAL_REGISTER)


@pytest.mark.django_db
def test_a_force_user_acts_only_for_their_own_force() -> None:
    own, other = Force.objects.get(slug="surrey"), Force.objects.get(slug="kent")
    user = person("force_user", force=own)
    assert has_permission(user, Permission.DATASET_UPLOAD, on=Thing(frozenset({own.pk, other.pk})))
    assert not has_permission(user, Permission.DATASET_UPLOAD, on=Thing(frozenset({other.pk})))
    assert not has_permission(user, Permission.DATASET_UPLOAD, on=Thing(frozenset()))


@pytest.mark.django_db
def test_require_names_who_can() -> None:
    with pytest.raises(NotPermitted) as refusal:
        require(person("analyst"), Permission.RELEASE_PUBLISH)
    assert str(refusal.value) == "Your roles do not include this: Publisher can do it."


@pytest.mark.django_db
def test_of_several_permissions_the_first_that_is_held_is_used() -> None:
    both = (Permission.TRIAL_REVIEW, Permission.TRIAL_REGISTER, Permission.RELEASE_PUBLISH)
    assert require_any(person("registrar", "publisher"), both) == Permission.TRIAL_REGISTER
    with pytest.raises(NotPermitted) as refusal:
        require_any(person("analyst"), both[:2])
    assert str(refusal.value) == "Your roles do not include this: Registrar or Methods reviewer can do it."


@pytest.mark.django_db
def test_an_act_names_the_post_that_allowed_it() -> None:
    own, other = Force.objects.get(slug="surrey"), Force.objects.get(slug="kent")
    user = person("analyst", "force_user", force=own)
    upload = Permission.DATASET_UPLOAD
    assert role_used(user, upload) == role_used(user, upload, on=Thing(frozenset({own.pk}))) == "force_user"
    assert role_used(user, upload, on=Thing(frozenset({other.pk}))) == ""
    assert role_used(user, Permission.ANALYSIS_RUN, on=Thing(frozenset({other.pk}))) == "analyst"
    assert role_used(user, Permission.RELEASE_PUBLISH) == ""
    user.is_active = False
    assert role_used(user, upload) == ""


def test_no_single_role_can_take_a_result_out_alone() -> None:
    line = [Permission.ANALYSIS_RUN, Permission.RELEASE_CHECK, Permission.RELEASE_PUBLISH]
    assert all(sum(p in role.permissions for p in line) <= 1 for role in ROLES.values())
    assert not any(
        {Permission.ALLOCATION_SEE, Permission.ANALYSIS_RUN} <= role.permissions for role in ROLES.values()
    )
    assert not any(
        {Permission.TRIAL_REVIEW, Permission.TRIAL_REGISTER} <= role.permissions for role in ROLES.values()
    )


@pytest.mark.django_db
def test_the_database_wants_a_force_for_force_users_and_for_no_one_else() -> None:
    user, force = person(), Force.objects.get(slug="surrey")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, role="force_user")
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=user, role="analyst", force=force)
    assert {"registrar", "analyst"} <= CENTRE_ROLES


@pytest.mark.django_db
def test_the_forces_of_england_and_wales_are_loaded() -> None:
    assert Force.objects.filter(kind="territorial").count() == 43
    assert Force.objects.get(slug="btp").kind == "special"
