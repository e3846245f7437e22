"""A trial in the form that another registry or a checklist asks for: pure, from its protocol and facts."""

from experiments.exports.consort import CONSORT
from experiments.exports.crimport import CRIMPORT
from experiments.exports.crosswalk import Answered, Export, Target, export
from experiments.exports.isrctn import ISRCTN
from experiments.exports.osf import OSF
from experiments.exports.record import Account, Facts, PublishedResult, Record, VersionFact
from experiments.exports.spirit import SPIRIT
from experiments.exports.uk_evaluation import UK_EVALUATION
from experiments.exports.who import WHO

TARGETS: dict[str, Target] = {
    one.slug: one for one in (WHO, ISRCTN, OSF, UK_EVALUATION, CRIMPORT, SPIRIT, CONSORT)
}

__all__ = [
    "TARGETS",
    "Account",
    "Answered",
    "Export",
    "Facts",
    "PublishedResult",
    "Record",
    "Target",
    "VersionFact",
    "export",
]
