"""A registration is withdrawn by three people: one asks, two approve."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from centre.frozen import FrozenModel
from experiments.models.trial import Trial
from experiments.querysets import OfTrialQuerySet


def _whole(stem: str) -> Q:
    """Return the condition that a fact has both its time and its person, or neither."""
    return Q(**{f"{stem}_at": None, f"{stem}_by": None}) | Q(
        **{f"{stem}_at__isnull": False, f"{stem}_by__isnull": False}
    )


def _person(name: str, *, may_lack: bool = True) -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=may_lack, related_name=f"withdrawals_{name}"
    )


class Withdrawal(FrozenModel):
    """The wish to take a trial off the register before anything began, and who agreed."""

    frozen_except = (
        "manager_at",
        "manager_by",
        "director_at",
        "director_by",
        "refused_at",
        "refused_by",
        "refusal",
    )

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="withdrawals")
    reason = models.TextField()
    requested_at = models.DateTimeField()
    requested_by = _person("requested", may_lack=False)
    is_forced = models.BooleanField(default=False)  # by the director, who then needs nobody else
    manager_at = models.DateTimeField(null=True)
    manager_by = _person("approved_as_manager")
    director_at = models.DateTimeField(null=True)
    director_by = _person("approved_as_director")
    refused_at = models.DateTimeField(null=True)
    refused_by = _person("refused")
    refusal = models.TextField(blank=True)

    objects = OfTrialQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints = (
            *(
                models.CheckConstraint(name=f"experiments_withdrawal_{stem}_whole", condition=_whole(stem))
                for stem in ("manager", "director", "refused")
            ),
            models.CheckConstraint(
                name="experiments_withdrawal_three_people",
                condition=Q(is_forced=True)
                | (
                    (Q(manager_by=None) | ~Q(manager_by=F("requested_by")))
                    & (Q(director_by=None) | ~Q(director_by=F("requested_by")))
                    & (Q(manager_by=None) | Q(director_by=None) | ~Q(manager_by=F("director_by")))
                ),
            ),
            models.UniqueConstraint(
                name="experiments_withdrawal_one_open", fields=("trial",), condition=Q(refused_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"Withdrawal of {self.trial}"

    @property
    def is_open(self) -> bool:
        return self.refused_at is None and not self.is_approved

    @property
    def is_approved(self) -> bool:
        """Return whether all agreed whose word it needs."""
        return self.director_at is not None and (self.is_forced or self.manager_at is not None)
