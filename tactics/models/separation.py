"""Two names under every rating that claims something, kept by the database itself, whoever writes."""

from centre.triggers import Rule
from tactics.rating import LABEL_NAMES, NEEDS_SIGNATURES

_CLAIM_NOTHING = ", ".join(f"'{label.value}'" for label in LABEL_NAMES if label not in NEEDS_SIGNATURES)

RULES: tuple[Rule, ...] = (
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
