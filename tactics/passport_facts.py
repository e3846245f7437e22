"""What a passport says: everything that makes a rating, as it stands on one day. Reads alone."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from centre import signing
from centre.canonical import digest
from tactics import quality_pages, wording, worth
from tactics.models import Finding, Rating, Tactic
from tactics.models.quality import standings
from tactics.money import PLACES
from tactics.money.words import futures
from tactics.passport import PASSPORT_VERSION
from tactics.rating import LABEL_NAMES, Label

Json = dict[str, Any]
_INSIDE = ("conflicted_user_ids",)
WRITTEN = {
    "possible_harms": "Possible harms and side effects",
    "mechanism": "How it works",
    "moderators": "Where and for whom it works better or worse",
    "implementation": "How to do it",
    "economics": "What it costs, in words",
}


def document(rating: Rating, *, day: date, registry: str, key: bytes) -> Json:
    """Return the passport of a rating, before it is signed.

    Parameters
    ----------
    rating : a public one.
    day : on which it is issued.
    registry : the address of this registry.
    key : the public key that will sign it.
    """
    tactic: Tactic = Tactic.objects.with_pooled_rating().get(pk=rating.tactic_id)
    words = rating.outcome_domain.words
    scores = standings(tactic.quality_scores.select_related("by"))
    findings = list(tactic.findings.current().select_related("outcome_domain"))
    others = _others(rating)
    cost = _cost(rating)
    return {
        "version": PASSPORT_VERSION,
        "issued_on": day.isoformat(),
        "registry": registry,
        "live_page": registry + tactic.get_absolute_url(),
        "rating_page": registry + rating.get_absolute_url(),
        "keys_page": registry + reverse("passport-keys"),
        "key_id": signing.key_id(key),
        "is_simulated": tactic.is_simulated,
        "tactic": {
            "slug": tactic.slug,
            "name": tactic.name,
            "summary": tactic.summary,
            "version": tactic.version,
            "stage": tactic.get_stage_display(),
            "contact": tactic.contact,
            "force": str(tactic.force) if tactic.force else None,
        },
        "rating": {
            "id": str(rating.pk),
            "outcome": rating.outcome_domain.slug,
            "outcome_name": rating.outcome_domain.name,
            "label": rating.label,
            "label_name": LABEL_NAMES[Label(rating.label)],
            "headline": rating.headline,
            "strength": rating.strength,
            "strength_words": rating.strength_words,
            "size_band": rating.size_band or None,
            "crt_code": rating.crt_code or None,
            "trials": rating.k,
            "rules_version": rating.rules_version,
            "published_on": rating.published_at.date().isoformat() if rating.published_at else None,
            "signed_by": [one.reviewer.name for one in rating.signatures.select_related("reviewer")],
            "trace": _plain(rating.document["trace"]),
            "trace_sha256": digest(_plain(rating.document["trace"])),
        },
        "effect": {
            "metric": rating.document["metric"],
            "in_words": rating.effect or None,
            "frequencies": rating.frequencies or None,
            "new_place": wording.prediction(rating.document, words) or None,
            "caution": rating.caution or None,
            "method": rating.synthesis.method if rating.synthesis else None,
            "inputs_sha256": rating.synthesis.inputs_sha256 if rating.synthesis else None,
            "summary": _plain(rating.summary),
            "orientation": "negative values are benefits",
        },
        "evidence": [_trial(finding, rating) for finding in findings if _is_read(finding, rating)],
        "possible_harms": tactic.possible_harms or None,
        "harms": [one for one in others if one["label"] == Label.HARMFUL.value],
        "other_outcomes": [one for one in others if one["label"] != Label.HARMFUL.value],
        "quality": quality_pages.as_json(tactic, rating, scores),
        "cost": cost,
        "not_known": _not_known(rating, findings, others, cost),
    }


def _plain(value: Any) -> Any:
    """Return a stored document without the numbers of people, at any depth."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items() if name not in _INSIDE}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _is_read(finding: Finding, rating: Rating) -> bool:
    return str(finding.pk) in rating.finding_ids


def _trial(finding: Finding, rating: Rating) -> Json:
    pooled = {one["finding"] for one in rating.document["eligible"]}
    why = {one["finding"]: one["reason"] for one in rating.document["listed"]}
    said: Json = {
        "study": finding.study_label,
        "source": finding.get_source_display(),
        "trial_number": finding.trial_number or None,
        "release": finding.release_id or None,
        "citation": finding.citation or None,
        "design": finding.design,
        "is_randomised": finding.is_randomised,
        "metric": finding.metric,
        "yi": finding.yi,
        "vi": finding.vi,
        "conf_low": finding.conf_low,
        "conf_high": finding.conf_high,
        "effect": finding.effect,
        "security": finding.security,
        "forces": list(finding.force_names),
        "evaluator": finding.evaluator or None,
        "completed_on": finding.completed_on.isoformat() if finding.completed_on else None,
        "n_units": finding.n_units,
        "n_events": finding.n_events,
        "is_simulated": finding.is_simulated,
        "is_pooled": str(finding.pk) in pooled,
        "not_pooled_because": why.get(str(finding.pk)),
    }
    return {**said, "sha256": digest(said)}


def _others(rating: Rating) -> list[Json]:
    rows = Rating.objects.public().filter(tactic=rating.tactic).exclude(pk=rating.pk)
    return [
        {
            "outcome": one.outcome_domain.slug,
            "outcome_name": one.outcome_domain.name,
            "label": one.label,
            "label_name": LABEL_NAMES[Label(one.label)],
            "strength": one.strength,
            "effect": one.effect or None,
        }
        for one in rows.select_related("outcome_domain").order_by("outcome_domain__slug")
    ]


def _cost(rating: Rating) -> Json:
    tactic = rating.tactic
    figures = list(rating.appraisals.all())
    newest = {place: next((one for one in figures if one.place == place), None) for place in PLACES}
    return {
        "band": tactic.cost if tactic.cost_band else None,
        "basis": tactic.cost_basis or None,
        "hours_per_100_incidents": _number(tactic.hours_per_100_incidents),
        "hours_basis": tactic.get_hours_basis_display() if tactic.hours_basis else None,
        "stated": [
            {**cost.line.as_json(), "stated_by": str(cost.force) if cost.force else "The Centre"}
            for cost in worth.costs_of(tactic)
        ],
        "appraisals": [
            {
                "place": place,
                "headline": futures(one.share_ahead),
                "share_ahead": one.share_ahead,
                "net_benefit": one.result["net_benefit"],
                "price_year": one.inputs["price_year"],
                "inputs_sha256": one.inputs_sha256,
                "version": one.money_version,
                "made_on": one.made_at.date().isoformat(),
            }
            for place, one in newest.items()
            if one
        ],
    }


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _not_known(rating: Rating, findings: list[Finding], others: list[Json], cost: Json) -> list[str]:
    """Return what a reader might look for and not find, so that silence is not read as nothing."""
    tactic: Tactic = rating.tactic
    found: list[str] = []
    summary = rating.summary
    if summary is None or summary["estimate"] is None:
        found.append("The size of its effect: there is no estimate")
    elif summary["prediction_low"] is None:
        found.append("What a new place would see: fewer than three trials are pooled")
    if not any(finding.role == Finding.Role.HARM for finding in findings) and not others:
        found.append("Harms: no other outcome has been rated")
    if not cost["stated"]:
        found.append("What it costs in pounds: nobody has stated it")
    if not cost["appraisals"]:
        reason = worth.answer(rating, worth.NOTHING_ASKED).reason
        found.append(f"Whether it is worth its cost{f': {reason[0].lower()}{reason[1:]}' if reason else ''}")
    if cost["hours_per_100_incidents"] is None:
        found.append("How much officer time it takes or saves")
    found += [
        f"{label}: nobody has written it" for name, label in WRITTEN.items() if not getattr(tactic, name)
    ]
    return found
