import { expect, it } from "vitest";
import { accessEn } from "./access.en";
import { accessZh } from "./access.zh";
import { adminEn } from "./admin.en";
import { adminZh } from "./admin.zh";
import { calendarEn } from "./calendar.en";
import { organisationsEn } from "./organisations.en";
import { calendarZh } from "./calendar.zh";
import { organisationsZh } from "./organisations.zh";
import { callsEn } from "./calls.en";
import { callsZh } from "./calls.zh";
import { caseEn } from "./case.en";
import { caseZh } from "./case.zh";
import { workspaceEn } from "./workspace.en";
import { workspaceZh } from "./workspace.zh";
import { en } from "./en";
import { enterprisesEn } from "./enterprises.en";
import { enterprisesZh } from "./enterprises.zh";
import { officeEn } from "./office.en";
import { officeZh } from "./office.zh";
import { shellEn } from "./shell.en";
import { shellZh } from "./shell.zh";
import { uiEn } from "./ui.en";
import { uiZh } from "./ui.zh";
import { zh } from "./zh";

function placeholders(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, text]: [string, unknown]) =>
    typeof text === "string"
      ? `${prefix}${key}: ${[...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort().join(",")}`
      : placeholders(text as object, `${prefix}${key}.`),
  );
}

it("says everything in both languages, with the same values in it", () => {
  const chinese = { ...zh, ...officeZh, ...accessZh, ...workspaceZh, ...callsZh, ...caseZh, ...shellZh, ...uiZh, ...enterprisesZh, ...adminZh, ...organisationsZh, ...calendarZh };
  const english = { ...en, ...officeEn, ...accessEn, ...workspaceEn, ...callsEn, ...caseEn, ...shellEn, ...uiEn, ...enterprisesEn, ...adminEn, ...organisationsEn, ...calendarEn };
  expect(placeholders(english).sort()).toEqual(placeholders(chinese).sort());
});
