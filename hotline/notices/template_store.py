"""The words of notices: those shipped, and the edits on top of them."""

from __future__ import annotations

from datetime import tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.kernel.clock import Clock
from hotline.notices import repository
from hotline.notices.errors import TemplateInvalidError, TemplateNotFoundError, TemplateVersionConflictError
from hotline.notices.kinds import NoticeKind, Placeholder
from hotline.notices.models import NoticeTemplate
from hotline.notices.schemas import TemplateChange, TemplateFields, TemplatePreview, TemplateView
from hotline.notices.templates import Value, Words, problem_of, render, shipped, sms_parts


class TemplateStore:
    """Each method works in the caller's transaction; an unknown kind raises `TemplateNotFoundError`."""

    def __init__(self, clock: Clock, *, zone: tzinfo, hotline: str) -> None:
        self._clock = clock
        self._zone = zone
        self._hotline = hotline

    async def listed(self, db: AsyncSession) -> list[TemplateView]:
        """In the order of the kinds."""
        edited = await repository.templates(db)
        return [self._view(kind, edited.get(kind)) for kind in NoticeKind]

    async def view(self, db: AsyncSession, kind: str) -> TemplateView:
        return self._view(_known(kind), await repository.template(db, kind))

    async def save(self, db: AsyncSession, kind: str, change: TemplateChange, *, by: str) -> TemplateView:
        """Raises `TemplateInvalidError`, which names each field and placeholder, or `TemplateVersionConflictError`."""
        known = _known(kind)
        self._check(known, change)
        row = await repository.template(db, kind, lock=True)
        _check_version(row, change.version)
        texts = change.model_dump(exclude={"version"})
        if row is None:
            row = NoticeTemplate(kind=kind, version=0, **texts)
            db.add(row)
        for name, text in texts.items():
            setattr(row, name, text)
        row.version += 1
        row.updated_at, row.updated_by = self._clock.now(), by
        await db.flush()
        return self._view(known, row)

    async def reset(self, db: AsyncSession, kind: str, *, version: int) -> TemplateView:
        """Back to the shipped words; safe to repeat with version 0."""
        known = _known(kind)
        row = await repository.template(db, kind, lock=True)
        _check_version(row, version)
        if row is not None:
            await db.delete(row)
            await db.flush()
        return self._view(known, None)

    def preview(self, kind: str, fields: TemplateFields) -> TemplatePreview:
        """With made-up values. Raises as `save`."""
        self._check(_known(kind), fields)
        now = self._clock.now()
        values: dict[str, Value] = {
            Placeholder.NUMBER: f"{now.astimezone(self._zone):%Y%m%d}-0001",
            Placeholder.STATE: Words("办理中", "in progress"),
            Placeholder.DATE: now,
            Placeholder.UNIT: Words("市住房和城乡建设局", "Housing bureau"),
            Placeholder.PERSON: Words("王芳", "Wang Fang"),
            Placeholder.COUNT: 2,
            Placeholder.REASON: Words("不属于本单位职责", "beyond the unit's duty"),
            Placeholder.ENTRY: Words("企业设立登记", "Registering an enterprise"),
            Placeholder.LINK: "https://12345.example.gov.cn/portal/progress",
            Placeholder.HOTLINE: self._hotline,
        }
        texts = TemplateFields(
            page_zh=render(fields.page_zh, values, "zh", self._zone),
            page_en=render(fields.page_en, values, "en", self._zone),
            sms_zh=render(fields.sms_zh, values, "zh", self._zone),
            sms_en=render(fields.sms_en, values, "en", self._zone),
        )
        return TemplatePreview(
            texts=texts,
            sms_parts_zh=sms_parts(texts.sms_zh) if texts.sms_zh else 0,
            sms_parts_en=sms_parts(texts.sms_en) if texts.sms_en else 0,
        )

    def _check(self, kind: NoticeKind, fields: TemplateFields) -> None:
        defaults = shipped()[kind].as_dict()
        found = [problem_of(name, getattr(fields, name), default) for name, default in defaults.items()]
        if problems := [problem for problem in found if problem is not None]:
            raise TemplateInvalidError("; ".join(problems) + ".")

    def _view(self, kind: NoticeKind, row: NoticeTemplate | None) -> TemplateView:
        defaults = TemplateFields(**shipped()[kind].as_dict())
        if row is None:
            return TemplateView(kind=kind, texts=defaults, shipped=defaults, version=0, edited=False, updated_at=None)
        texts = TemplateFields.model_construct(
            page_zh=row.page_zh, page_en=row.page_en, sms_zh=row.sms_zh, sms_en=row.sms_en
        )
        return TemplateView(
            kind=kind, texts=texts, shipped=defaults, version=row.version, edited=True, updated_at=row.updated_at
        )


def _known(kind: str) -> NoticeKind:
    try:
        return NoticeKind(kind)
    except ValueError:
        raise TemplateNotFoundError("There is no notice of this kind.") from None


def _check_version(row: NoticeTemplate | None, version: int) -> None:
    now = 0 if row is None else row.version
    if now != version:
        raise TemplateVersionConflictError(
            f"It is at version {now}, not {version}; load it again and repeat the change.", version=now
        )
