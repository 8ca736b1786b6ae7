"""By which tokens entries are found, and what ranks them: of what is published, else of the revision."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import rjieba
from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.knowledge.asking import AskedWord, TypedWord, WordForm
from crm.knowledge.content import KnowledgeContent
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge.sounds import LONGEST, SHORT, sounds_of
from crm.knowledge.spelling import pairs_without_one, sound_of
from hotline.kernel.db import Base
from hotline.kernel.search import Alternatives, SearchDocument, SearchTerm, index_rows, keep_indexed
from hotline.kernel.search_tokens import folded, is_han, pairs_and_runs, pairs_of, runs_of

SCHEME = 3
"""Grows when the tokens change; what was indexed by another is indexed again."""
TITLE = "\ue001"
"""Before a token of the title; these characters are in no text's tokens."""
HEAD = "\ue002"
"""Before one of the title, the keywords and the synonyms."""
ANYWHERE = ""
_SOUND, _EXACT, _FACET, _NAME = "\ue003", "\ue004", "\ue005", "\ue006"
_LONGEST_NAME = 8
_DETAILS = 5000
"""Characters of the details that are indexed."""
_SOUNDED = 12
"""Keywords and synonyms that are found by their pinyin."""
_ANSWER = 1000
"""Characters of the answer that are ranked by."""
_ASKED = 60
"""Characters of a question in which keywords are looked for."""
_NOT_A_WORD = re.compile(r"[\W_]+")


class KnowledgeSearch(SearchDocument, Base):
    __tablename__ = "knowledge_search"

    subject_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("knowledge_entry.id", ondelete="CASCADE"), unique=True
    )
    scheme: Mapped[int] = mapped_column(index=True)
    names: Mapped[str] = mapped_column(Text)
    """Folded keywords and synonyms, one a line; so are the next."""
    answer: Mapped[str] = mapped_column(Text)
    sounds: Mapped[str] = mapped_column(Text)
    stages: Mapped[str] = mapped_column(Text)
    """As they are, one a line; so are the next."""
    industries: Mapped[str] = mapped_column(Text)


keep_indexed(KnowledgeSearch)


@dataclass(frozen=True, slots=True)
class IndexedEntry:
    """A row of the search table."""

    entry_id: str
    tokens: set[str]
    described: dict[str, str | int]


def indexed_entry(entry_id: str, content: KnowledgeContent, *, unit_id: str | None, state: str) -> IndexedEntry:
    """Pure."""
    title, names = folded(content.title), [folded(name) for name in (*content.keywords, *content.synonyms)]
    sounds = [sounds_of(text) for text in (title, *names[:_SOUNDED])]
    tokens = _text_tokens(title, names, content) | _facet_tokens(content, unit_id, state)
    tokens |= {_SOUND + token for one in sounds for token in one.tokens}
    described: dict[str, str | int] = {
        "scheme": SCHEME,
        "names": "\n".join(names),
        "answer": folded(content.answer)[:_ANSWER],
        "sounds": " ".join(one.line for one in sounds),
        "stages": "\n".join(content.stages),
        "industries": "\n".join(content.industries),
    }
    return IndexedEntry(entry_id, tokens, described)


def _text_tokens(title: str, names: list[str], content: KnowledgeContent) -> set[str]:
    incentive = content.incentive.model_dump().values() if content.incentive else ()
    texts = (content.title_en, content.answer, content.answer_en, content.details[:_DETAILS], *incentive)
    others = (content.issuing_body, content.document_number, content.region, *content.industries)
    of_title = _short_tokens(title)
    head = of_title.union(_short_tokens(*names))
    tokens = {TITLE + token for token in of_title} | {HEAD + token for token in head} | head
    tokens |= pairs_and_runs(folded("\n".join((*texts, *others))))
    tokens.add(_EXACT + _joined(title))
    return tokens | {_NAME + name for name in map(_joined, names) if 1 < len(name) <= _LONGEST_NAME}


def _facet_tokens(content: KnowledgeContent, unit_id: str | None, state: str) -> set[str]:
    facets = [("state", state), ("unit", unit_id or "none"), ("kind", content.kind), ("scope", content.scope)]
    facets += [("category", content.category_id or "none")]
    facets += [("item", item) for item in content.item_ids]
    facets += [("stage", stage) for stage in content.stages]
    facets += [("industry", industry) for industry in content.industries]
    return {facet_token(name, value) for name, value in facets}


def _short_tokens(*texts: str) -> set[str]:
    """Also the single characters."""
    text = "\n".join(texts)
    return pairs_and_runs(text) | set(chain.from_iterable(run for run in runs_of(text) if is_han(run)))


@functools.lru_cache(maxsize=4096)
def facet_token(name: str, value: str) -> str:
    return f"{_FACET}{name}{_joined(folded(value))}"


def _joined(text: str) -> str:
    return _NOT_A_WORD.sub("", text)


def facet(name: str, *values: str) -> Alternatives:
    """What an entry has among its tokens if one of these is its value."""
    return [[SearchTerm(facet_token(name, value))] for value in values]


def begins_with(text: str) -> Alternatives:
    """If its title begins with this."""
    return [[SearchTerm(_EXACT + text[:100], True)]]


def names_in(text: str) -> Alternatives:
    """If one of its keywords or synonyms is part of `text`, from the beginning of a word to the end of one."""
    begins, ends = _word_bounds(text[:_ASKED])
    spans = ((begin, end) for begin in begins for end in ends if 2 <= end - begin <= _LONGEST_NAME)
    return [[SearchTerm(_NAME + part)] for part in sorted({text[begin:end] for begin, end in spans})]


def _word_bounds(text: str) -> tuple[set[int], set[int]]:
    """Where words begin, and where they end; the words in long ones too."""
    begins, ends, at = set[int](), set[int](), 0
    for word in rjieba.cut(text):
        for part in {word, *rjieba.cut_for_search(word)}:
            begin = at + word.find(part)
            begins.add(begin)
            ends.add(begin + len(part))
        at += len(word)
    return begins, ends


def nearly(word: str, *, by_sound_alone: bool) -> Alternatives:
    """If its title sounds like the word, or holds it but for one character."""
    sound = sound_of(word)
    by_sound = [[_sound(sound)]] if len(sound) >= min(SHORT) else []
    left = [] if by_sound_alone else pairs_without_one(word)
    return [*by_sound, *([SearchTerm(TITLE + pair) for pair in pairs] for pairs in left)]


def typed_alternatives(word: TypedWord, field: str) -> Alternatives:
    """If the word is part of the field as it was typed, or else all the words in it are; its title may be pinyin."""
    pieces: list[list[SearchTerm]] = [[]]
    for piece in word.required:
        forms = word_alternatives(piece.forms, field)
        pieces = [[*terms, *form] for terms in pieces for form in forms][:_MOST_ALTERNATIVES]
    return [*word_alternatives(word.whole.forms, field), *pieces]


_MOST_ALTERNATIVES = 24


def piece_alternatives(piece: AskedWord, field: str) -> Alternatives:
    return word_alternatives((*piece.forms, *piece.smaller), field)


def word_alternatives(forms: Iterable[WordForm], field: str) -> list[list[SearchTerm]]:
    """If one of the forms is part of the field."""
    found: list[list[SearchTerm]] = []
    for form in forms:
        found.append([term for part in form.parts for term in _terms(part, field)])
        if len(form.parts) == 1 and not is_han(form.parts[0]) and len(form.parts[0]) >= min(SHORT):
            found.append([_sound(run) if not is_han(run) else _terms(run, field)[0] for run in runs_of(form.parts[0])])
    return [terms for terms in found if terms]


def _terms(part: str, field: str) -> list[SearchTerm]:
    found: list[SearchTerm] = []
    for run in runs_of(part):
        if not is_han(run):
            # One letter begins too many.
            found.append(SearchTerm(field + run, len(run) > 1))
        elif len(run) == 1:
            # Single characters are looked for in short texts alone.
            found.append(SearchTerm((field or HEAD) + run))
        else:
            found += [SearchTerm(field + pair) for pair in pairs_of(run)]
    return found


def _sound(run: str) -> SearchTerm:
    return SearchTerm(_SOUND + run[:LONGEST], len(run) > max(SHORT))


async def index_entry(db: AsyncSession, entry_id: str, content: KnowledgeContent) -> None:
    """In the transaction of the change."""
    await index_entries(db, [(entry_id, content)])


async def index_entries(db: AsyncSession, entries: Sequence[tuple[str, KnowledgeContent]]) -> None:
    """Have these found by what they say, in the state and unit that are in the database."""
    contents = dict(entries)
    facts = select(KnowledgeEntry.id, KnowledgeEntry.unit_id, KnowledgeEntry.state)
    found = await db.execute(facts.where(KnowledgeEntry.id.in_(sorted(contents))))
    await write_index(db, [indexed_entry(id, contents[id], unit_id=unit, state=state) for id, unit, state in found])


async def write_index(db: AsyncSession, entries: Sequence[IndexedEntry]) -> None:
    rows = [(entry.entry_id, entry.tokens) for entry in entries]
    described = {entry.entry_id: entry.described for entry in entries}
    await (await db.connection()).run_sync(index_rows, KnowledgeSearch, rows, described)
