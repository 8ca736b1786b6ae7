"""All rules, with their words: what is wrong and how to mend it, in both languages, with named arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class LintRule(NamedTuple):
    """`severity` as `callflow.lint.finding.Severity`."""

    severity: Literal["error", "warning", "hint"]
    zh: str
    zh_mend: str
    en: str
    en_mend: str


def _error(zh: str, zh_mend: str, en: str, en_mend: str) -> LintRule:
    return LintRule("error", zh, zh_mend, en, en_mend)


def _warning(zh: str, zh_mend: str, en: str, en_mend: str) -> LintRule:
    return LintRule("warning", zh, zh_mend, en, en_mend)


def _hint(zh: str, zh_mend: str, en: str, en_mend: str) -> LintRule:
    return LintRule("hint", zh, zh_mend, en, en_mend)


RULES: Mapping[str, LintRule] = {
    # --- the document itself: all that keeps a flow from being used at all
    "document.unreadable": _error(
        "无法读取：{reason}",
        "改正这一行的 YAML 写法。",
        "This cannot be read: {reason}",
        "Correct the YAML of this line.",
    ),
    "document.too_large": _error(
        "文件有 {size} 字符，最多 {most} 字符。",
        "把流程拆成几个，或删去不用的部分。",
        "The file has {size} characters; {most} are allowed.",
        "Split the flow, or remove what is not used.",
    ),
    "document.missing": _error(
        "缺少「{where}」。",
        "补上这一项。",
        "{where} is missing.",
        "Add it.",
    ),
    "document.unknown_field": _error(
        "没有「{where}」这一项。",
        "检查拼写，或删去。",
        "There is no field {where}.",
        "Check the spelling, or remove it.",
    ),
    "document.invalid": _error(
        "「{where}」的值不可用：{reason}",
        "改成允许的值。",
        "The value of {where} cannot be used: {reason}",
        "Change it to an allowed value.",
    ),
    "node.unknown_action": _error(
        "没有「{action}」这种动作。",
        "改用其中之一：{known}。",
        "There is no action {action!r}.",
        "Use one of: {known}.",
    ),
    "node.missing_branch": _error(
        "{action} 的结果「{outcome}」没有去向。",
        "在 branches 中加上 `{outcome}: <节点>`。",
        "The outcome {outcome!r} of {action} has no branch.",
        "Add `{outcome}: <node>` to its branches.",
    ),
    "node.extra_branch": _error(
        "{action} 没有「{outcome}」这种结果。",
        "删去这个分支；它的结果有：{known}。",
        "{action} has no outcome {outcome!r}.",
        "Remove this branch; the outcomes are: {known}.",
    ),
    "node.unknown_target": _error(
        "没有节点「{target}」。",
        "改为已有的节点，或先建立它。最相近的：{near}。",
        "There is no node {target!r}.",
        "Name a node that exists, or add this one. Closest: {near}.",
    ),
    # --- structure
    "node.unreachable": _warning(
        "没有电话能走到这个节点。",
        "从别的节点连过来，或删去它。",
        "No call can reach this node.",
        "Lead a branch to it, or remove it.",
    ),
    "loop.no_exit": _error(
        "走进这里就出不去：{nodes}。",
        "让其中一个分支通向别处。",
        "Whoever gets here never leaves: {nodes}.",
        "Lead one of their branches elsewhere.",
    ),
    "loop.by_itself": _error(
        "来电者什么都不做就会在此打转，也到不了人工：{nodes}。",
        "让其中一个不需按键的分支通向「{person}」。",
        "A caller who does nothing goes in circles here and reaches no person: {nodes}.",
        "Lead a branch that needs no key to {person!r}.",
    ),
    "person.unreachable": _error(
        "从「{start}」出发，怎么走都到不了人工。",
        "加一个 queue 节点，并让分支通向它。",
        "No way from {start!r} leads to a person.",
        "Add a queue node and lead branches to it.",
    ),
    "person.not_by_itself": _error(
        "出错时转到「{person}」，但来电者不按键就到不了人工。",
        "让 person 指向 queue 节点，或直接通向它的节点。",
        "{person!r} takes callers after a fault, but without a key they reach no person from it.",
        "Let `person` name a queue, or a node that leads straight to one.",
    ),
    "end.without_person": _warning(
        "不按键的来电者在此被挂断，既没有人工，也没有留言。",
        "先转「{person}」，或提供留言。",
        "A caller who presses nothing is hung up on here, without a person or a voicemail.",
        "Lead to {person!r} before, or offer a voicemail.",
    ),
    "end.silent": _hint(
        "不说一句话就挂断。",
        "加上提示音，例如 goodbye。",
        "The call ends without a word.",
        "Add a prompt, such as goodbye.",
    ),
    # --- menus
    "menu.no_person_by_key": _error(
        "在这个菜单里按 0 到不了人工。",
        '在 keys 中写 `"0": {person}`。',
        "In this menu, 0 leads to no person.",
        'Write `"0": {person}` under `keys`.',
    ),
    "menu.no_person_by_silence": _error(
        "不按键的来电者在这个菜单之后到不了人工。",
        "让 silence 通向「{person}」。",
        "A caller who is silent in this menu reaches no person.",
        "Lead `silence` to {person!r}.",
    ),
    "menu.no_person_by_errors": _error(
        "几次按错的来电者在这个菜单之后到不了人工。",
        "让 errors 通向「{person}」。",
        "A caller who presses wrong keys in this menu reaches no person.",
        "Lead `errors` to {person!r}.",
    ),
    "menu.too_deep": _warning(
        "来电者至少要过 {depth} 层菜单才能到这一层，最多应为 {most} 层。",
        "把这一层的选项并入上面的菜单。",
        "Callers pass {depth} menus, this one included, to choose here; {most} are enough.",
        "Move its choices into a menu above.",
    ),
    "menu.late": _warning(
        "第一个菜单开始前，来电者要听 {seconds} 秒提示（{language}），最多应为 {most} 秒。",
        "缩短：{prompts}。",
        "Callers hear {seconds} s of prompts ({language}) before the first menu begins; {most} s are enough.",
        "Shorten {prompts}.",
    ),
    "menu.too_long": _warning(
        "菜单提示长 {seconds} 秒（{language}），最多应为 {most} 秒。",
        "减少选项，或缩短说法。",
        "The menu takes {seconds} s ({language}); {most} s are enough.",
        "Offer less, or say it shorter.",
    ),
    "menu.key_not_taken": _warning(
        "提示中说“按 {key}”（{language}），但菜单不接受这个键。",
        "在 keys 中加上它，或改提示。",
        "The prompt names key {key} ({language}), which the menu does not take.",
        "Add it to keys, or mend the prompt.",
    ),
    "menu.key_not_said": _hint(
        "菜单接受 {key} 键，但提示（{language}）没有说到。",
        "在提示中说明，或从 keys 中删去。",
        "The menu takes key {key}, but its prompt ({language}) does not name it.",
        "Say it, or remove it from keys.",
    ),
    # --- time to a person
    "reach.quickest": _warning(
        "最快也要 {seconds} 秒才到人工（{language}），应在 {most} 秒以内：{nodes}。",
        "缩短这条路上不能打断的提示。",
        "The quickest way to a person takes {seconds} s ({language}); it should be within {most} s: {nodes}.",
        "Shorten the prompts on this way that no key interrupts.",
    ),
    "reach.slowest": _warning(
        "最慢要 {seconds} 秒才到人工（{language}），应在 {most} 秒以内：{nodes}。",
        "减少重复次数、等待时间或层数。",
        "The slowest way to a person takes {seconds} s ({language}); it should be within {most} s: {nodes}.",
        "Lower the repetitions, the patience or the number of menus.",
    ),
    # --- prompts
    "prompt.unknown": _error(
        "没有提示音「{prompt}」。",
        "改为已有的提示音，或先录制。最相近的：{near}。",
        "There is no prompt {prompt!r}.",
        "Name one that exists, or record it. Closest: {near}.",
    ),
    "prompt.missing": _error(
        "提示音「{prompt}」没有声音，来电者什么也听不到。",
        "录制或上传，或运行 `hotline prompt build`。",
        "The prompt {prompt!r} has no sound: callers hear nothing.",
        "Record it, or run `hotline prompt build`.",
    ),
    "prompt.language_gap": _warning(
        "来电者在此说{language}，但「{prompt}」没有这种语言。",
        "为这种语言录制或上传。",
        "Callers get here in {language}, which {prompt!r} does not have.",
        "Record it in that language.",
    ),
    "prompt.too_long": _warning(
        "提示音「{prompt}」长 {seconds} 秒（{language}），最多应为 {most} 秒。",
        "缩短说法。",
        "The prompt {prompt!r} takes {seconds} s ({language}); {most} s are enough.",
        "Say it shorter.",
    ),
    "prompt.unlicensed": _warning(
        "{count} 个提示音的嗓音不许用于正式服务：{prompts}。",
        "上传录音，或换有许可的嗓音（speech.provider）。",
        "The voice of {count} prompts may not be used in production: {prompts}.",
        "Upload recordings, or choose a licensed voice (speech.provider).",
    ),
    "prompt.advertising": _warning(
        "提示音「{prompt}」中有广告用语“{word}”。",
        "从提示中删去。",
        "The prompt {prompt!r} advertises: {word!r}.",
        "Take it out of the prompt.",
    ),
    # --- hours
    "hours.unknown_table": _error(
        "日历页没有作息表「{table}」，本节点会改用自己的时间。",
        "改为已有的表：{known}；或在日历页建立。",
        "The calendar page has no table {table!r}; the node's own hours would hold.",
        "Name one of: {known}; or add it on the calendar page.",
    ),
    "hours.unpublished": _warning(
        "{year} 年的放假和调休安排还没有录入。",
        "在日历页录入国务院办公厅的通知。",
        "The holidays and make-up days (调休) of {year} are not known.",
        "Enter the notice on the calendar page.",
    ),
    "hours.never_open": _warning(
        "一周之中没有开放的时间，来电者永远走 closed。",
        "在 week 中写上时间。",
        "No day of the week is open: callers always take `closed`.",
        "Write the hours under `week`.",
    ),
    "hours.no_holidays": _warning(
        "有休息日的作息时间，却没有 {year} 年的节假日。",
        "改用日历页的表：`table: office`；或写上 closed 和 workdays。",
        "These hours have days off, but no holidays of {year}.",
        "Use a table of the calendar page (`table: office`), or list `closed` and `workdays`.",
    ),
    "hours.contradiction": _warning(
        "{day} 既在 closed 又在 workdays 中，当作上班。",
        "从其中一处删去。",
        "{day} is both closed and a workday; it counts as a workday.",
        "Remove it from one of the two.",
    ),
    # --- what the flow asks of others
    "queue.unknown": _error(
        "没有队列「{queue}」。",
        "改为其中之一：{known}；或在 queues.conf 中建立。",
        "There is no queue {queue!r}.",
        "Name one of: {known}; or add it to queues.conf.",
    ),
    "specialist.unknown_unit": _error(
        "没有在用的承办单位「{unit}」。",
        "从承办单位页面的地址中复制编号。",
        "There is no handling unit {unit!r} in use.",
        "Copy its id from the address of its page.",
    ),
    "dial.not_allowed": _error(
        "热线不拨打 {number}。",
        "改拨别的号码，或由系统管理员修改 asterisk.dial_prefixes。",
        "The hotline does not call {number}.",
        "Call another number, or have asterisk.dial_prefixes changed.",
    ),
    "timebox.no_failure_branch": _warning(
        "{action} 有时限，失败时却和成功时（{success}）走同一条路。",
        "让「{outcome}」通向别处，例如「{person}」。",
        "{action} has a time limit, but its failure goes where its success ({success}) goes.",
        "Lead {outcome!r} elsewhere, such as to {person!r}.",
    ),
    "subflow.unknown": _error(
        "没有已发布的流程「{flow}」。",
        "先发布它，或改为已有的流程。最相近的：{near}。",
        "No flow {flow!r} is published.",
        "Publish it first, or name one that is. Closest: {near}.",
    ),
    "subflow.cycle": _error(
        "子流程「{flow}」会回到本流程：{chain}。",
        "让它调用别的流程。",
        "The subflow {flow!r} comes back to this flow: {chain}.",
        "Let it call another flow.",
    ),
    # --- without the service
    "safe.degrades": _hint(
        "服务停止时，「{action}」不能照常工作：{instead}",
        "不必修改；请确认来电者可以接受。",
        "While the service is away, {action!r} does less: {instead}",
        "Nothing to mend; make sure that it will do.",
    ),
    "safe.spoken_lost": _hint(
        "服务停止时，这里读出的号码或数字不会播放。",
        "把它移到单独的 play 或 say 节点。",
        "While the service is away, the number read out here is left out.",
        "Move it to a play or say node.",
    ),
    "safe.no_table": _hint(
        "服务停止时，作息表「{table}」不起作用，按本节点自己的时间。",
        "在 week、closed、workdays 中写上接近的时间。",
        "While the service is away, the table {table!r} is not known; the node's own hours hold.",
        "Write hours that come close under `week`, `closed` and `workdays`.",
    ),
    # --- test cases
    "test.invalid": _error(
        "测试用例无法读取，「{where}」：{reason}",
        "改正，或删去这个用例。",
        "A test case cannot be read, {where}: {reason}",
        "Correct it, or remove the case.",
    ),
    "test.unknown_node": _error(
        "测试用例「{name}」提到的节点「{target}」不存在。",
        "改为已有的节点。最相近的：{near}。",
        "The test case {name!r} names the node {target!r}, which there is not.",
        "Name a node that exists. Closest: {near}.",
    ),
    # --- lint itself
    "lint.unchecked": _warning(
        "规则组「{group}」在检查中出错，未能检查。",
        "请把流程文件交给维护人员。",
        "The rules on {group} failed on this flow and were not checked.",
        "Report it with the flow's file.",
    ),
    "lint.more": _hint(
        "还有 {count} 处没有列出。",
        "先改正列出的，再检查一次。",
        "{count} more findings are not listed.",
        "Mend those listed, and check again.",
    ),
}
