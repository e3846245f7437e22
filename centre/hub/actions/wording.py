"""What people write in the hub, tidied or refused at its field."""

from centre.errors import Invalid
from centre.text import clean_text, personal_detail


def cleaned(
    field: str, value: str, *, label: str, maximum: int, required: str = "", lines: bool = True
) -> str:
    """Return the text, or refuse it: empty though required, too long, or with what looks like personal data.

    Raises
    ------
    Invalid : what is wrong, at the field.
    """
    try:
        found = clean_text(value, label=label, maximum=maximum, multiline=lines, required=required)
    except Invalid as refusal:
        raise Invalid.field(f"/{field}", refusal.message) from None
    if detail := personal_detail(found):
        raise Invalid.field(f"/{field}", f"This looks like personal data: remove {detail}")
    return found
