"""The safe flow: one extension a node, and the doors into it."""

from __future__ import annotations

import hashlib
import re

from callflow.compile.dialplan import Extension, extension_of, safe
from callflow.compile.library import SafeFlowSource
from callflow.dialling import DialledOptions
from callflow.document import Flow
from callflow.queues.policy import QueueOptions
from ivr.dialplan import Context, Variable

_MARK = re.compile(r"^exten => (v[0-9]+_[0-9a-f]{12}),1,", re.MULTILINE)


def mark_of(text: str) -> str:
    """The extension by which a dialplan shows that it holds this compiled flow to its last line; "" without one."""
    return next(iter(_MARK.findall(text)), "")


def compile_safe_flow(flow: Flow, context: str = Context.SAFE_FLOW) -> str:
    """The text of extensions_safe.conf; the same flow gives the same text, and another one another mark."""
    document = flow.document
    parts = [
        f"; The safe flow of {flow.id}, version {flow.version}, made by the service: changes here are lost.",
        f"; It serves callers while no service is there. {Context.SAFE} in extensions/hotline.conf leads here.",
        "",
        f"[{context}]",
        *(extension.text() for extension in _doors(flow)),
    ]
    for node in flow.nodes.values():
        extension = Extension(extension_of(node.id), comment=f"{node.id} ({node.action.name})")
        if node.action.safe is not None:
            node.action.safe(SafeFlowSource(node, document), extension)
        else:
            extension.go(document.person)
        parts.append(extension.text())
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    mark = Extension(f"v{flow.version}_{digest}", comment="Last, and so there only where the file was read to its end.")
    mark.do("NoOp()")
    return "\n".join([*parts, mark.text()])


def _doors(flow: Flow) -> list[Extension]:
    """`s` is for a call from its start; `returned` for one that comes back from a queue to find no service."""
    start = Extension("s", comment="A call from its start.")
    start.do("Set(HL_AHEAD=)")
    start.do("Set(HL_TAKEN=0)")
    start.go(flow.document.entry)
    returned = Extension("returned", comment="A call back from the queue that the service had sent it to.")
    returned.do("Set(HL_AHEAD=)")
    returned.do("Set(HL_TAKEN=0)")
    queues = [(node.id, node.options.queue) for node in flow.nodes.values() if isinstance(node.options, QueueOptions)]
    for id, queue in queues:
        here = f'"{Variable.NODE.value_of}" = "{safe(id)}" & "{Variable.QUEUE.value_of}" = "{safe(queue)}"'
        returned.do(f"GotoIf($[{here}]?{extension_of(id)},left)")
    for id, node in flow.nodes.items():
        if isinstance(node.options, DialledOptions):
            returned.do(f'GotoIf($["{Variable.NODE.value_of}" = "{safe(id)}"]?{extension_of(id)},left)')
    # A flow of another version sent it to a queue that is no more: to one of the same queue.
    for queue, id in {queue: id for id, queue in reversed(queues)}.items():
        returned.do(f'GotoIf($["{Variable.QUEUE.value_of}" = "{safe(queue)}"]?{extension_of(id)},left)')
    returned.go(flow.document.person)
    return [start, returned]
