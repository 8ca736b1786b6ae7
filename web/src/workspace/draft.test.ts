import { describe, expect, it } from "vitest";
import type { CaseView } from "../api/types";
import * as d from "./draft";

const server = (version: number, fields: Partial<CaseView> = {}): CaseView =>
  ({
  ...d.BLANK,
  id: "k1",
  number: "GD1",
  spoken_number: "GD1",
  enterprise_name: null,
  state: "draft",
  version,
  channel: "phone",
  call_ids: ["c1"],
  created_by: "u1",
  created_by_name: "王芳",
  steps: [],
  created_at: "2026-11-24T02:00:00Z",
  updated_at: "2026-11-24T02:00:00Z",
  missing: [],
  ...fields,
}) as CaseView;

function take(draft: d.Draft) {
  const sent = d.send(draft);
  if (sent === null) throw new Error("nothing to send");
  return sent;
}

describe("typing", () => {
  it("shows what is typed before any server has it", () => {
    const draft = d.edit(d.EMPTY, { title: "办理营业执照" });
    expect(d.values(draft).title).toBe("办理营业执照");
    expect(d.saveStatus(draft)).toBe("unsaved");
  });

  it("has nothing to send once a change is taken back", () => {
    let draft = d.edit(d.open(server(1, { title: "甲" })), { title: "乙" });
    draft = d.edit(draft, { title: "甲" });
    expect(d.send(draft)).toBeNull();
    expect(d.saveStatus(draft)).toBe("saved");
  });

  it("keeps words typed while a save is on its way", () => {
    let { draft } = take(d.edit(d.open(server(1)), { title: "甲", place: "海勃湾" }));
    draft = d.edit(draft, { title: "甲乙" });
    expect(d.send(draft)).toBeNull();
    draft = d.saved(draft, server(2, { title: "甲", place: "海勃湾" }));
    expect(draft.edits).toEqual({ title: "甲乙" });
    expect(take(draft).changes).toEqual({ title: "甲乙" });
  });

  it("sends a change that goes back to the old words while the new ones are on their way", () => {
    let { draft } = take(d.edit(d.open(server(1, { title: "甲" })), { title: "乙" }));
    draft = d.edit(draft, { title: "甲" });
    draft = d.saved(draft, server(2, { title: "乙" }));
    expect(take(draft).changes).toEqual({ title: "甲" });
  });

  it("carries the version it stands on", () => {
    expect(d.patchOf(server(7), { title: "甲" })).toEqual({ title: "甲", version: 7 });
  });
});

describe("trouble", () => {
  it("loses nothing when the service is away, and sends it all afterwards", () => {
    let { draft } = take(d.edit(d.open(server(1)), { title: "甲" }));
    draft = d.edit(d.stalled(draft), { content: "内容" });
    expect(d.saveStatus(draft)).toBe("stalled");
    expect(take(draft).changes).toEqual({ title: "甲", content: "内容" });
  });

  it("does not repeat what the server refuses until it is changed", () => {
    let { draft } = take(d.edit(d.open(server(1)), { callback_number: "x" }));
    draft = d.refused(draft, "not a number");
    expect(d.send(draft)).toBeNull();
    expect(d.saveStatus(draft)).toBe("refused");
    draft = d.edit(draft, { callback_number: "04733990000" });
    expect(take(draft).changes).toEqual({ callback_number: "04733990000" });
  });

  it("lays what the browser kept over what the server has after a reload", () => {
    const draft = d.open(server(3, { title: "甲" }), { title: "甲", content: "未保存" });
    expect(draft.edits).toEqual({ content: "未保存" });
  });
});

describe("two people on one case", () => {
  const mine = d.edit(d.open(server(1, { title: "甲", place: "旧地" })), { title: "我的" });

  it("merges fields that only one side touched", () => {
    const draft = d.conflicted(take(mine).draft, server(2, { title: "甲", place: "新地" }));
    expect(draft.clashes).toEqual([]);
    expect(d.values(draft)).toMatchObject({ title: "我的", place: "新地" });
    expect(take(draft).changes).toEqual({ title: "我的" });
  });

  it("asks about a field that both changed, and sends nothing before it is decided", () => {
    const draft = d.conflicted(take(mine).draft, server(2, { title: "他的" }));
    expect(draft.clashes).toEqual([{ field: "title", mine: "我的", theirs: "他的" }]);
    expect(d.saveStatus(draft)).toBe("conflict");
    expect(d.send(draft)).toBeNull();
    expect(d.values(d.resolve(draft, "title", "theirs")).title).toBe("他的");
    expect(take(d.resolve(draft, "title", "mine")).changes).toEqual({ title: "我的" });
  });

  it("is no conflict when both wrote the same", () => {
    expect(d.conflicted(take(mine).draft, server(2, { title: "我的" })).clashes).toEqual([]);
  });
});

describe("what a case must say", () => {
  it("asks more of a complaint and a report", () => {
    const fields = { ...d.BLANK, title: "甲", content: "乙" };
    expect(d.wanted({ ...fields, type: "consult" })).toEqual([]);
    expect(d.wanted({ ...fields, type: "complaint" })).toEqual(["unit_complained_of", "complaint_type", "demand"]);
    expect(d.wanted(d.BLANK)).toEqual(["type", "title", "content"]);
  });
});
