"""No message shows a password, a signature, or a cell that a library's error quotes."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takedown.errors import InputError
from takedown.io.addresses import ASKED_FOR, asked_for, check_address, hide_secrets, pass_secrets_on
from takedown.redaction import described, places, shown, without_secrets


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://example.org/a.zip", "https://example.org/a.zip"),
        ("http://[::1]:9/a.zip", "http://[::1]:9/a.zip"),
        ("https://example.org:8080/a.zip?sig=4711#x", "https://example.org:8080/a.zip"),
        ("https://anna:pw@example.org/a.zip?sig=4711", "https://example.org/a.zip"),
        ("https://anna:p@w@example.org/a.zip", "https://example.org/a.zip"),
        ("https://anna:p/w@example.org/a.zip", "https://example.org/a.zip"),
        ("https://anna:p#w@example.org/a.zip", "https://example.org/a.zip"),
        ("https://anna:p?w@example.org/a.zip?sig=1", "https://example.org/a.zip"),
        ("https://token@example.org/a.zip", "https://example.org/a.zip"),
        ("s3://key:pw@bucket/a.zip", "s3://bucket/a.zip"),
        ("ftp://anna:pw@example.org/a.zip", "ftp://example.org/a.zip"),
        ("https://example.org/@anna/a.zip", "https://example.org/@anna/a.zip"),
        (
            "no 'https://a:b@c/d?e', and (https://f:g@h/i?j).",
            "no 'https://c/d', and (https://h/i).",
        ),
        ("results/default/a.csv", "results/default/a.csv"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, said: str) -> None:
    assert shown(address) == said


WORD = st.text("abcXYZ019-._~", min_size=1, max_size=9)
ANY = st.text("abc019/?#@:%!$&+,;=", min_size=1, max_size=12)


@given(WORD, ANY, WORD, ANY)
def test_no_sign_in_a_password_lets_it_out(user: str, password: str, name: str, sig: str) -> None:
    secret, token = f"7391{password}7391", f"7392{sig}7392".replace("@", "")
    found = shown(f"see https://{user}:{secret}@example.org/{name}.zip?sig={token}, please")
    assert "7391" not in found and "7392" not in found
    assert "example.org" in found


def test_an_error_shows_an_address_without_its_secrets() -> None:
    assert "pw" not in str(InputError("no file at 'ftp://anna:pw@example.org/a.zip?sig=1'"))


STUDY = {
    "study": "mine",
    "title": "https://example.org/?id=1",
    "campaigns": {
        "one": {"tweets": "https://anna:pw@example.org/a.zip?sig=1", "users": ["here.csv"]},
        "two": None,
    },
    "fetch": {"mirrors": ["https://m:pw@example.org/x/"]},
}


def test_settings_are_kept_without_secrets_and_steps_have_the_whole_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ASKED_FOR, "{}")
    pass_secrets_on(STUDY)
    found = hide_secrets(STUDY)
    assert found["campaigns"]["one"] == {"tweets": "https://example.org/a.zip",
                                         "users": ["here.csv"]}  # fmt: skip
    assert found["fetch"] == {"mirrors": ["https://example.org/x/"]}
    assert (found["title"], found["campaigns"]["two"]) == (STUDY["title"], None)
    assert asked_for("https://example.org/a.zip") == "https://anna:pw@example.org/a.zip?sig=1"
    assert asked_for("https://example.org/x/") == "https://m:pw@example.org/x/"
    assert asked_for("https://example.org/other.zip") == "https://example.org/other.zip"
    assert "pw" in os.environ[ASKED_FOR] and "pw" not in str(found)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2019-31-12", "a text of 10 characters"),
        ("7", "a number of 1 character"),
        ("-1,234.5e6", "a number of 10 characters"),
        ("  ", "an empty cell"),
        (None, "a text of 4 characters"),
    ],
)
def test_a_cell_is_described_without_its_words(cell: object, said: str) -> None:
    assert described(cell) == said


def test_a_source_keeps_its_address_whole_in_resolved_settings() -> None:
    """It is a citation; only what is downloaded may have secrets."""
    source = "data of https://example.org/?id=1"
    one = {"source": source, "tweets": ("https://a:pw@example.org/a.zip?s=1",), "mirrors": ()}
    found = hide_secrets({"campaigns": {"one": one}})["campaigns"]["one"]
    assert found == one | {"tweets": ("https://example.org/a.zip",)}


def test_secrets_are_found_at_any_depth() -> None:
    value = {"a": ("https://u:pw@h/x", [{"b": "https://h/y?s=1"}]), "c": 1}
    assert without_secrets(value) == {"a": ("https://h/x", [{"b": "https://h/y"}]), "c": 1}


@pytest.mark.parametrize(
    "address",
    [
        "https://anna:p/7391@example.org/a.zip",
        "https://anna:p?7391@example.org/a.zip",
        "https://anna:p#7391@example.org/a.zip",
        "https://anna:p 7391@example.org/a.zip",
        "https://example.org/a 7391.zip",
    ],
)
def test_an_address_that_cannot_be_what_was_meant_is_refused_unseen(address: str) -> None:
    with pytest.raises(InputError, match="Write them as %20, %2F") as problem:
        check_address(address, "campaigns.one.tweets")
    assert "7391" not in str(problem.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://anna:p%2F@example.org:8080/a.zip?sig=a@b",
        "http://[::1]:9/a.zip",
        "http://[::1]/a.zip",
        "https://example.org/@anna/a.zip",
        "https://token@example.org/a%20b.zip",
    ],
)
def test_a_sound_address_passes(address: str) -> None:
    check_address(address, "campaigns.one.tweets")


def test_a_traceback_holds_places_and_kinds_and_no_words() -> None:
    try:
        try:
            int("a cell")
        except ValueError as error:
            raise KeyError("another cell") from error
    except KeyError as error:
        found = places(error)
    assert found.count("Traceback") == 2
    assert "test_redaction.py" in found and "KeyError" in found and "ValueError" in found
    assert found.count("cell") == 2, "in the lines of this file alone"


def test_what_the_system_says_of_a_disk_is_kept() -> None:
    found = places(OSError(28, "No space left on device", "/srv/anna/a.csv"))
    assert found.endswith("OSError: No space left on device\n")
    assert "anna" not in found


def test_an_error_that_goes_in_a_circle_ends() -> None:
    first, second = ValueError("a"), KeyError("b")
    first.__cause__, second.__cause__ = second, first
    assert places(first).count("Traceback") == 2
