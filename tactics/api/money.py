"""Is it worth it? The public figures of a rating, and one for the caller's own place."""

from typing import Any

from rest_framework import serializers

from centre.api.problems import refused_parameter
from centre.api.schema import queries_of
from centre.api.serializers import Prunable, ReadSerializer
from centre.api.views import DetailView, visible
from centre.models import Force
from tactics import worth
from tactics.models import Appraisal, Rating, Tactic
from tactics.money_form import NAMES, MoneyForm


class AppraisalSerializer(ReadSerializer):
    """A public figure: what was put in, and what came out. Pounds; negative where the tactic does harm."""

    inputs = serializers.JSONField(help_text="Everything that the figure was made of.")
    result = serializers.JSONField(help_text="Benefits, costs, ratio, chance, bars; null is not known.")

    class Meta:
        model = Appraisal
        fields = (
            "place",
            "share_ahead",
            "inputs",
            "inputs_sha256",
            "result",
            "money_version",
            "software_version",
            "made_at",
        )


class AnswerSerializer(serializers.Serializer[Any]):
    """A figure for the place that was asked about."""

    inputs = serializers.JSONField(allow_null=True)
    result = serializers.JSONField(allow_null=True)
    not_estimable = serializers.CharField(allow_null=True, help_text="Why there is no figure.")


class MoneySerializer(Prunable):
    """What is known of a tactic's benefit and cost on one outcome."""

    tactic = serializers.SlugField()
    outcome_domain = serializers.SlugField()
    figures = AppraisalSerializer(
        many=True, help_text="Public figures, newest first; the first is the one that pages show."
    )
    is_stale = serializers.BooleanField(
        allow_null=True,
        help_text="Whether evidence, costs or prices have changed since; null without a figure.",
    )
    asked = AnswerSerializer(
        allow_null=True, help_text="For the place that the parameters describe; null without parameters."
    )
    not_estimable = serializers.CharField(allow_null=True, help_text="Why no public figure can be made.")


class MoneyDetail(DetailView):
    """Benefit and cost on one outcome, the main one where none is named: ?incidents=500&years=3&place=new.

    With parameters one more figure is worked out for the place that they describe.
    """

    serializer_class: Any = MoneySerializer
    parameters = queries_of(MoneyForm, NAMES)

    def modified(self, rows: list[Any]) -> None:
        """Say nothing: the answer is of today."""

    def thing(self) -> dict[str, Any]:
        """Return what is known."""
        tactic = visible(Tactic.objects.visible_to(self.request.user), slug=self.kwargs["slug"])
        rows = Rating.objects.public().filter(tactic=tactic).select_related("outcome_domain", "tactic__force")
        ratings = sorted(rows, key=lambda one: one.outcome_domain_id != tactic.main_outcome_id)
        named = self.request.query_params.get("outcome")
        rating: Rating = visible(rows, outcome_domain__slug=named) if named or not ratings else ratings[0]
        figures = list(rating.appraisals.all())
        return {
            "tactic": tactic.slug,
            "outcome_domain": rating.outcome_domain.slug,
            "figures": figures,
            "is_stale": worth.is_stale(figures[0], rating) if figures else None,
            "asked": self._asked(tactic, rating),
            "not_estimable": worth.answer(rating, worth.NOTHING_ASKED).reason or None,
        }

    def _asked(self, tactic: Tactic, rating: Rating) -> dict[str, Any] | None:
        parameters = self.request.query_params
        if not any(name in parameters for name in NAMES if name != "outcome"):
            return None
        forces = list(Force.objects.filter(pk__in=tactic.costs.standing().values("force")))
        is_odds = rating.document["metric"] == "log_odds_ratio"
        form = MoneyForm([rating.outcome_domain], forces, parameters, is_odds=is_odds)
        for name in ("baseline_risk", "force"):
            if name in parameters and name not in form.fields:
                raise refused_parameter(name, f"{name} has no meaning here")
        if not form.is_valid():
            name, messages = next(iter(form.errors.items()))
            raise refused_parameter(str(name), str(messages[0]))
        return worth.answer(rating, form.asked).as_json()
