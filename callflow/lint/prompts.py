"""Prompts: there, in the caller's language, not too long, licensed, and without advertising."""

from __future__ import annotations

from collections.abc import Iterator

from callflow.lint.finding import Finding
from callflow.lint.reach import LANGUAGE_NAMES, Journeys
from callflow.lint.subject import LintSubject
from callflow.source import DocumentPath

_SHOWN = 6


def check(subject: LintSubject) -> Iterator[Finding]:
    world = subject.world
    if not world.prompts:
        return
    languages: dict[str, list[str]] = {}
    for id, language in Journeys(subject).stops:
        languages.setdefault(id, []).append(language)
    first: dict[str, DocumentPath] = {}
    for node in subject.nodes.values():
        for path, item in subject.speech(node):
            if isinstance(item, str):
                first.setdefault(item, path)
                yield from _one(subject, item, path, languages.get(node.id, []))
    yield from _unlicensed(subject, first)
    for prompt, path in first.items():
        yield from _advertising(subject, prompt, path)


def _one(subject: LintSubject, prompt: str, path: DocumentPath, languages: list[str]) -> Iterator[Finding]:
    world = subject.world
    sounds = world.prompts.get(prompt)
    if sounds is None:
        yield subject.finding("prompt.unknown", *path, prompt=prompt, near=subject.near(prompt, world.prompts))
        return
    if world.has_sounds and all(sound.seconds is None for sound in sounds.values()):
        yield subject.finding("prompt.missing", *path, prompt=prompt)
        return
    most = world.budgets.prompt
    for language in languages:
        own = sounds.get(language)
        if own is None or (world.has_sounds and own.seconds is None):
            yield subject.finding("prompt.language_gap", *path, prompt=prompt, language=LANGUAGE_NAMES[language])
        elif (seconds := world.seconds(prompt, language)) > most:
            yield subject.finding(
                "prompt.too_long",
                *path,
                prompt=prompt,
                seconds=f"{seconds:.1f}",
                most=f"{most:g}",
                language=LANGUAGE_NAMES[language],
            )


def _unlicensed(subject: LintSubject, first: dict[str, DocumentPath]) -> Iterator[Finding]:
    """All in one: with a demonstration voice it is every prompt there is."""
    found = [
        prompt
        for prompt in first
        if any(not sound.licensed for sound in subject.world.prompts.get(prompt, {}).values())
    ]
    if found:
        shown = ", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
        yield subject.finding("prompt.unlicensed", *first[found[0]], count=len(found), prompts=shown)


def _advertising(subject: LintSubject, prompt: str, path: DocumentPath) -> Iterator[Finding]:
    texts = " ".join(sound.text for sound in subject.world.prompts.get(prompt, {}).values()).casefold()
    for word in subject.world.budgets.advertising_words:
        if word and word.casefold() in texts:
            yield subject.finding("prompt.advertising", *path, prompt=prompt, word=word)
            return
