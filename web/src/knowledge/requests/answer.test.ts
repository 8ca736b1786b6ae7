import { expect, it } from "vitest";
import type { CaseView } from "../../api/types";
import { answerOf, askedIn } from "./answer";

type Answered = Pick<CaseView, "replies" | "steps">;
const reply = (public_answer: string) => ({ public_answer }) as Answered["replies"][number];
const closed = (detail: object) => ({ action: "close_direct", detail }) as Answered["steps"][number];

it("takes the unit's last reply", () => {
  expect(answerOf({ replies: [reply("先办执照"), reply("再办许可")], steps: [] })).toBe("再办许可");
});

it("takes what a specialist answered in the call, not what an entry did", () => {
  expect(answerOf({ replies: [], steps: [closed({ answer: "可以", knowledge: [] })] })).toBe("可以");
  expect(answerOf({ replies: [], steps: [closed({ answer: "可以", knowledge: [{ entry_id: "x" }] })] })).toBe("");
  expect(answerOf({ replies: [], steps: [] })).toBe("");
});

it("begins with no word that may name the caller", () => {
  const asked = { title: "王五来问办照", confidential: false, anonymous: false };
  expect(askedIn(asked)).toBe("王五来问办照");
  expect(askedIn({ ...asked, anonymous: true })).toBe("");
  expect(askedIn({ ...asked, confidential: true })).toBe("");
});
