"""Files of entries: checked row by row, written as drafts once confirmed, and out again as they came in."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from crm.knowledge.content import KnowledgeContent
from crm.knowledge.models import KnowledgeEntry
from crm.knowledge_files.columns import COLUMNS, joined, split
from crm.knowledge_files.exporting import KnowledgeExport
from crm.knowledge_files.markdown_file import is_markdown, table_of
from hotline.accounts.models import ROOT_ORGANISATION, User
from hotline.accounts.roles import Role
from hotline.kernel.imports.models import ImportRecord
from hotline.kernel.tabular import TableUnreadableError
from tests.crm.test_knowledge import WRITTEN, KnowledgeDesk, desk
from tests.hotline import imports

__all__ = ["desk"]

HEADER = "标题,所属单位,类别,分类,可答复范围,答复口径,关键词,失效日期,来源网址"
EXPORT = "/api/knowledge-export"


class FileDesk:
    def __init__(self, desk: KnowledgeDesk) -> None:
        self.desk, self.workspace = desk, desk.workspace
        assert self.workspace.imports is not None
        self.imports = self.workspace.imports

    async def checked(self, who: str, data: bytes | str) -> ImportRecord:
        by = self.workspace.people[who].user_id
        return await imports.checked(self.workspace.database, self.imports, "knowledge", data, by=by)

    async def applied(self, made: ImportRecord) -> ImportRecord:
        return await imports.applied(self.workspace.database, self.imports, made)

    async def problems(self, made: ImportRecord) -> dict[int, list[str]]:
        return await imports.problems(self.workspace.database, self.imports, made)

    async def entries(self, who: str) -> dict[str, Any]:
        """By title, what each says and its states; drafts and what is published."""
        found: dict[str, Any] = {}
        for name in ("drafts", "published"):
            page = await self.workspace.get(who, "/api/knowledge", list=name)
            for row in page["items"]:
                found[row["title"]] = await self.workspace.get(who, f"/api/knowledge/{row['id']}")
        return found

    async def export(self, who: str, form: str) -> bytes:
        assert self.workspace.client is not None
        cookies = {"hotline_session": who}
        async with self.workspace.client.get(EXPORT, params={"format": form}, cookies=cookies) as response:
            assert response.status == 200, await response.text()
            return await response.read()


@pytest.fixture
async def files(desk: KnowledgeDesk) -> FileDesk:
    await desk.city.person("editor", ROOT_ORGANISATION, Role.KB_EDITOR)
    await desk.workspace.post("kb_reviewer", "/api/knowledge-categories", {"name": "许可"})
    return FileDesk(desk)


# --- cells and Markdown --------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [[], ["执照"], ["执照", "补证"], ["a、b"], ["a,b", "c"], ["2024年"]])
def test_a_cell_of_several_comes_back_as_it_was(parts: list[str]) -> None:
    assert split(joined(parts)) == parts


def test_words_of_a_cell_stand_between_commas_of_any_kind() -> None:
    assert split("执照、补证, 丢失；执照") == ["执照", "补证", "丢失"]  # noqa: RUF001  # as typed


def test_a_markdown_file_is_a_row() -> None:
    text = '---\ntitle: "补领: 执照"\nkeywords: [丢了, 补证]\nexpires_on: 2027-01-01\n---\n## 材料\n\n- 身份证\n'
    assert is_markdown(text.encode())
    lines = table_of(text.encode(), tuple(COLUMNS)).decode().replace("\r\n", "\n")
    assert lines == ('title,keywords,expires_on,details\n补领: 执照,丢了 | 补证 |,2027-01-01,"## 材料\n\n- 身份证"\n')
    headed = table_of("---\nkind: 服务事项\n---\n# 补领\n正文".encode(), tuple(COLUMNS)).decode()
    assert headed.splitlines() == ["kind,title,details", "服务事项,补领,正文"]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a: b\n---\n",
        "---\n- a\n---\n",
        "---\ntitle: 补领\n",
        "---\na: {b: c}\n---\n",
        "---\n&a [*a]\n---\n",
        "---\ntitle: a\ntitle: b\n---\n",
        "---\n[a]: b\n---\n",
        "---\nkeywords: [a: b]\n---\n",
        "---\na: &a [x, x]\nkeywords: !!pairs [k: *a]\n---\n",
        f"---\na: {'[' * 5000}\n---\n",
    ],
)
def test_front_matter_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(TableUnreadableError):
        table_of(text.encode(), tuple(COLUMNS))


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("04731234567", "04731234567"),
        ("no", "no"),
        ("12:30:45", "12:30:45"),
        ("2027-1-1", "2027-1-1"),
        (f"0x{'f' * 5000}", f"0x{'f' * 5000}"),
        ('!!int ""', ""),
        ("!!timestamp x", "x"),
        ("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+23:59"),
        ('"~"', "~"),
        ("~", ""),
    ],
)
def test_a_value_stays_as_it_is_written(written: str, cell: str) -> None:
    text = f"---\ntitle: 补领\nphone: {written}\n---\n"
    rows = list(csv.DictReader(io.StringIO(table_of(text.encode(), tuple(COLUMNS)).decode())))
    assert rows == [{"title": "补领"} | ({"phone": cell} if cell else {})]


# --- import --------------------------------------------------------------------------------------------------


async def test_a_unit_imports_drafts_of_its_own(files: FileDesk) -> None:
    made = await files.checked(
        "bureau",
        f"{HEADER}\n执照补领,,服务事项,许可,公开,带身份证补领。,执照丢了、补证,2027-1-1,https://a.cn\n"
        "年报,海勃湾分局,,,,一月至六月报。,,,",
    )
    assert made.counts == {"create": 2}
    assert await files.entries("bureau") == {}
    assert (await files.applied(made)).state == "applied"
    found = await files.entries("bureau")
    first, second = found["执照补领"], found["年报"]
    assert (first["unit_name"], second["unit_name"]) == ("市场监督管理局", "海勃湾分局")
    assert (first["state"], first["revision_state"]) == ("unpublished", "draft")
    content = first["revision"]
    assert (content["kind"], content["scope"], content["keywords"]) == ("service_item", "public", ["执照丢了", "补证"])
    assert (content["expires_on"], content["source"]) == ("2027-01-01", "https://a.cn")
    assert second["revision"]["kind"] == "question_and_answer"
    assert [action for who, action in files.workspace.audited() if who == "bureau"].count("knowledge.create") == 2
    # What was imported is found and submitted like any other draft.
    await files.desk.act("bureau", first["id"], "discard", reason="试")


async def test_the_same_file_again_changes_nothing_and_a_changed_row_its_entry_alone(files: FileDesk) -> None:
    first = f"{HEADER}\n执照补领,,服务事项,,,带身份证补领。,,,\n年报,,,,,一月至六月报。,,,"
    await files.applied(await files.checked("bureau", first))
    assert (await files.checked("bureau", first)).counts == {"skip": 2}
    made = await files.checked("bureau", first.replace("一月至六月报", "上半年报"))
    assert made.counts == {"skip": 1, "update": 1}
    await files.applied(made)
    found = await files.entries("bureau")
    assert found["年报"]["revision"]["answer"] == "上半年报。"
    assert found["执照补领"]["version"] == 1


async def test_a_published_entry_gets_a_revision_and_keeps_what_is_published(files: FileDesk) -> None:
    entry_id = await files.desk.published()
    row = f"{HEADER}\n{WRITTEN['title']},,,,,新的答复。,,,"
    await files.applied(await files.checked("bureau", row))
    entry = await files.workspace.get("bureau", f"/api/knowledge/{entry_id}")
    assert (entry["state"], entry["revision_state"], entry["number"]) == ("published", "draft", 1)
    assert entry["published"]["answer"] == WRITTEN["answer"]
    assert (entry["revision"]["answer"], entry["revision"]["details"]) == ("新的答复。", WRITTEN["details"])
    await files.desk.act("bureau", entry_id, "submit")
    assert await files.problems(await files.checked("bureau", row.replace("新的", "更新的"))) == {
        2: ["entry_in_review"]
    }


async def test_each_row_says_what_is_wrong_with_it(files: FileDesk) -> None:
    made = await files.checked(
        "bureau",
        "\n".join(
            [
                HEADER,
                "一,税务局,,,,答,,,",
                "二,没有的局,,,,答,,,",
                "三,,别的,,,答,,,",
                "四,,,没有,,答,,,",
                "五,,,,,答,,昨天,",
                "六,,,,,答,,,javascript:a",
                ",,,,,答,,,",
                f"八,,,,,{'长' * 2001},,,",
                "九,,,,,答,,,",
                "九,,,,,答,,,",
            ]
        ),
    )
    assert await files.problems(made) == {
        2: ["unit_foreign"],
        3: ["unit_unknown"],
        4: ["choice_unknown"],
        5: ["category_unknown"],
        6: ["date_invalid"],
        7: ["link_invalid"],
        8: ["text_invalid"],
        9: ["text_invalid"],
        11: ["title_repeated"],
    }
    assert made.counts == {"error": 9, "create": 1}


async def test_an_entry_is_changed_by_one_row_of_a_file(files: FileDesk) -> None:
    entry_id = await files.desk.draft()
    made = await files.checked("bureau", f"编号,标题,答复口径\n{entry_id},甲,答\n{entry_id},乙,答\n,丙,答")
    assert await files.problems(made) == {3: ["id_repeated"]}
    assert (await files.applied(made)).state == "applied"


async def test_nobody_imports_for_another_unit_by_its_entrys_id(files: FileDesk) -> None:
    entry_id = await files.desk.published()
    made = await files.checked("other", f"编号,标题,答复口径\n{entry_id},抢来的,答")
    assert await files.problems(made) == {2: ["unit_foreign"]}
    made = await files.checked("other", f"编号,标题,所属单位,答复口径\n{entry_id},抢来的,税务局,答")
    assert await files.problems(made) == {2: ["entry_foreign"]}


async def test_whoever_lost_the_right_meanwhile_writes_nothing(files: FileDesk) -> None:
    made = await files.checked("bureau", f"{HEADER}\n执照补领,,,,,答,,,\n年报,,,,,答,,,")
    async with files.workspace.database.transaction() as db:
        user = await db.get_one(User, files.workspace.people["bureau"].user_id)
        user.roles = []
    done = await files.applied(made)
    assert done.state == "failed"
    assert "Row 2" in (done.problem or "")
    assert await files.entries("editor") == {}


async def test_an_import_that_cannot_be_finished_leaves_everything_as_it_was(files: FileDesk) -> None:
    changed = await files.desk.published()
    other = await files.desk.published(title="另一条")
    made = await files.checked(
        "bureau", f"{HEADER}\n新的,,,,,答,,,\n{WRITTEN['title']},,,,,改了,,,\n另一条,,,,,改了,,,"
    )
    assert made.counts == {"create": 1, "update": 2}
    async with files.workspace.database.transaction() as db:
        row = await db.get_one(KnowledgeEntry, changed)
        row.revised_by, row.revision_writers = files.workspace.people["office"].user_id, []
    await files.desk.act("bureau", other, "revise")  # so that the last row is not what was checked
    assert (await files.applied(made)).state == "failed"
    found = await files.entries("editor")
    assert sorted(found) == sorted(["另一条", WRITTEN["title"]])
    entry = await files.workspace.get("bureau", f"/api/knowledge/{changed}")
    assert (entry["revision_state"], entry["revision"]) == ("none", None)
    async with files.workspace.database.snapshot() as db:
        row = await db.get_one(KnowledgeEntry, changed)
    assert (row.revised_by, row.revision_writers) == (files.workspace.people["office"].user_id, [])


async def test_a_markdown_file_becomes_a_draft(files: FileDesk) -> None:
    text = "---\n标题: 执照补领\n类别: 服务事项\n答复口径: 带身份证补领。\n关键词: [丢了]\n---\n## 材料\n\n1. 申请书\n"
    data = await files.imports.service.as_table("knowledge", text.encode())
    made = await files.checked("bureau", data)
    await files.applied(made)
    content = (await files.entries("bureau"))["执照补领"]["revision"]
    assert (content["details"], content["keywords"]) == ("## 材料\n\n1. 申请书", ["丢了"])


# --- export --------------------------------------------------------------------------------------------------

EVERYTHING: dict[str, Any] = {
    "title": "=1+1 稳岗补贴",
    "kind": "incentive",
    "answer": "第一行\n+第二行",
    "details": "| a | b |\n|-|-|\n| 1 | 2 |\n" + "长 文\n" * 9000 + "完",
    "scope": "public",
    "issuing_body": "人社局",
    "document_number": "00123",
    "source": "https://a.cn/?a=1&b=2",
    "keywords": ["a、b"],
    "synonyms": ["社保返还", "@稳岗"],
    "region": "乌海",
    "stages": ["operate", "change"],
    "industries": ["餐饮"],
    "effective_on": "2026-01-01",
    "expires_on": "2027-12-31",
    "incentive": {
        "beneficiaries": "小微企业",
        "conditions": "正常纳税\n不裁员",
        "fulfilled_within": "10",
        "address": "三楼",
        "phone": "0473-2012345",
    },
    "title_en": "Subsidy",
    "answer_en": "-5 %",
    "details_en": "English",
}


async def test_what_is_exported_imports_as_the_same_content(files: FileDesk) -> None:
    category = (await files.workspace.get("bureau", "/api/knowledge-categories"))[0]["id"]
    wanted = KnowledgeContent.model_validate({**EVERYTHING, "category_id": category})
    await files.desk.published(**wanted.stored())
    await files.desk.draft(title="只是草稿")
    await files.desk.draft(title="没有类别", kind="question_and_answer", keywords=[], synonyms=[], details="")
    data = await files.export("bureau", "xlsx")
    assert (await files.checked("bureau", data)).counts == {"skip": 3}
    # Without ids and in another unit: all are new, and say the same.
    book = load_workbook(io.BytesIO(data))
    for row in book.active.iter_rows(min_row=2):
        row[0].value, row[2].value = None, "税务局"
    out = io.BytesIO()
    book.save(out)
    await files.applied(await files.checked("editor", out.getvalue()))
    page = await files.workspace.get("other", "/api/knowledge", list="drafts")
    assert len(page["items"]) == 3
    made = next(row["id"] for row in page["items"] if row["title"] == wanted.title)
    entry = await files.workspace.get("other", f"/api/knowledge/{made}")
    assert entry["revision"] == wanted.stored()


async def test_no_cell_of_the_export_is_a_formula(files: FileDesk) -> None:
    await files.desk.published(**EVERYTHING)
    book = load_workbook(io.BytesIO(await files.export("bureau", "xlsx")))
    cells = {cell.value: cell for row in book.active.iter_rows(min_row=2) for cell in row if cell.value}
    assert cells["=1+1 稳岗补贴"].data_type == "s"
    assert cells["=1+1 稳岗补贴"].number_format == "@"


async def test_the_export_of_versions_holds_each_and_is_streamed_line_by_line(files: FileDesk) -> None:
    entry_id = await files.desk.published()
    await files.desk.act("bureau", entry_id, "revise")
    lines = [json.loads(line) for line in (await files.export("editor", "jsonl")).splitlines()]
    assert [line["id"] for line in lines] == [entry_id]
    assert [one["number"] for one in lines[0]["versions"]] == [1]
    assert lines[0]["versions"][0]["content"]["answer"] == WRITTEN["answer"]
    assert lines[0]["revision"]["title"] == WRITTEN["title"]
    assert ("editor", "knowledge.export") in files.workspace.audited()


async def test_a_unit_exports_its_own_and_the_hotline_all(files: FileDesk) -> None:
    own = await files.desk.published()
    of_hotline = await files.desk.draft(who="editor", unit=None, title="热线自己的")

    async def exported(who: str) -> set[str]:
        return {json.loads(line)["id"] for line in (await files.export(who, "jsonl")).splitlines()}

    assert await exported("bureau") == {own}
    assert await exported("office") == set()
    assert await exported("other") == set()
    assert await exported("editor") == {own, of_hotline}
    assert await files.workspace.refused("agent1", "GET", EXPORT) == (403, "auth.forbidden")


async def test_whoever_reads_an_export_slowly_keeps_no_connection_of_the_database(files: FileDesk) -> None:
    await files.desk.draft()
    who = files.workspace.people["kb_editor"]
    export = KnowledgeExport(files.workspace.crm.knowledge.reading)
    readers = [export.versions(files.workspace.database, who) for _ in range(25)]
    for reader in readers:
        assert json.loads(await anext(reader))["versions"] == []
    assert await files.entries("bureau")
    for reader in readers:
        await reader.aclose()
