"""Which items a text is about, by the catalogue's own words and by similar cases of the past. Pure.

Two rankings by BM25 are added. The catalogue's says what an item is called; the cases' says how callers put it, which
is often otherwise: the most similar cases vote for the items they got.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hotline.kernel.search_tokens import characters, dictionary_words, search_tokens

_K1 = 1.2
_B = 0.4
"""How much a long text counts less; little, for a long story is not a vague one."""
_UNSEEN = 100
"""Documents thought of as being there too: of four alike, each word would else count as common."""
_NEIGHBOURS = 15
_SIMILAR = 0.4
"""Of the most similar case's score: what has less is no neighbour."""
_FEW_WORDS, _LITTLE_LIKE = 6.0, 10.0
"""BM25 scores at which a ranking counts by half: about one rare word of an item, about three of a case."""
_NAME, _KEYWORD, _ABOVE = 3, 3, 1
_MOST_WORDS = 5
_EVERYWHERE = frozenset(
    "企业 公司 单位 老板 员工 职工 材料 手续 办理 申请 部门 政府 听说 市里"
    " 业 企 司 厂 区 提 示 起 型 单 位 员 材 料".split()
)
"""Any enterprise may say these of anything. The rarity of a token in the catalogue does not show it."""
_AGREED = 3
"""So many similar cases of an item that one unit got outweigh the unit of the catalogue."""


def suggestion_tokens(text: str) -> Counter[str]:
    """What texts are compared by. Single characters too: callers say 票 and 票不够 where the catalogue says 发票."""
    counted = Counter(search_tokens(text)) + Counter(characters(text))
    return Counter({token: count for token, count in counted.items() if token not in _EVERYWHERE})


@dataclass(frozen=True, slots=True)
class ItemWords:
    """An item with its names from the root to itself, its keywords, and the unit that gets its cases."""

    item_id: str
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    unit_id: str | None


@dataclass(frozen=True, slots=True)
class TokenizedDispatch:
    """A case of the past: its tokens counted, the item and the unit that it got."""

    tokens: Mapping[str, int]
    item_id: str
    unit_id: str | None


@dataclass(frozen=True, slots=True)
class Suggested:
    item_id: str
    unit_id: str | None
    score: float
    words: tuple[str, ...]
    past_cases: int


class Bm25:
    """Documents as counted tokens; `scores` of a query against all of them at once."""

    def __init__(self, documents: Sequence[Mapping[str, int]]) -> None:
        self.size = len(documents)
        lengths = np.array([sum(document.values()) for document in documents], dtype=np.float64)
        norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()) if self.size else 1.0, 1.0))
        postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for at, document in enumerate(documents):
            for token, count in document.items():
                postings[token].append((at, count))
        self._postings: dict[str, tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]] = {}
        for token, found in postings.items():
            places = np.array([place for place, _ in found], dtype=np.intp)
            counts = np.array([many for _, many in found], dtype=np.float64)
            rarity = math.log(1 + (_UNSEEN + self.size - len(found) + 0.5) / (len(found) + 0.5))
            self._postings[token] = (places, rarity * counts * (_K1 + 1) / (counts + norm[places]))

    def scores(self, query: Mapping[str, int]) -> npt.NDArray[np.float64]:
        total = np.zeros(self.size)
        for token, count in query.items():
            if (posting := self._postings.get(token)) is not None:
                total[posting[0]] += posting[1] * min(count, 2)
        return total

    def shares(self, query: Mapping[str, int], at: int) -> dict[str, float]:
        """What each token of `query` adds to the score of one document."""
        found = {}
        for token in query:
            if (posting := self._postings.get(token)) is not None:
                place = int(np.searchsorted(posting[0], at))
                if place < len(posting[0]) and posting[0][place] == at:
                    found[token] = float(posting[1][place])
        return found


class SuggestionIndex:
    """Built once from the items that a case may get and from past cases; asked often."""

    def __init__(self, items: Sequence[ItemWords], past: Iterable[TokenizedDispatch]) -> None:
        self._items = items
        self._place = {item.item_id: at for at, item in enumerate(items)}
        self._past = [one for one in past if one.item_id in self._place]
        self._catalogue = Bm25([_document(item) for item in items])
        self._cases = Bm25([one.tokens for one in self._past])

    def suggest(self, text: str, *, limit: int) -> list[Suggested]:
        """The best first; only what at least one word or one similar case speaks for."""
        query = suggestion_tokens(text)
        if not query or not self._items:
            return []
        by_words = self._catalogue.scores(query)
        most = float(by_words.max())
        votes, similar = self._votes(query)
        # Each ranking is between 0 and 1, and near 0 where little was found at all.
        score = (by_words / (most + _FEW_WORDS) + votes) / 2
        order = np.argsort(-score, kind="stable")[:limit]
        words = dictionary_words(text)
        return [
            self._suggested(int(at), float(score[at]), query, words, similar.get(int(at), []))
            for at in order
            if score[at] > 0
        ]

    def _votes(self, query: Mapping[str, int]) -> tuple[npt.NDArray[np.float64], dict[int, list[int]]]:
        """For each item its share of the votes, and which past cases gave it."""
        votes = np.zeros(len(self._items))
        similar: dict[int, list[int]] = {}
        if not self._past:
            return votes, similar
        scores = self._cases.scores(query)
        nearest = np.argsort(-scores, kind="stable")[:_NEIGHBOURS]
        best = float(scores[nearest[0]])
        if best <= 0:
            return votes, similar
        for case in map(int, nearest):
            if scores[case] < best * _SIMILAR:
                break
            item = self._place[self._past[case].item_id]
            votes[item] += (scores[case] / best) ** 2
            similar.setdefault(item, []).append(case)
        return votes / votes.sum() * (best / (best + _LITTLE_LIKE)), similar

    def _suggested(
        self, at: int, score: float, query: Mapping[str, int], words: frozenset[str], cases: list[int]
    ) -> Suggested:
        item = self._items[at]
        shares = Counter(self._catalogue.shares(query, at))
        for case in cases[:3]:
            shares.update(self._cases.shares(query, case))
        units = Counter(self._past[case].unit_id for case in cases if self._past[case].unit_id is not None)
        unit_id = item.unit_id
        for agreed, count in units.most_common(1):
            if count >= _AGREED or unit_id is None:
                unit_id = agreed
        return Suggested(item.item_id, unit_id, round(score, 4), _shown(shares, words), len(cases))


def _document(item: ItemWords) -> Counter[str]:
    *above, name = item.names
    document: Counter[str] = Counter()
    for weight, texts in ((_ABOVE, above), (_NAME, [name]), (_KEYWORD, item.keywords)):
        for text in texts:
            for token, count in suggestion_tokens(text).items():
                document[token] += weight * count
    return document


def _shown(shares: Mapping[str, float], words: frozenset[str]) -> tuple[str, ...]:
    """The strongest words, without parts of one another; pairs and single characters where there are no words."""
    found = [token for token in shares if token in words] or list(shares)
    whole = [token for token in found if not any(token != other and token in other for other in found)]
    return tuple(sorted(whole, key=lambda token: -shares[token])[:_MOST_WORDS])
