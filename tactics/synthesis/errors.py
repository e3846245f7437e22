"""What pooling refuses, by name."""


class SynthesisError(Exception):
    """The effects cannot be pooled as asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotEstimable(SynthesisError):
    """The quantity does not exist for these effects; the message says why."""


class BadEffects(SynthesisError):
    """The effects themselves are wrong: a missing value, a variance that is not positive."""

    def __init__(self, message: str, *, row: int | None = None, column: str = "") -> None:
        super().__init__(message)
        self.row = row
        self.column = column
