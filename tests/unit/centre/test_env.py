"""The environment's readers: typed, and loud when something is missing."""

from pathlib import Path

import pytest

from centre import env


def test_required_names_the_variable_and_the_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_NAME", raising=False)
    with pytest.raises(env.BadEnvironment, match=r"SOME_NAME is not set\. Do this\."):
        env.required("SOME_NAME", "Do this.")


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("0", False), ("", False), ("OFF", False)]
)
def test_flag_reads_yes_and_no(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert env.flag("A_FLAG", default=not expected) is expected


def test_flag_refuses_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG", "ture")
    with pytest.raises(env.BadEnvironment, match="must be 1 or 0"):
        env.flag("A_FLAG", default=False)


def test_integer_refuses_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", "ten")
    with pytest.raises(env.BadEnvironment, match="whole number"):
        env.integer("A_NUMBER", default=1)


def test_text_reads_a_secret_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden\n", encoding="utf-8")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "secret"))
    assert env.text("A_SECRET") == "hidden"


def test_text_says_which_secret_file_is_unreadable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "none"))
    with pytest.raises(env.BadEnvironment, match="A_SECRET_FILE points to"):
        env.text("A_SECRET")


def test_local_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = env.local_secret(tmp_path / "deep" / "secret_key")
    assert len(first) >= 50
    assert env.local_secret(tmp_path / "deep" / "secret_key") == first
    assert (tmp_path / "deep" / "secret_key").stat().st_mode & 0o077 == 0


def test_listed_splits_and_trims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "a.example, b.example,")
    assert env.listed("HOSTS") == ["a.example", "b.example"]
