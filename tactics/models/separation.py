"""Two names under every rating that claims something, kept by the database itself, whoever writes."""

from centre.triggers import Rule
from tactics.rating import LABEL_NAMES, NEEDS_SIGNATURES

_CLAIM_NOTHING = ", ".join(f"'{label.value}'" for label in LABEL_NAMES if label not in NEEDS_SIGNATURES)

_OWN_SCORES = (
    "tactics_qualityscore q WHERE q.tactic_id = NEW.tactic_id AND q.dimension = NEW.dimension"
    " AND q.round = NEW.round AND q.step = 'own'"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "practice_accepted_outside_its_force",
        "tactics_practiceversion",
        "INSERT",
        "EXISTS (SELECT 1 FROM tactics_practice p JOIN centre_membership m ON m.force_id = p.force_id"
        " WHERE p.id = NEW.practice_id AND m.user_id = NEW.accepted_by_id)",
        "who works in a force does not accept its account",
    ),
    Rule(
        "quality_not_by_its_proposer",
        "tactics_qualityscore",
        "INSERT",
        "EXISTS (SELECT 1 FROM tactics_tactic t WHERE t.id = NEW.tactic_id AND t.proposed_by_id = NEW.by_id)",
        "who proposed a tactic does not score it",
    ),
    Rule(
        "quality_by_two",
        "tactics_qualityscore",
        "INSERT",
        f"NEW.step = 'own' AND (SELECT COUNT(*) FROM {_OWN_SCORES}) >= 2",
        "two reviewers score",
    ),
    Rule(
        "quality_moderated_by_the_two",
        "tactics_qualityscore",
        "INSERT",
        f"NEW.step = 'moderated' AND ((SELECT COUNT(*) FROM {_OWN_SCORES}) < 2"
        f" OR NOT EXISTS (SELECT 1 FROM {_OWN_SCORES} AND q.by_id = NEW.by_id))",
        "the two who have scored agree on one score",
    ),
    Rule(
        "rating_public_when_signed",
        "tactics_rating",
        "UPDATE",
        f"NEW.published_at IS NOT NULL AND OLD.published_at IS NULL AND NEW.label NOT IN ({_CLAIM_NOTHING})"
        " AND (SELECT COUNT(DISTINCT s.reviewer_id) FROM tactics_ratingsignature s WHERE s.rating_id = NEW.id) < 2",
        "two reviewers sign what claims something",
    ),
    Rule(
        "appeal_answered_by_another",
        "tactics_appealanswer",
        "INSERT",
        "EXISTS (SELECT 1 FROM tactics_appeal a WHERE a.id = NEW.appeal_id AND (a.by_id = NEW.by_id OR EXISTS"
        " (SELECT 1 FROM tactics_ratingsignature s WHERE s.rating_id = a.rating_id AND s.reviewer_id = NEW.by_id)))",
        "who appeals or has signed does not answer",
    ),
)
