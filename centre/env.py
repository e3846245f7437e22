"""Typed readers for the environment. A missing or malformed value stops the start with a hint."""

import os
import secrets
from pathlib import Path

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


class BadEnvironment(RuntimeError):
    """The environment does not say enough to start; the message says what to set."""


def text(name: str, default: str = "") -> str:
    """Return the value of `name`, or of the file that `name`_FILE points to, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadEnvironment(
                f"{name}_FILE points to {path}, which cannot be read: {error.strerror}."
            ) from error
    return os.environ.get(name, default).strip()


def required(name: str, hint: str) -> str:
    """Return the value of `name`, or stop with the hint."""
    value = text(name)
    if not value:
        raise BadEnvironment(f"{name} is not set. {hint} See .env.example.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes or no; anything else is refused, because a typing error must not turn a lock off."""
    value = text(name, "1" if default else "0").lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise BadEnvironment(f"{name} must be 1 or 0, not {value!r}. See .env.example.")


def integer(name: str, *, default: int) -> int:
    """Return a whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise BadEnvironment(f"{name} must be a whole number, not {value!r}. See .env.example.") from error


def listed(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a comma-separated list."""
    value = text(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else list(default)


def local_secret(path: Path) -> str:
    """Return the secret kept in `path`, made on the first call (the embedded default only)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="ascii", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
