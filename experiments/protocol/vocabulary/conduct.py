"""People, dates, safeguards and openness."""

from experiments.protocol.vocabulary.choice import Choice


class GuardrailAction(Choice):
    NOTIFY = "notify"
    PAUSE = "pause"
    STOP = "stop"


class DateType(Choice):
    ESTIMATED = "estimated"
    ACTUAL = "actual"


class DataSeen(Choice):
    """RIDIE's four categories of how prospective a registration is."""

    NONE = "none", "Does not exist yet"
    EXISTS_UNSEEN = "exists_unseen", "Exists, nobody in the team has seen it"
    HELD_UNANALYSED = "held_unanalysed", "Held by the team, not analysed"
    ANALYSED = "analysed", "Already analysed"

    @property
    def category(self) -> int:
        return list(DataSeen).index(self) + 1


class Sharing(Choice):
    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class EthicsDecision(Choice):
    APPROVED = "approved"
    EXEMPT = "exempt"
    PENDING = "pending"


class Independence(Choice):
    IN_HOUSE = "in_house", "In-house: the force evaluates itself"
    DUAL_PARTNERSHIP = "dual_partnership", "Partnership with an independent research body"
    MULTI_AGENCY = "multi_agency", "Multi-agency partnership"
    OTHER = "other"


class PersonRole(Choice):
    PRINCIPAL_INVESTIGATOR = "principal_investigator"
    CO_INVESTIGATOR = "co_investigator", "Co-investigator"
    TRIAL_MANAGER = "trial_manager"
    SENIOR_SPONSOR = "senior_sponsor", "Force senior sponsor"
    ANALYST = "analyst"
    DELIVERY_LEAD = "delivery_lead"


class Issuer(Choice):
    """Who gave the trial another number."""

    ISRCTN = "isrctn", "ISRCTN"
    OSF = "osf", "OSF"
    AEA = "aea", "AEA RCT Registry"
    UK_EVAL_REGISTRY = "uk_eval_registry", "UK Evaluation Registry"
    ETHICS = "ethics", "Ethics body"
    GRANT = "grant", "Grant funder"
    FORCE_REF = "force_ref", "Police force"
    OTHER = "other"


class Licence(Choice):
    """On which terms others may use what is published."""

    OGL_3 = "ogl_3", "Open Government Licence v3.0"
    CC_BY_4 = "cc_by_4", "Creative Commons Attribution 4.0"
    CC0 = "cc0", "CC0: no rights reserved"
    NONE = "none", "No open licence"
