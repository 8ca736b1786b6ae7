import { expect, it } from "vitest";
import { SILENT } from "../phone/machine";
import { stageOf } from "./stage";

it("tells the caller what is awaited", () => {
  expect(stageOf(SILENT, false, false)).toBe("idle");
  expect(stageOf(SILENT, true, false)).toBe("preparing");
  expect(stageOf({ ...SILENT, leg: "dialing" }, true, false)).toBe("asking");
  expect(stageOf({ ...SILENT, leg: "dialing", microphone: true }, false, false)).toBe("dialing");
  expect(stageOf({ ...SILENT, leg: "talking" }, false, false)).toBe("talking");
  expect(stageOf(SILENT, false, true)).toBe("ended");
});
