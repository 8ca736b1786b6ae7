"""Stored names and texts: no control or direction characters, nothing that nobody sees, in every field there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import AfterValidator, BaseModel, StringConstraints

from hotline.app.composition import Hotline
from hotline.app.settings import Settings
from hotline.kernel.binding import bind
from hotline.kernel.words import LINES, PLAIN, VISIBLE, lines, one_line

REFUSED = ["\u202b", "\u202d", "\u202e", "\u2066", "\a", "\r\n", "\n", "\0", "\x7f", "\x85", "\u2028", "\u2029"]
DROPPED = ["\u202a", "\u202c", "\u200b", "\ufeff", "\u200e", "\u200f", "\u2060", "\u00ad"]
NOT_STORED = {
    ("Code", "code"): "compared with the code of the moment",
    ("Credentials", "username"): "compared with the names there are",
    ("NumberChange", "id"): "compared with the ids there are",
    ("OrganisationDraft", "parent_id"): "compared with the ids there are",
    ("OrganisationChange", "parent_id"): "compared with the ids there are",
    ("UnitDraft", "parent_id"): "compared with the ids there are",
    ("UnitChange", "parent_id"): "compared with the ids there are",
    ("SpecialistChange", "user_id"): "compared with the ids there are",
    ("UserDraft", "organisation_id"): "compared with the ids there are",
    ("UserOrganisation", "organisation_id"): "compared with the ids there are",
    ("EnterpriseDraft", "credit_code"): "brought to its form, and checked, by require_credit_code",
    ("EnterpriseChange", "credit_code"): "as in EnterpriseDraft",
    ("FlowDraftChange", "document"): "every text of it is cleaned by callflow.versions.text.plain_values",
    ("FlowCheck", "document"): "as in FlowDraftChange",
    ("FlowToTry", "document"): "as in FlowDraftChange",
    ("SimulateCall", "document"): "as in FlowDraftChange",
    ("WebAnswer", "answer"): "answered within one simulated call, and forgotten",
}


@pytest.mark.parametrize("character", REFUSED)
def test_a_name_with_a_control_character_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match=r"U\+"):
        one_line(f"王{character}芳")


@pytest.mark.parametrize("character", DROPPED)
def test_what_nobody_sees_is_dropped(character: str) -> None:
    assert one_line(f"{character}王{character}芳") == "王芳"
    assert lines(f"王{character}芳") == "王芳"


def test_a_text_of_several_lines_keeps_lines_and_tabs() -> None:
    assert lines("一\n\t二\r\n三") == "一\n\t二\n三"
    for character in ("\u202e", "\a", "\r", "\x85", "\u2028"):
        with pytest.raises(ValueError, match=r"U\+"):
            lines(f"一{character}二")


def test_every_text_of_every_body_is_cleaned() -> None:
    forgotten = sorted(set(_open_texts()) - set(NOT_STORED))
    assert not forgotten, "give these VISIBLE, LINES, PLAIN or a pattern (hotline/kernel/words.py)"
    assert set(NOT_STORED) <= set(_open_texts()), "NOT_STORED names a field that needs no exception"


def test_the_walk_finds_a_field_that_forgot() -> None:
    class Forgetful(BaseModel):
        name: Annotated[str, StringConstraints(max_length=10)] | None = None
        fine: Annotated[str, StringConstraints(max_length=10), VISIBLE] = ""

    class Outer(BaseModel):
        inner: list[Forgetful]

    assert list(_texts_of(Outer)) == [("Forgetful", "name")]


def _open_texts() -> Iterator[tuple[str, str]]:
    for group in Hotline(Settings(home=Path("unused"))).routes:
        for route in group:
            if (body := bind(route).body) is not None:
                yield from _texts_of(body._type)


def _texts_of(kind: Any, seen: frozenset[type] = frozenset()) -> Iterator[tuple[str, str]]:
    """(model, field) of each text that nothing cleans, in this model and those within."""
    for model in _models_in(kind):
        if model in seen:
            continue
        for name, field in model.model_fields.items():
            if _is_open(field.annotation, tuple(field.metadata)):
                yield model.__name__, name
            yield from _texts_of(field.annotation, seen | {model})


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models_in(part)


def _is_open(kind: Any, metadata: tuple[Any, ...]) -> bool:
    if kind is str:
        return not any(_cleans(item) for item in metadata)
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        return _is_open(inner, (*metadata, *more))
    return any(_is_open(part, metadata) for part in get_args(kind))


def _cleans(item: Any) -> bool:
    if item in (VISIBLE, LINES, PLAIN) or getattr(item, "pattern", None):
        return True
    return isinstance(item, AfterValidator) and item.func.__name__ == "_uuid"
