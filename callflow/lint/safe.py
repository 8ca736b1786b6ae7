"""What the plain dialplan cannot keep while the service is away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from callflow.document import CheckedNode
from callflow.lint.finding import Finding
from callflow.lint.subject import LintSubject, speech_of
from callflow.queues.hours import ServiceHours
from callflow.speech import Spoken
from callflow.words import flow_words

_ONE_APPLICATION = frozenset({"menu", "collect", "survey"})
"""These say all with the one application that also reads the keys; it plays files alone."""


def check(subject: LintSubject) -> Iterator[Finding]:
    yield from _degrading(subject)
    for node in subject.nodes.values():
        if isinstance(node.options, ServiceHours) and node.options.table:
            yield subject.finding("safe.no_table", "nodes", node.id, "options", "table", table=node.options.table)
        if node.action.name in _ONE_APPLICATION:
            for path, item in subject.speech(node):
                if isinstance(item, Spoken):
                    yield subject.finding("safe.spoken_lost", *path)


class SafeFlowLoss(NamedTuple):
    """What a caller misses at a node while the service is away, in both languages."""

    zh: str
    en: str


def losses_of(node: CheckedNode) -> Iterator[SafeFlowLoss]:
    """Nothing where the plain dialplan does the same."""
    options = node.options
    if isinstance(options, ServiceHours):
        if options.table:
            yield SafeFlowLoss("作息表不起作用，按本节点自己的时间。", node.action.degrades)
    elif english := node.action.degrades:
        yield SafeFlowLoss(_ZH.get(english, english), english)
    if node.action.name in _ONE_APPLICATION and any(isinstance(item, Spoken) for item in speech_of(node)):
        yield SafeFlowLoss("读出的号码或数字不播放。", "Numbers read out are left out.")


def _degrading(subject: LintSubject) -> Iterator[Finding]:
    """One for each action, at its first node."""
    found: dict[str, list[CheckedNode]] = {}
    for node in subject.nodes.values():
        if node.action.degrades and not isinstance(node.options, ServiceHours):
            found.setdefault(node.action.name, []).append(node)
    words = flow_words()
    for name, nodes in found.items():
        english = nodes[0].action.degrades
        yield subject.finding(
            *("safe.degrades", "nodes", nodes[0].id),
            action={"zh": words.action(name, "zh"), "en": words.action(name, "en")},
            instead={"zh": _ZH.get(english, english), "en": english},
        )


_ZH = {
    "Every caller is `unknown`.": "所有来电者都按 unknown 处理。",
    "The caller goes to a person.": "来电者转人工。",
    "The caller is asked once, without the error prompts; a check digit is not checked.": (
        "只问一次，没有错误提示，也不核对校验位。"
    ),
    "Everybody goes the way of the largest share.": "所有来电者都走占比最大的一路。",
    "Dates and amounts of money are passed over, and 1 is 一.": "不播报日期和金额，1 读作一。",
    "A case that asks who calls, how busy a queue is, what was dialed or how large a number is does not hold.": (
        "凡是问来电者是谁、队列多忙、拨了什么号、数有多大的条件，都按不成立处理。"
    ),
    "The message is found by queue_log; a short one counts as well.": "留言按 queue_log 找到，很短的也算。",
    "The number is called without asking asterisk.dial_prefixes again.": "不再核对 asterisk.dial_prefixes，直接拨打。",
    "Only one flow is there: the caller goes where `unavailable` leads.": (
        "只有一个流程可用，来电者走 unavailable 的去向。"
    ),
    "Nothing is sent: the caller goes where `failed` leads.": "不发送任何消息，来电者走 failed 的去向。",
    "Nothing is asked: the caller goes where `failed` leads.": "不查询任何服务，来电者走 failed 的去向。",
    "Nobody is called: the caller goes where `unavailable` leads.": "不拨打任何人，来电者走 unavailable 的去向。",
    "The rating stands in queue_log.": "评价记在 queue_log 中。",
}
"""What actions say of themselves (`Action.degrades`) in Mandarin; in English where it is not here."""
