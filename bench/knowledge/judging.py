"""Queries as callers and agents put them, with the grade of each entry by rule.

`queries/<kind>.yaml` has a query and its rules a line: `matter,matter/aspect,aspect@district=grade`, spaces between
rules; the highest grade of the rules that fit counts, 3 exact, 2 good, 1 related, else 0. A rule without a part fits
any; `@-` fits what is of no district.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from bench.knowledge.entries import HERE, EntryKey

KINDS = ("short", "colloquial", "pinyin", "typo", "two_topics", "sentence")


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    text: str
    kind: str
    rules: Sequence[GradeRule]

    @property
    def kept_aside(self) -> bool:
        """One in three, by its text: nobody tunes with it."""
        return zlib.crc32(self.text.encode()) % 3 == 0

    def grade(self, key: EntryKey) -> int:
        return max((rule.grade for rule in self.rules if rule.fits(key)), default=0)


@dataclass(frozen=True, slots=True)
class GradeRule:
    matters: frozenset[str]
    aspects: frozenset[str]
    district: str
    grade: int

    def fits(self, key: EntryKey) -> bool:
        return (
            key.matter in self.matters
            and (not self.aspects or key.aspect in self.aspects)
            and (not self.district or (key.district or "-") == self.district)
        )


def rule_of(text: str) -> GradeRule:
    """Raises ValueError where it is none."""
    about, _, grade = text.partition("=")
    subject, _, district = about.partition("@")
    matters, _, aspects = subject.partition("/")
    return GradeRule(frozenset(matters.split(",")), frozenset(filter(None, aspects.split(","))), district, int(grade))


def judged_queries() -> list[JudgedQuery]:
    return [query for kind in KINDS for query in _of_kind(kind)]


def _of_kind(kind: str) -> Iterator[JudgedQuery]:
    asked: dict[str, str] = yaml.safe_load((HERE / "queries" / f"{kind}.yaml").read_text(encoding="utf-8"))
    for text, rules in asked.items():
        yield JudgedQuery(text, kind, [rule_of(rule) for rule in rules.split()])
