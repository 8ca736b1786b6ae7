"""Plain graph work on names: what is reached, circles, and the longest and shortest ways. Linear, without recursion."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

N = TypeVar("N")
Weighted = Mapping[N, Sequence[tuple[N, float]]]


class Graph(Generic[N]):
    """`edges` names every node; targets are nodes too."""

    def __init__(self, edges: Mapping[N, Sequence[N]]) -> None:
        self.edges = edges

    def reversed(self) -> Graph[N]:
        back: dict[N, list[N]] = {node: [] for node in self.edges}
        for node, targets in self.edges.items():
            for target in targets:
                back[target].append(node)
        return Graph(back)

    def reach(self, starts: Iterable[N], *, until: Collection[N] = ()) -> frozenset[N]:
        """All that is reached, `starts` included; not on from the nodes in `until`."""
        seen: set[N] = set()
        todo = list(starts)
        while todo:
            node = todo.pop()
            if node not in seen:
                seen.add(node)
                if node not in until:
                    todo += self.edges[node]
        return frozenset(seen)

    def within(self, nodes: Collection[N]) -> Graph[N]:
        """These nodes and the edges between them."""
        kept = frozenset(nodes)
        return Graph({node: [t for t in self.edges[node] if t in kept] for node in self.edges if node in kept})

    def circles(self) -> Iterator[tuple[N, ...]]:
        """The strongly connected groups that hold a circle, each in the order of the nodes (Kosaraju)."""
        back = self.reversed()
        order = {node: index for index, node in enumerate(self.edges)}
        placed: set[N] = set()
        for root in reversed(self.finished(self.edges)):
            if root in placed:
                continue
            group = back.reach([root], until=placed) - placed
            placed |= group
            if len(group) > 1 or root in self.edges[root]:
                yield tuple(sorted(group, key=order.__getitem__))

    def finished(self, starts: Iterable[N], drop: Callable[[N, N], object] | None = None) -> list[N]:
        """Nodes in the order in which a search in depth leaves them; `drop` is given each edge that closes a circle."""
        done: list[N] = []
        open_: set[N] = set()
        seen: set[N] = set()
        for start in starts:
            if start in seen:
                continue
            seen.add(start)
            open_.add(start)
            stack: list[tuple[N, Iterator[N]]] = [(start, iter(self.edges[start]))]
            while stack:
                node, targets = stack[-1]
                target = next(targets, None)
                if target is None:
                    stack.pop()
                    open_.discard(node)
                    done.append(node)
                elif target in open_:
                    if drop is not None:
                        drop(node, target)
                elif target not in seen:
                    seen.add(target)
                    open_.add(target)
                    stack.append((target, iter(self.edges[target])))
        return done


def longest(edges: Weighted[N], start: N) -> tuple[dict[N, float], dict[N, N]]:
    """The longest way to each node, with the node before it; an edge that closes a circle is not taken.

    So each circle is gone through once: what lies behind a menu's "back" is not counted twice.
    """
    closing: set[tuple[N, N]] = set()
    graph = Graph({node: [target for target, _ in targets] for node, targets in edges.items()})
    order = graph.finished([start], lambda node, target: closing.add((node, target)))
    far: dict[N, float] = {start: 0.0}
    before: dict[N, N] = {}
    for node in reversed(order):
        for target, weight in edges[node]:
            if (node, target) not in closing and far[node] + weight > far.get(target, -1.0):
                far[target] = far[node] + weight
                before[target] = node
    return far, before


def shortest(edges: Weighted[N], start: N) -> tuple[dict[N, float], dict[N, N]]:
    """The shortest way to each node, with the node before it (Dijkstra)."""
    near: dict[N, float] = {start: 0.0}
    before: dict[N, N] = {}
    todo: list[tuple[float, int, N]] = [(0.0, 0, start)]
    count = 0
    while todo:
        distance, _, node = heapq.heappop(todo)
        if distance > near[node]:
            continue
        for target, weight in edges[node]:
            if distance + weight < near.get(target, float("inf")):
                near[target] = distance + weight
                before[target] = node
                count += 1
                heapq.heappush(todo, (near[target], count, target))
    return near, before


def way_to(node: N, before: Mapping[N, N]) -> list[N]:
    """From the start to `node`."""
    way = [node]
    while way[-1] in before:
        way.append(before[way[-1]])
    return way[::-1]
