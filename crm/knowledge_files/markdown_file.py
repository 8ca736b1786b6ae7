"""A Markdown file with front matter as a table of one row. Pure.

---
title: 营业执照补领
kind: 服务事项
answer: 带身份证到登记机关补领。
keywords: [执照丢了, 补证]
---
## 材料
"""

from __future__ import annotations

import csv
import io
import re

import yaml

from crm.knowledge_files.columns import halves
from hotline.kernel.imports.ports import ImportColumn
from hotline.kernel.tabular import TableUnreadableError

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)(.*)\Z", re.DOTALL)
_HEADING = re.compile(r"\A\s*#[ \t]+([^\n]+)\n?")
_MOST_FRONT = 64 * 1024
_NOTHING = ("", "~", "null")


def is_markdown(data: bytes) -> bool:
    return data[:8].removeprefix(b"\xef\xbb\xbf").startswith(b"---")


def table_of(data: bytes, columns: tuple[ImportColumn, ...]) -> bytes:
    """A CSV file with a header; the text below the front matter becomes the details. Raises TableUnreadableError."""
    try:
        found = _FRONT.match(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise TableUnreadableError("Save the Markdown file as UTF-8, and choose it again.") from None
    if found is None or len(found[1]) > _MOST_FRONT:
        raise TableUnreadableError("Begin the file with `---`, the fields one a line, `---`, then the text.")
    cells = _front_matter(found[1])
    details = found[2]
    names = {name.casefold() for column in columns if column.key == "title" for name in (column.key, *column.names)}
    if not names & {key.casefold() for key in cells} and (heading := _HEADING.match(details)):
        cells["title"], details = heading[1].strip(), details[heading.end() :]
    if details.strip():
        cells["details"], more = halves(details.strip())
        if more:
            cells["details_more"] = more
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(cells)
    writer.writerow(cells.values())
    return out.getvalue().encode()


def _front_matter(text: str) -> dict[str, str]:
    """Each field as it is written: `0473` stays a telephone number, and nothing that YAML knows is made of it."""
    try:
        # Without tags and types: only the nodes are read.
        fields = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 2}" if mark else ""
        hint = 'write one `name: value` a line, and values with a colon in quotes, such as "a: b"'
        raise TableUnreadableError(f"The front matter is no YAML{place}; {hint}.") from None
    if not isinstance(fields, yaml.MappingNode):
        raise TableUnreadableError("Between the two lines `---`, write one `name: value` a line.")
    cells: dict[str, str] = {}
    for key, value in fields.value:
        name = key.value[:100] if isinstance(key, yaml.ScalarNode) else ""
        if not name or name in cells:
            raise TableUnreadableError(f"Line {key.start_mark.line + 2} has no name, or one that came before.")
        cells[name] = _cell(name[:40], value)
    return {name: cell for name, cell in cells.items() if cell}


def _cell(name: str, value: yaml.Node) -> str:
    match value:
        case yaml.ScalarNode():
            return "" if value.style is None and value.value in _NOTHING else str(value.value)
        case yaml.SequenceNode() if all(isinstance(one, yaml.ScalarNode) for one in value.value):
            return " | ".join(one.value for one in value.value) + " |" if value.value else ""
        case _:
            raise TableUnreadableError(f"The field {name} holds fields of its own; write each on a line of its own.")
