"""Keeps the flows: the draft by version, publications by what was live, and nothing that was published is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from callflow.document import check_flow
from callflow.lint import Finding, Severity, World, lint
from callflow.registry import all_actions
from callflow.simulate.cases import run_tests
from callflow.source import FlowInvalidError, FlowProblem
from callflow.versions import repository
from callflow.versions.errors import (
    EntryNumberTakenError,
    FlowDraftConflictError,
    FlowLiveConflictError,
    FlowNotFoundError,
    FlowRenamedError,
    FlowTakenError,
    FlowTestsFailedError,
    FlowUnchangedError,
    FlowVersionNotFoundError,
    PublicationNotFoundError,
    PublicationPastError,
    PublicationStartedError,
)
from callflow.versions.library import FLOWS_CHANGED, FlowLibrary
from callflow.versions.models import FlowEntryNumber, FlowPublication, FlowRow, FlowVersionRow
from callflow.versions.seed import EVERY_NUMBER, add_version
from callflow.versions.state import FlowAlias, VersionSource
from callflow.versions.text import digest_of, of_json, plain_values, to_content, to_json, without_lines
from hotline.kernel.clock import Clock
from hotline.kernel.jobs import JobQueue

WorldSource = Callable[[], World]
DRAFT = 0
"""In the place of a version's number."""
_LONGEST = 2000
_MOST_FOUND = 16
_SLACK = timedelta(minutes=1)
"""A start that passed while the page was filled in is meant as now."""


class FlowService:
    """Each in the caller's transaction; whoever calls audits. What is published is in force right after the commit."""

    def __init__(self, library: FlowLibrary, jobs: JobQueue, clock: Clock, world: WorldSource) -> None:
        """`world` is what lint knows of this installation; it may block for a moment."""
        self._library = library
        self._jobs = jobs
        self._clock = clock
        self._world = world
        self._found: dict[str, tuple[World, tuple[Finding, ...]]] = {}
        """What lint found in texts, and what it knew of the installation then."""

    # --- what is wrong with a document ------------------------------------------------------------------

    async def findings(self, content_or_text: Mapping[str, Any] | str) -> tuple[Finding, ...]:
        """All that lint finds, the worst first."""
        return await asyncio.to_thread(self._lint, content_or_text)

    def _lint(self, content_or_text: Mapping[str, Any] | str) -> tuple[Finding, ...]:
        world = self._world()
        if not isinstance(content_or_text, str):
            return lint(content_or_text, world)
        # An open page asks again and again for a draft that nobody has changed.
        known = self._found.get(content_or_text)
        if known is not None and known[0] == world:
            return known[1]
        found = lint(content_or_text, world)
        if len(self._found) >= _MOST_FOUND:
            self._found.clear()
        self._found[content_or_text] = (world, found)
        return found

    async def world(self) -> World:
        """What lint and simulation know of this installation now."""
        return await asyncio.to_thread(self._world)

    async def require_fit(self, content: Mapping[str, Any], *, despite_tests: bool = False) -> None:
        """Raises `FlowInvalidError` for errors of lint, `FlowTestsFailedError` where one of its own cases fails.

        Takes about a second for a thousand nodes: not within a transaction.
        """
        errors = [one for one in await self.findings(content) if one.severity is Severity.ERROR]
        if errors:
            raise FlowInvalidError(FlowProblem(one.where, one.line, one.message("en")) for one in errors)
        if despite_tests:
            return
        flow = await asyncio.to_thread(check_flow, without_lines(content), all_actions())
        results = await run_tests(flow, await asyncio.to_thread(self._world))
        failed = [f"{each.name} ({'; '.join(one.en for one in each.unmet)})" for each in results if not each.passed]
        if failed:
            raise FlowTestsFailedError(
                f"{len(failed)} of {len(results)} test cases of the flow fail: {'; '.join(failed)[:_LONGEST]}"
            )

    # --- drafts -----------------------------------------------------------------------------------------

    async def flow(self, db: AsyncSession, id: str, *, lock: bool = False) -> FlowRow:
        """Raises `FlowNotFoundError`."""
        row = await repository.flow(db, id, lock=lock)
        if row is None:
            raise FlowNotFoundError("Look at the list of flows for its id.")
        return row

    async def create(self, db: AsyncSession, id: str, title: str, copy_of: str, number: int | None, *, by: str) -> None:
        """A flow that answers no number yet. Raises `FlowTakenError`, and as `content`."""
        if await repository.flow(db, id) is not None:
            raise FlowTakenError(f"There is a flow {id} already; choose another id.")
        content = await self.content(db, copy_of, DRAFT if number is None else number) | {"id": id, "title": title}
        now = self._clock.now()
        draft = to_json(plain_values(content))
        db.add(FlowRow(id=id, title=title, draft=draft, draft_by=by, draft_at=now, created_at=now))
        await db.flush()

    async def save_draft(
        self, db: AsyncSession, id: str, content: Mapping[str, Any], version: int, *, by: str | None
    ) -> FlowRow:
        """Replace the draft, finished or not. Raises `FlowDraftConflictError`, `FlowRenamedError`."""
        flow = await self.flow(db, id, lock=True)
        if flow.draft_version != version:
            raise FlowDraftConflictError(
                f"The draft is at version {flow.draft_version}, not {version}; fetch it, and take over your changes.",
                version=flow.draft_version,
            )
        if content.get("id", id) != id:
            raise FlowRenamedError(f"This is flow {id}; write `id: {id}`, or create another flow.")
        content = plain_values({**content, "id": id})
        title = content.get("title")
        flow.title = title[:200] if isinstance(title, str) else flow.title
        flow.draft, flow.draft_by, flow.draft_at = to_json(content), by, self._clock.now()
        flow.draft_version += 1
        await db.flush()
        return flow

    async def content(self, db: AsyncSession, id: str, number: int) -> dict[str, Any]:
        """Of a version, or of the draft. Raises `FlowNotFoundError`, `FlowVersionNotFoundError`."""
        if number == DRAFT:
            return of_json((await self.flow(db, id)).draft)
        return of_json((await self.version(db, id, number)).content)

    async def version(self, db: AsyncSession, id: str, number: int) -> FlowVersionRow:
        """Raises `FlowNotFoundError`, `FlowVersionNotFoundError`."""
        row = await repository.version(db, id, number)
        if row is None:
            await self.flow(db, id)
            raise FlowVersionNotFoundError(f"Flow {id} has no version {number}; its page lists those there are.")
        return row

    # --- what callers hear ------------------------------------------------------------------------------

    async def live_number(self, db: AsyncSession, id: str, alias: FlowAlias) -> int:
        """0 where nothing is published."""
        started = await repository.started(db, id, alias, self._clock.now())
        return started[0].number if started else 0

    async def publish_draft(
        self,
        db: AsyncSession,
        id: str,
        *,
        draft_version: int | None,
        alias: FlowAlias,
        live: int | None,
        note: str,
        starts_at: datetime | None,
        by: str | None,
        source: VersionSource = VersionSource.PAGE,
    ) -> FlowPublication:
        """Make the draft a version, and put it in force. None for `draft_version` or `live`: whatever it is.

        `require_fit` comes before. Raises `FlowInvalidError`, `FlowDraftConflictError`, and as `put_in_force`.
        """
        flow = await self.flow(db, id, lock=True)
        if draft_version is not None and flow.draft_version != draft_version:
            raise FlowDraftConflictError(
                f"The draft is at version {flow.draft_version}, not {draft_version}; look at it once more.",
                version=flow.draft_version,
            )
        content = of_json(flow.draft)
        await asyncio.to_thread(check_flow, without_lines(content), all_actions())
        row = await repository.version_like(db, id, digest_of(content))
        if row is None:
            number = await repository.newest_number(db, id) + 1
            row = add_version(db, flow, content, number, source=source, note=note, by=by, now=self._clock.now())
            await db.flush()
        flow.draft_base = row.number
        return await self.put_in_force(
            db, id, row.number, alias=alias, live=live, reason=note, starts_at=starts_at, by=by
        )

    async def put_in_force(
        self,
        db: AsyncSession,
        id: str,
        number: int,
        *,
        alias: FlowAlias,
        live: int | None,
        reason: str,
        starts_at: datetime | None,
        by: str | None,
    ) -> FlowPublication:
        """Let new calls begin on this version, now or from `starts_at` on.

        Raises `FlowVersionNotFoundError`, `FlowLiveConflictError`, `FlowUnchangedError`, `PublicationPastError`, and
        `FlowInvalidError` for a version that this release of the service cannot run.
        """
        await self.flow(db, id, lock=True)
        version = await self.version(db, id, number)
        now = self._clock.now()
        if starts_at is not None and starts_at < now - _SLACK:
            raise PublicationPastError("Choose a time to come, or publish at once.")
        present = await self.live_number(db, id, alias)
        if live is not None and live != present:
            raise FlowLiveConflictError(
                f"Version {present} is in force by now, not {live}; compare it with yours before you publish.",
                version=present,
            )
        at_once = starts_at is None or starts_at <= now
        if at_once and present == number:
            raise FlowUnchangedError(f"Version {number} is in force already; callers hear no difference.")
        await asyncio.to_thread(check_flow, without_lines(of_json(version.content)), all_actions())
        row = FlowPublication(
            flow_id=id,
            alias=alias,
            number=number,
            starts_at=now if starts_at is None else max(starts_at, now),
            reason=reason,
            published_by=by,
            created_at=now,
        )
        db.add(row)
        await self._after(db, row.starts_at)
        return row

    async def cancel(self, db: AsyncSession, id: str, publication_id: str) -> FlowPublication:
        """Drop one that has not started. Raises `PublicationNotFoundError`, `PublicationStartedError`."""
        await self.flow(db, id, lock=True)
        row = await repository.publication(db, id, publication_id)
        if row is None or row.cancelled_at is not None:
            raise PublicationNotFoundError("Somebody may have cancelled it already.")
        if row.starts_at <= self._clock.now():
            raise PublicationStartedError("It is in force; put another version in force instead.")
        row.cancelled_at = self._clock.now()
        await db.flush()
        return row

    async def set_numbers(self, db: AsyncSession, id: str, numbers: Mapping[str, FlowAlias]) -> None:
        """Which numbers this flow answers. Raises `EntryNumberTakenError`."""
        await self.flow(db, id, lock=True)
        present = {row.number: row for row in await repository.entry_numbers(db)}
        for number in numbers:
            if number in present and present[number].flow_id != id and number != EVERY_NUMBER:
                owner = present[number].flow_id
                raise EntryNumberTakenError(f"Flow {owner} answers {number}; take it away there first.")
        for number, row in present.items():
            if row.flow_id == id and number not in numbers and number != EVERY_NUMBER:
                await db.delete(row)
        for number, alias in numbers.items():
            if (known := present.get(number)) is not None:
                known.flow_id, known.alias = id, alias
            else:
                db.add(FlowEntryNumber(number=number, flow_id=id, alias=alias))
        await self._after(db, self._clock.now())

    async def _after(self, db: AsyncSession, at: datetime) -> None:
        await db.flush()
        event.listen(db.sync_session, "after_commit", self._library.changed)
        await self._jobs.schedule(db, FLOWS_CHANGED, {}, run_at=at, key=f"{FLOWS_CHANGED}:{at.isoformat()}")


def read_document(document: Mapping[str, Any] | None, text: str | None) -> dict[str, Any]:
    """The document as given in one of the two forms. Raises `FlowInvalidError`."""
    return to_content(text) if text is not None else plain_values(document or {})
