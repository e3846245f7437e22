"""When an answer stops being free to change, in plain words."""

from experiments.protocol import Freeze, freeze_of

WORDS: dict[Freeze, str] = {
    Freeze.FROZEN: "Frozen at registration",
    Freeze.RANDOMISED: "Frozen at registration, and for ever once units are drawn",
    Freeze.VERSIONED: "May change as a minor version",
    Freeze.SYSTEM: "Set by the registry",
    Freeze.POST_TRIAL: "Filled in when the trial ends",
}


def words_at(path: str) -> str:
    """Return when the field at a dotted path stops being free to change; places in lists may be written as `*`."""
    return WORDS[freeze_of(".".join(part for part in path.split(".") if part != "*"))]
