"""What is asked of the knowledge base: its words, what else says the same, and which of them matter. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import rjieba

from hotline.kernel.search_tokens import folded, is_han, runs_of

Synonyms = Mapping[str, Sequence[tuple[str, ...]]]
"""By folded word what else says the same, each as the words that say it together."""
MOST_WORDS = 12
_STRICT = 2
_LONGEST = 400
"""Characters of a question that are looked at."""
_PART = 0.5
"""How much a part of a word counts, of the whole."""
_SYNONYM = 0.85
_GENERIC = 0.3
_IDLE = frozenset(
    (
        "不要 三个 两个 直接 人家 给人 哪个 找人 怎么 怎样 怎么办 怎么样 什么 如何 哪里 哪儿 哪些 多少 多久 "
        "几个 几天 需要 可以 能不能 可不可以 是否 请问 我们 来电 来电人 人称 咨询 反映 询问 表示 希望 不能 "
        "目前 已经 我想 想要 一下 有没有 是不是 要不要 应该 应当 现在 今年 时候 问题 了解 知道 告诉 帮忙 "
        "谢谢 你好 您好 为什么 这个 那个 这种 那种 一个 一家 自己 还是 或者 以及 关于 如果 但是 因为 所以 "
        "的话 为啥 咋办 咋样 怎么回事 打算 准备 去哪 到哪 去哪里 到哪里 啥 咋 吗 呢 要 想 带 问 给 能 会 不 "
        "没 有 是 的 了 和 在 我 你 您 去 到 来 把 被 对 向 从 用 做 说 让 看 还 也 都 就 又 很 得 地 着 过 "
        "吧 啊 呀 嘛 哦 谁 哪 几 多 个 家 上 下 里 后 前 时 等 与 及 或 为 以 于 之 其 每 各 该 本 这 那 它 "
        "他 她 们 请 才 再 最 更 应 须 可 需 开 办 搞 弄 找 拿 交 写 行 钱 人 年 月 天 日 号 一 二 三 四 五 "
        "六 七 八 九 十 两"
    ).split()
)
"""Words that ask, join or count: nobody finds anything by them."""
_USUAL = frozenset(
    (
        "公司 企业 单位 办理 申请 手续 流程 材料 条件 资料 程序 步骤 时间 电话 地址 要求 规定 政策 业务 事项 "
        "服务 办法 通知 标准 费用 窗口 相关 有关 方式 情况 具体 进行 提供 处理 部门 地方 东西 老板 员工 证件 "
        "信息"
    ).split()
)
"""Words of many entries: they count little, and are not required where others are."""


@dataclass(frozen=True, slots=True)
class WordForm:
    """What says a word, all of its parts together, and how much finding it counts."""

    parts: tuple[str, ...]
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class AskedWord:
    forms: tuple[WordForm, ...]
    """Itself first."""
    weight: float = 1.0
    smaller: tuple[WordForm, ...] = ()
    """Its parts: accepted where not all words are required."""

    @property
    def text(self) -> str:
        return self.forms[0].parts[0]

    @property
    def required(self) -> bool:
        return self.weight > _GENERIC


@dataclass(frozen=True, slots=True)
class TypedWord:
    """What stands between two spaces."""

    whole: AskedWord
    pieces: tuple[AskedWord, ...]
    """The words of the dictionary in it that mean something; itself, where there are none."""

    @property
    def required(self) -> tuple[AskedWord, ...]:
        return tuple(piece for piece in self.pieces if piece.required) or self.pieces


@dataclass(frozen=True, slots=True)
class KnowledgeQuestion:
    text: str
    """Folded, without spaces and punctuation."""
    words: tuple[TypedWord, ...]

    @property
    def strict(self) -> bool:
        """Two words typed apart are both meant; more, or a sentence, are a question."""
        return len(self.words) == _STRICT

    @property
    def pieces(self) -> tuple[AskedWord, ...]:
        found = {piece.text: piece for word in self.words for piece in word.pieces}
        return tuple(found.values())[:MOST_WORDS]


def ask(text: str, synonyms: Synonyms | None = None) -> KnowledgeQuestion:
    """Of nothing but punctuation the question has no words."""
    known = synonyms or {}
    typed = dict.fromkeys("".join(runs_of(word)) for word in folded(text[:_LONGEST]).split())
    words = [word for word in typed if word][:MOST_WORDS]
    # What only asks finds nothing, where there is something to find.
    words = [word for word in words if word not in _IDLE or word in known] or words
    return KnowledgeQuestion("".join(words), tuple(_typed(word, known) for word in words))


def _typed(word: str, synonyms: Synonyms) -> TypedWord:
    whole = AskedWord(_forms(word, synonyms), _weight(word))
    parts = [part for part in dict.fromkeys(_pieces(word, synonyms)) if part not in _IDLE or part in synonyms]
    return TypedWord(whole, tuple(_piece(part, synonyms) for part in parts) or (whole,))


def _weight(word: str) -> float:
    # A single character is part of many words.
    return _GENERIC if len(word) == 1 or word in _USUAL or word in _IDLE else 1.0


def _piece(word: str, synonyms: Synonyms) -> AskedWord:
    smaller: list[WordForm] = []
    if is_han(word) and len(word) > 2:
        parts = [part for part in rjieba.cut_for_search(word) if 1 < len(part) < len(word) and part not in _USUAL]
        smaller = [WordForm((part,), _PART * (0.5 + len(part) / len(word) / 2)) for part in parts]
    return AskedWord(_forms(word, synonyms), _weight(word), tuple(smaller))


def _forms(word: str, synonyms: Synonyms) -> tuple[WordForm, ...]:
    return (WordForm((word,)), *(WordForm(parts, _SYNONYM) for parts in synonyms.get(word, ())))


def _pieces(word: str, synonyms: Synonyms) -> Iterator[str]:
    """The words of the table of synonyms first, the longest that begins earliest; between them the dictionary's."""
    for run in runs_of(word):
        if not is_han(run):
            yield run
            continue
        begun = at = 0
        while at < len(run):
            end = _longest_known(run, at, synonyms)
            if end:
                yield from rjieba.cut(run[begun:at])
                yield run[at:end]
                begun = end
            at = end or at + 1
        yield from rjieba.cut(run[begun:])


_LONGEST_SYNONYM = 12


def _longest_known(run: str, at: int, synonyms: Synonyms) -> int:
    """Where the longest word of the table that begins at `at` ends; 0: none begins there."""
    ends = range(min(len(run), at + _LONGEST_SYNONYM), at + 1, -1)
    return next((end for end in ends if run[at:end] in synonyms), 0) if synonyms else 0
