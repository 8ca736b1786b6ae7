"""A file of holidays becomes a year's next notice, or nothing, on both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from hotline.accounts.roles import Permission
from hotline.calendars.import_rows import prepare_row
from hotline.calendars.importing import CalendarImporter
from hotline.calendars.schemas import HolidayNoticeDraft
from hotline.calendars.service import CalendarService
from hotline.kernel.db import Database
from hotline.kernel.imports import repository
from hotline.kernel.imports.feature import ImportFeature
from hotline.kernel.imports.ports import ImportedRecord
from hotline.kernel.jobs import JobQueue
from hotline.kernel.workcalendar import DayKind, HolidayNotice
from tests.fakes.clock import FakeClock
from tests.hotline import imports

HEADER = "日期,类型,名称,来源,发布日期"
FIRST = "2030-10-01,放假,国庆节,国办发明电〔2029〕7号,2029-11-05"


@dataclass
class Desk:
    database: Database
    service: CalendarService
    imports: ImportFeature

    async def check(self, *rows: str) -> tuple[dict[str, int], dict[int, list[str]]]:
        """What becomes of the rows, and what is wrong with each."""
        made = await imports.checked(self.database, self.imports, "calendar", "\n".join([HEADER, *rows]))
        return made.counts, await imports.problems(self.database, self.imports, made)

    async def bring_in(self, data: bytes | str) -> str:
        """The state of the import in the end."""
        made = await imports.checked(self.database, self.imports, "calendar", data)
        return (await imports.applied(self.database, self.imports, made)).state

    async def notices(self, year: int) -> list[HolidayNotice]:
        async with self.database.snapshot() as db:
            return [notice for notice in await self.service.notices(db) if notice.year == year]


@pytest.fixture
async def desk(any_database: Database, clock: FakeClock) -> Desk:
    jobs = JobQueue(clock)
    service = CalendarService(any_database, jobs, clock)
    feature = ImportFeature(any_database, jobs, clock, lambda _event: None)
    feature.register(CalendarImporter(service))
    return Desk(any_database, service, feature)


async def test_a_file_is_the_next_notice_of_its_year(desk: Desk) -> None:
    rows = (FIRST, "2030年10月2日,休,国庆节,,", "2030/9/28,上班,,,", "2029-12-31,holiday,元旦,,")
    text = "\n".join([HEADER, *rows])
    assert await desk.check(*rows) == ({"create": 4}, {})
    assert await desk.notices(2030) == []
    assert await desk.bring_in(text) == "applied"
    (notice,) = await desk.notices(2030)
    assert (notice.version, notice.source, notice.published) == (1, "国办发明电〔2029〕7号", date(2029, 11, 5))
    assert notice.complete
    assert [(each.day, each.kind) for each in notice.days] == [
        (date(2029, 12, 31), DayKind.OFF),
        (date(2030, 9, 28), DayKind.WORK),
        (date(2030, 10, 1), DayKind.OFF),
        (date(2030, 10, 2), DayKind.OFF),
    ]
    assert await desk.check(*rows) == ({"skip": 4}, {})
    assert await desk.bring_in(f"{HEADER}\n{FIRST.replace('2029-11-05', '2029-12-01')}") == "applied"
    assert [(each.version, each.complete) for each in await desk.notices(2030)] == [(1, True), (2, False)]


async def test_one_bad_row_refuses_the_notice(desk: Desk) -> None:
    counts, problems = await desk.check(
        FIRST,
        "2030-10-01,放假,,,",
        "2030-13-01,放假,,,",
        "2030-10-03,假日,,,",
        "2030-10-04,放假,,另一来源,",
        "2030-10-05,放假,,,2029-11-06",
        "2031-03-01,放假,,,",
        "2030-10-06,放假,,,",
    )
    assert counts == {"error": 8}
    assert problems == {
        2: ["notice_incomplete"],
        3: ["day_repeated"],
        4: ["date_invalid"],
        5: ["choice_unknown"],
        6: ["source_differs"],
        7: ["published_differs"],
        8: ["day_outside_year"],
        9: ["notice_incomplete"],
    }


async def test_a_notice_has_a_source_and_a_day_of_publication(desk: Desk) -> None:
    assert (await desk.check("2030-10-01,放假,,,"))[1] == {2: ["source_missing", "published_missing"]}


async def test_an_older_notice_than_the_one_in_force_is_refused(desk: Desk) -> None:
    assert await desk.bring_in(f"{HEADER}\n{FIRST}") == "applied"
    assert (await desk.check("2030-05-01,放假,劳动节,旧,2029-01-01"))[1] == {2: ["notice_older"]}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("放假", "off"),
        ("休 息", "off"),
        ("Holiday", "off"),
        ("调休上班", "work"),
        ("补班", "work"),
        ("Workday", "work"),
    ],
)
def test_kinds_of_days_in_both_languages(word: str, kind: str) -> None:
    row = prepare_row(ImportedRecord(2, {"day": "20301001", "kind": word}))
    assert (row.value["day"], row.value["kind"], row.problems) == ("2030-10-01", kind, [])


async def test_english_columns_and_a_day_that_a_spreadsheet_has_rounded(desk: Desk) -> None:
    text = "Date,Kind,Name,Source,Published\n2030-10-01,holiday,,x,2029-11-05\n2.0301E+16,workday,,,\n"
    made = await imports.checked(desk.database, desk.imports, "calendar", text)
    found = await imports.problems(desk.database, desk.imports, made)
    assert found == {2: ["notice_incomplete"], 3: ["cell_not_trusted"]}
    assert await desk.bring_in(text.replace("2.0301E+16", "2030-09-28")) == "applied"


async def test_a_workbook_with_dates_and_a_file_of_an_old_spreadsheet(desk: Desk) -> None:
    dated = imports.workbook(
        ["日期", "类型", "名称", "文号", "发布日期"], [date(2030, 5, 1), "放假", "劳动节", "甲", date(2029, 11, 1)]
    )
    written = imports.workbook(["日期", "类型", "来源", "发布日期"], ["2030年6月3日", "休", "乙", "2029-11-02"])
    for data in (dated, written, f"{HEADER}\n{FIRST}\n".encode("gb18030")):
        assert await desk.bring_in(data) == "applied"
    assert [[each.name for each in notice.days] for notice in await desk.notices(2030)] == [
        ["劳动节"],
        [""],
        ["国庆节"],
    ]


async def test_another_notice_since_the_check_stops_the_import(desk: Desk) -> None:
    made = await imports.checked(desk.database, desk.imports, "calendar", f"{HEADER}\n{FIRST}")
    other = HolidayNoticeDraft(version=0, source="x", published=date(2029, 1, 1), complete=False, days=[])
    async with desk.database.transaction() as db:
        await desk.service.put_notice(db, 2030, other)
    failed = await imports.applied(desk.database, desk.imports, made)
    assert (failed.state, "Since the check" in (failed.problem or "")) == ("failed", True)
    assert [notice.source for notice in await desk.notices(2030)] == ["x"]


async def test_a_notice_is_taken_back_unless_another_followed(desk: Desk) -> None:
    importer = CalendarImporter(desk.service)
    made = await imports.checked(desk.database, desk.imports, "calendar", f"{HEADER}\n{FIRST}")
    await imports.applied(desk.database, desk.imports, made)
    for kept in (0, 1):
        async with desk.database.transaction() as db:
            written = await repository.to_undo(db, made.id, upto=99, most=99)
            assert await importer.undo(db, written) == kept
    assert await desk.notices(2030) == []


def test_whoever_keeps_the_calendar_imports_it() -> None:
    assert CalendarImporter.permission == Permission.CALENDAR_MANAGE
