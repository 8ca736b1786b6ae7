"""The catalogue of prompts: what the hotline says, by id and language, checked when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ivr.prompts.errors import CatalogueError, UnknownPromptError

SHIPPED = Path(__file__).with_name("catalogue.yaml")

PromptId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]

_UNSPEAKABLE = {
    "zh": re.compile(r"[^一-鿿，。；：、！？ ]"),
    "en": re.compile(r"[^A-Za-z'’,.;:!?\- ]"),
}


class Language(StrEnum):
    """A spoken language, as CHANNEL(language) and the sounds folder name it."""

    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Segment:
    """Words for one voice."""

    language: Language
    words: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt in one language: where its sound lies, what to show, what to speak."""

    id: str
    language: Language
    name: str
    """What Asterisk plays, without language and suffix: "hotline/welcome", "digits/7"."""
    text: str
    spoken: tuple[Segment, ...]


def unspeakable(segment: Segment) -> str:
    """The first sign that a voice of its language cannot speak; "" where it can speak all."""
    found = _UNSPEAKABLE[segment.language].search(segment.words)
    return found.group() if found else ""


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Words
    say: Words | tuple[Mapping[Language, Words], ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_plain_string(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    def segments(self, language: Language) -> tuple[Segment, ...]:
        if isinstance(self.say, tuple):
            return tuple(Segment(key, words) for part in self.say for key, words in part.items())
        return (Segment(language, self.say or self.text),)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    prompts: Mapping[PromptId, Mapping[Language, _Text]]
    numbers: Mapping[Language, Mapping[Annotated[str, Field(pattern=r"^[a-z0-9]+$")], _Text]] = {}


class Catalogue:
    """All prompts of all languages; immutable."""

    def __init__(self, prompts: Iterator[Prompt]) -> None:
        self._prompts: dict[tuple[str, str], Prompt] = {(prompt.language, prompt.id): prompt for prompt in prompts}

    def __iter__(self) -> Iterator[Prompt]:
        return iter(self._prompts.values())

    def __len__(self) -> int:
        return len(self._prompts)

    def get(self, prompt_id: str, language: str) -> Prompt:
        """The prompt; raises UnknownPromptError."""
        prompt = self._prompts.get((language, prompt_id))
        if prompt is None:
            raise UnknownPromptError(f"The catalogue has no prompt {prompt_id!r} in language {language!r}.")
        return prompt

    def has(self, prompt_id: str, language: str) -> bool:
        return (language, prompt_id) in self._prompts

    def ids(self, language: str) -> tuple[str, ...]:
        """Ids of one language, in the order of the file; the number words are named digits/…"""
        return tuple(prompt.id for prompt in self if prompt.language == language)


def parse_catalogue(text: str, where: str = "catalogue") -> Catalogue:
    """Read and check YAML; raises CatalogueError naming the place and what is wrong there."""
    try:
        raw = yaml.load(text, _UniqueKeys)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{where} is not valid YAML: {' '.join(str(error).split())}") from error
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        # A mistyped key is the cause of the "field required" that comes with it.
        first = min(error.errors(include_url=False), key=lambda problem: problem["type"] != "extra_forbidden")
        place = ".".join(str(part) for part in first["loc"]) or "the top"
        raise CatalogueError(f"{where}, at {place}: {first['msg']}") from error
    return Catalogue(_checked(file, where))


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    """The catalogue that comes with the product; read once a process."""
    return parse_catalogue(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)


def _checked(file: _File, where: str) -> Iterator[Prompt]:
    for prompt_id, texts in file.prompts.items():
        if Language.ZH not in texts:
            raise CatalogueError(f"{where}, at prompts.{prompt_id}: the Mandarin text (zh) is missing.")
        for language, text in texts.items():
            yield _prompt(prompt_id, language, f"hotline/{prompt_id}", text, where)
    for language, words in file.numbers.items():
        for number, text in words.items():
            yield _prompt(f"digits/{number}", language, f"digits/{number}", text, where)


def _prompt(prompt_id: str, language: Language, name: str, text: _Text, where: str) -> Prompt:
    segments = text.segments(language)
    for segment in segments:
        if sign := unspeakable(segment):
            raise CatalogueError(
                f"{where}, at {prompt_id}.{language}: {sign!r} cannot be spoken in {segment.language}; "
                "write numbers and foreign words out under `say`."
            )
    return Prompt(prompt_id, language, name, text.text, segments)


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key given twice is an error: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)
