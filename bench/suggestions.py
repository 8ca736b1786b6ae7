"""How often the suggestion of an item is right: `python -m bench.suggestions`.

By the catalogue alone, as on the first day; with past cases whose texts come from the other templates of an item, never
from the one that is asked; and where callers repeat each other. The texts are ours, not callers': the figures compare
versions, they promise nothing of a city.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from crm.catalogue.index import ItemWords, SuggestionIndex, TokenizedDispatch, suggestion_tokens
from hotline.onebox.demo_catalogue import demo_leaves

TEXTS = Path(__file__).with_name("suggestion_texts.yaml")
_FILL = {
    "firm": ("黄河湾酒业", "我们厂", "恒泰建材", "咱们公司", "蓝天物流", "漠北新能源"),
    "who": ("李女士", "一位个体户", "来电人", "张先生"),
    "when": ("上个月", "半个月前", "国庆以后", "三月份"),
    "place": ("海勃湾", "乌达", "海南区", "千里山工业园"),
    "trade": ("餐饮", "物流", "信息技术"),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    item: str
    template: int
    text: str


@dataclass(frozen=True, slots=True)
class HitRate:
    asked: int
    first: int
    third: int
    unit: int

    @property
    def top1(self) -> float:
        return self.first / self.asked

    @property
    def top3(self) -> float:
        return self.third / self.asked

    @property
    def unit1(self) -> float:
        return self.unit / self.asked


def labelled(variants: int = 1) -> list[Labelled]:
    """Each template filled in `variants` ways, the same each time."""
    return list(_filled(variants))


def _filled(variants: int) -> Iterator[Labelled]:
    turn = itertools.count()
    templates: dict[str, list[str]] = yaml.safe_load(TEXTS.read_text(encoding="utf-8"))
    for item, texts in templates.items():
        for at, template in enumerate(texts):
            for _ in range(variants):
                step = next(turn)
                words = {name: choices[step % len(choices)] for name, choices in _FILL.items()}
                yield Labelled(item, at, template.format(**words))


def items() -> list[ItemWords]:
    """The demo's catalogue; codes in place of ids, units by name."""
    return [ItemWords(leaf.code, leaf.names, leaf.keywords, leaf.unit) for leaf in demo_leaves()]


def hit_rate(*, cases_each: int, repeated: bool = False) -> HitRate:
    """Every text asked; with `cases_each` past cases of each of the other two templates of its item, 0 for none.

    `repeated`: past cases of its own template too, filled in otherwise, as when many callers have one trouble.
    """
    catalogue = items()
    units = {item.item_id: item.unit_id for item in catalogue}
    # The first variant is the one that is asked.
    past = [one for at, one in enumerate(labelled(cases_each + 1)) if at % (cases_each + 1)] if cases_each else []
    counted: Counter[str] = Counter()
    for fold in range(3):
        history = [
            TokenizedDispatch(suggestion_tokens(one.text), one.item, units[one.item])
            for one in past
            if repeated or one.template != fold
        ]
        index = SuggestionIndex(catalogue, history)
        for one in labelled():
            if one.template == fold:
                counted.update(_judged(index, one, units[one.item]))
    return HitRate(counted["asked"], counted["first"], counted["third"], counted["unit"])


def _judged(index: SuggestionIndex, one: Labelled, unit: str | None) -> list[str]:
    found = index.suggest(one.text, limit=3)
    right = [suggested.item_id == one.item for suggested in found]
    hits = {"asked": True, "first": right[:1] == [True], "third": any(right)}
    hits["unit"] = bool(found) and found[0].unit_id == unit
    return [name for name, hit in hits.items() if hit]


def report() -> str:
    lines = ["| history | texts | item first | item among 3 | unit first |", "| --- | --- | --- | --- | --- |"]
    ways = (
        ("none: the catalogue alone", 0, False),
        ("10 cases an item, put otherwise", 5, False),
        ("15 cases an item, 5 put alike", 5, True),
    )
    for name, cases_each, repeated in ways:
        rate = hit_rate(cases_each=cases_each, repeated=repeated)
        lines.append(f"| {name} | {rate.asked} | {rate.top1:.0%} | {rate.top3:.0%} | {rate.unit1:.0%} |")
    return "\n".join([*lines, "", _speed()])


def _speed() -> str:
    """One question against 5,000 past cases."""
    texts = labelled(31)[:5000]
    began = time.perf_counter()
    history = [TokenizedDispatch(suggestion_tokens(one.text), one.item, None) for one in texts]
    index = SuggestionIndex(items(), history)
    built = time.perf_counter() - began
    asked = []
    for one in labelled():
        start = time.perf_counter()
        index.suggest(one.text, limit=5)
        asked.append(time.perf_counter() - start)
    asked.sort()
    return (
        f"{len(history)} past cases: built in {built:.2f} s; a question takes {1000 * asked[len(asked) // 2]:.2f} ms "
        f"(p95 {1000 * asked[int(len(asked) * 0.95)]:.2f} ms)."
    )


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")
