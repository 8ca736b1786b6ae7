"""Where the rows of a whole file come to stand in the catalogue: parents, units, levels, cycles. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from crm.catalogue.models import CatalogueItem
from crm.catalogue.outline import Outline
from crm.catalogue.schemas import MOST_ITEMS, MOST_LEVELS, limit_of
from hotline.kernel.ids import uuid7
from hotline.kernel.imports.ports import PreparedRow, RowOutcome, RowProblem
from hotline.kernel.trees import levels

_UNKNOWN = "No item of the catalogue and no good row of the file has this code; mend that row, or write another code."
_CLOSED = "That item is not in use; activate it on its page first, or write another code."
_CYCLE = "With the other rows of the file the item would be under itself; write another parent."
_TOO_DEEP = f"It, or what is below it, would be deeper than level {MOST_LEVELS}; write a parent that is higher."
_NO_UNIT = "No unit in use has this name; write it as on the page of the units, or leave it empty."
_FULL = f"A catalogue has at most {MOST_ITEMS} items; use one that is there."


def place_rows(rows: Sequence[PreparedRow], outline: Outline) -> None:
    """Set target, outcome and problems of `rows`, each of another code, and the ids of parent and unit in `value`.

    A row with a problem counts as absent, so what is under an item that it alone would create has one too.
    """
    _Placing(rows, outline).run()


class _Placing:
    def __init__(self, rows: Sequence[PreparedRow], outline: Outline) -> None:
        self._rows = rows
        self._outline = outline
        self._items = {item.code: item for item in outline.rows.values()}
        self._children: defaultdict[str, list[PreparedRow]] = defaultdict(list)
        for row in rows:
            item = self._item(row)
            row.target = item.id if item else row.target or uuid7()
            if row.value["parent"] is not None:
                self._children[row.value["parent"]].append(row)

    def run(self) -> None:
        self._find_units()
        self._find_parents()
        while self._refuse_misplaced():
            pass
        created = [row for row in self._good() if self._item(row) is None]
        self._refuse(created[max(0, MOST_ITEMS - len(self._items)) :], "catalogue_full", _FULL, "code")
        ids = self._ids()
        for row in self._good():
            self._conclude(row, ids)

    def _item(self, row: PreparedRow) -> CatalogueItem | None:
        return self._items.get(row.value["code"])

    def _good(self) -> list[PreparedRow]:
        return [row for row in self._rows if not row.problems]

    def _ids(self) -> dict[str, str]:
        """By code: the catalogue's and those that the file adds."""
        known = {code: item.id for code, item in self._items.items()}
        return known | {row.value["code"]: str(row.target) for row in self._good()}

    def _refuse(self, rows: Sequence[PreparedRow], code: str, detail: str, column: str) -> None:
        """Refuse these rows, and all that would be under what they alone create."""
        gone = list(rows)
        for row in gone:
            row.problems.append(RowProblem(code=code, detail=detail, column=column))
        while gone:
            parent = gone.pop()
            if self._item(parent) is None:
                below = [child for child in self._children[parent.value["code"]] if not child.problems]
                for child in below:
                    child.problems.append(RowProblem(code="parent_unknown", detail=_UNKNOWN, column="parent"))
                gone += below

    def _find_units(self) -> None:
        for row in self._rows:
            if row.value["unit"] is not None:
                row.value["unit_id"] = self._outline.unit_named(row.value["unit"])
                if row.value["unit_id"] is None:
                    self._refuse([row], "unit_unknown", _NO_UNIT, "unit")

    def _find_parents(self) -> None:
        ids = self._ids()
        for row in self._good():
            code = row.value["parent"]
            if code is None or row.problems:
                continue
            if code not in ids:
                self._refuse([row], "parent_unknown", _UNKNOWN, "parent")
                continue
            parent, item = self._items.get(code), self._item(row)
            if parent is not None and not parent.active and (item is None or item.parent_id != parent.id):
                self._refuse([row], "parent_closed", _CLOSED, "parent")

    def _refuse_misplaced(self) -> bool:
        """Refuse the rows that make cycles, or else those that make a level too many; whether there were any."""
        ids = self._ids()
        moving = {str(row.target): row for row in self._good() if row.value["parent"] is not None}
        parents = {item.id: item.parent_id for item in self._items.values()}
        parents |= {str(row.target): parents.get(str(row.target)) for row in self._good()}
        parents |= {target: ids[row.value["parent"]] for target, row in moving.items()}
        level, cyclic = levels(parents)
        if cyclic:
            found = [moving[one] for one in cyclic if one in moving]
        else:
            deep = [node for node, at in level.items() if at > MOST_LEVELS]
            found = [moving[at] for at in dict.fromkeys(_mover(node, parents, moving) for node in deep)]
        self._refuse(found, *(("cycle", _CYCLE) if cyclic else ("too_deep", _TOO_DEEP)), "parent")
        return bool(found)

    def _conclude(self, row: PreparedRow, ids: Mapping[str, str]) -> None:
        value, item = row.value, self._item(row)
        value["parent_id"] = ids[value["parent"]] if value["parent"] is not None else None
        value["version"] = item.version if item else None
        row.outcome = RowOutcome.CREATE
        if item is not None:
            row.outcome = RowOutcome.UPDATE if row_changes(item, value) else RowOutcome.SKIP


def _mover(node: str, parents: Mapping[str, str | None], moving: Mapping[str, PreparedRow]) -> str:
    """The nearest at or above `node` that the file gives its place: the catalogue alone is never too deep."""
    while node not in moving:
        node = str(parents[node])
    return node


def row_changes(item: CatalogueItem, value: Mapping[str, object]) -> dict[str, object]:
    """The columns of `item` that a placed row changes; an empty cell changes nothing."""
    wanted = stored_columns(value)
    limit = limit_of(item)
    if value["limit"] == (limit.model_dump(mode="json") if limit else None):
        wanted = {name: new for name, new in wanted.items() if not name.startswith("limit_")}
    return {name: new for name, new in wanted.items() if new is not None and new != getattr(item, name)}


def stored_columns(value: Mapping[str, object]) -> dict[str, object]:
    """A placed row as columns of an item; None where it says nothing."""
    limit = value["limit"] if isinstance(value["limit"], dict) else {}
    return {
        "name": value["name"],
        "parent_id": value["parent_id"],
        "unit_id": value.get("unit_id"),
        "limit_amount": limit.get("amount"),
        "limit_unit": limit.get("unit"),
        "limit_basis": limit.get("basis"),
        "keywords": value["keywords"],
    }
