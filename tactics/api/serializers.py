"""What the API shows of tactics, findings, syntheses and ratings. Every field is listed."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from centre.api.serializers import ReadSerializer
from tactics import quality_pages
from tactics.models import (
    Bulletin,
    CitedEvidence,
    Finding,
    OutcomeDomain,
    Problem,
    Rating,
    RatingSignature,
    Synthesis,
    Tactic,
    standings,
)

# Who may not sign is for the signing page: the numbers of people are nobody else's business.
_INSIDE = frozenset({"conflicted_user_ids"})


def without_people(document: Any) -> Any:
    """Return a stored document without the numbers of people, at any depth."""
    if isinstance(document, Mapping):
        return {key: without_people(value) for key, value in document.items() if key not in _INSIDE}
    return [without_people(value) for value in document] if isinstance(document, list) else document


class ProblemSerializer(ReadSerializer):
    """A problem that forces come with."""

    class Meta:
        model = Problem
        fields = ("slug", "name")
        ref_name = "PolicingProblem"


class OutcomeDomainSerializer(ReadSerializer):
    """What a tactic is meant to change."""

    class Meta:
        model = OutcomeDomain
        fields = ("slug", "name", "description", "benefit")


class CurrentRatingSerializer(ReadSerializer):
    """What the library says now of one tactic on one outcome domain."""

    outcome_domain = OutcomeDomainSerializer()
    label_name = serializers.CharField(source="get_label_display")
    k = serializers.IntegerField(help_text="Number of trials the rating rests on.")

    class Meta:
        model = Rating
        fields = (
            "id",
            "outcome_domain",
            "label",
            "label_name",
            "crt_code",
            "strength",
            "size_band",
            "k",
            "rules_version",
            "published_at",
        )


class CitedEvidenceSerializer(ReadSerializer):
    """What a published review, study or claim says of a tactic: cited, and no part of any rating."""

    class Meta:
        model = CitedEvidence
        fields = ("kind", "outcome", "says", "quality", "citation", "doi")


class TacticSerializer(ReadSerializer):
    """A thing that police do about a problem, with its ratings."""

    problems = ProblemSerializer(many=True)
    main_outcome = OutcomeDomainSerializer(allow_null=True)
    force = serializers.SlugField(source="force.slug", default=None, allow_null=True)
    ratings = CurrentRatingSerializer(
        source="current_ratings", many=True, help_text="Current public ratings."
    )
    cited_evidence = CitedEvidenceSerializer(
        source="cited",
        many=True,
        help_text="Published reviews and studies, in no rating and in no pooled number.",
    )
    adoptions = serializers.DictField(
        source="n_adopters",
        child=serializers.IntegerField(),
        help_text="How many forces say each stage of their own use now.",
    )
    transparency = serializers.SerializerMethodField(
        help_text="What there is of the transparency record of a tactic that uses AI; null of any other."
    )
    emmie = serializers.SerializerMethodField(
        help_text=(
            "Effect (computed by the rules), mechanism, moderators, implementation and economics (what two reviewers "
            "agreed on, 0 to 4): whether anything is written, and how well it is founded."
        )
    )
    hours_per_100_incidents = serializers.FloatField(
        allow_null=True,
        help_text="Officer hours saved; negative where the tactic takes them. Never to be summed across bases.",
    )

    class Meta:
        model = Tactic
        fields = (
            "slug",
            "name",
            "summary",
            "problems",
            "main_outcome",
            "ratings",
            "emmie",
            "cited_evidence",
            "problem_text",
            "mechanism",
            "moderators",
            "possible_harms",
            "equality",
            "implementation",
            "first_30_days",
            "economics",
            "cost_band",
            "cost_basis",
            "hours_per_100_incidents",
            "hours_basis",
            "focus",
            "population",
            "population_kind",
            "setting",
            "setting_kind",
            "stage",
            "adoptions",
            "uses_ai",
            "transparency",
            "no_record_because",
            "contact",
            "force",
            "is_simulated",
            "version",
            "proposed_at",
            "published_at",
        )

    def get_emmie(self, tactic: Tactic) -> list[dict[str, Any]]:
        """Return the five parts."""
        return quality_pages.as_json(tactic, tactic.headline_rating, standings(tactic.quality_scores.all()))

    def get_transparency(self, tactic: Tactic) -> str | None:
        """Return the state of the record in words."""
        return tactic.transparency if tactic.uses_ai else None


class FindingSerializer(ReadSerializer):
    """One study's estimate on one outcome; `yi` is oriented so that a negative value is a benefit."""

    tactic = serializers.SlugField(source="tactic.slug")
    outcome_domain = serializers.SlugField(source="outcome_domain.slug")

    class Meta:
        model = Finding
        fields = (
            "id",
            "tactic",
            "outcome_domain",
            "source",
            "study_label",
            "trial_number",
            "release_id",
            "citation",
            "role",
            "metric",
            "yi",
            "vi",
            "conf_low",
            "conf_high",
            "benefit_sign",
            "security",
            "security_trace",
            "is_randomised",
            "design",
            "sms",
            "force_names",
            "evaluator",
            "country",
            "completed_on",
            "below_integrity_floor",
            "dose_response",
            "n_units",
            "n_events",
            "is_proxy",
            "is_simulated",
            "recorded_at",
            "superseded_at",
        )


class SignatureSerializer(ReadSerializer):
    """A reviewer's name under a rating."""

    reviewer = serializers.CharField(source="reviewer.name")

    class Meta:
        model = RatingSignature
        fields = ("reviewer", "signed_at")


class BulletinSerializer(ReadSerializer):
    """One thing that happened to what the library says of a tactic, in the words of that day."""

    id = serializers.UUIDField(source="public_id")
    tactic = serializers.SlugField(source="tactic.slug")
    outcome_domain = serializers.SlugField(source="outcome_domain.slug")
    rating = serializers.UUIDField(
        source="rating_id", allow_null=True, help_text="The rating it is about; null of a result."
    )

    class Meta:
        model = Bulletin
        fields = ("id", "tactic", "outcome_domain", "kind", "rating", "said", "at")


class RatingSerializer(CurrentRatingSerializer):
    """A rating, current or past."""

    tactic = serializers.SlugField(source="tactic.slug")
    signatories = SignatureSerializer(source="signatures", many=True)
    summary = serializers.JSONField(
        allow_null=True, help_text="The pooled numbers; null where nothing was pooled."
    )
    synthesis = serializers.UUIDField(source="synthesis_id", allow_null=True)
    why = serializers.ListField(
        child=serializers.CharField(), help_text="Why it is not what was public before, in plain statements."
    )
    reopened = serializers.SerializerMethodField(
        help_text="Why two reviewers look at it again; empty where nothing is in doubt."
    )

    class Meta:
        model = Rating
        fields = (
            "id",
            "tactic",
            "outcome_domain",
            "label",
            "label_name",
            "crt_code",
            "strength",
            "size_band",
            "k",
            "summary",
            "synthesis",
            "rules_version",
            "why",
            "reopened",
            "signatories",
            "is_current",
            "computed_at",
            "published_at",
            "superseded_at",
        )

    def get_reopened(self, rating: Rating) -> list[str]:
        """Return the reasons, newest first."""
        return [one.said for one in rating.bulletins.all() if one.kind == Bulletin.Kind.REOPENED]


class RatingTraceSerializer(ReadSerializer):
    """Why a rating is what it is: every rule that fired, the values it fired on, and the inputs."""

    tactic = serializers.SlugField(source="tactic.slug")
    outcome_domain = serializers.SlugField(source="outcome_domain.slug")
    document = serializers.SerializerMethodField(help_text="The trace, the inputs and the pooled numbers.")
    inputs_sha256 = serializers.CharField(source="synthesis.inputs_sha256", default=None, allow_null=True)

    class Meta:
        model = Rating
        fields = (
            "id",
            "tactic",
            "outcome_domain",
            "label",
            "rules_version",
            "document",
            "inputs_sha256",
            "computed_at",
        )

    def get_document(self, rating: Rating) -> dict[str, Any]:
        """Return the stored trace."""
        shown: dict[str, Any] = without_people(rating.document)
        return shown


class SynthesisSerializer(ReadSerializer):
    """The findings of one tactic and outcome domain, pooled, with the rows of the forest plot."""

    tactic = serializers.SlugField(source="tactic.slug")
    outcome_domain = serializers.SlugField(source="outcome_domain.slug")
    document = serializers.SerializerMethodField(
        help_text="Estimate, prediction interval, heterogeneity, rows."
    )

    class Meta:
        model = Synthesis
        fields = ("id", "tactic", "outcome_domain", "k", "method", "document", "inputs_sha256", "computed_at")

    def get_document(self, synthesis: Synthesis) -> dict[str, Any]:
        """Return the stored answer."""
        shown: dict[str, Any] = without_people(synthesis.document)
        return shown
