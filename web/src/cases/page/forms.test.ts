import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { caseActionsEn } from "../../i18n/caseActions.en";
import { caseActionsZh } from "../../i18n/caseActions.zh";
import { similarZh } from "../../i18n/similar.zh";
import type { CaseView } from "../../api/types";
import { bodyOf, fieldsOf, FORMS, initialOf, isNeeded, type FieldSpec, type PersonAction } from "./forms";
import { FIELD_OF_REASON } from "./reasons";

interface Schema {
  required?: string[];
  properties: Record<string, unknown>;
}
interface Description {
  paths: Record<string, { post?: { requestBody: { content: { "application/json": { schema: { $ref: string } } } } } }>;
  components: { schemas: Record<string, Schema> };
}
const description = JSON.parse(readFileSync("../docs/openapi.json", "utf-8")) as Description;
const ACTIONS = Object.keys(FORMS) as PersonAction[];
const view = (more: Partial<CaseView> = {}): CaseView => ({ assignments: [], confidential: false, anonymous: false, state: "in_progress", ...more }) as unknown as CaseView;

function bodySchema(action: PersonAction): Schema {
  const route = description.paths[`/api/cases/{case_id}/${action.replaceAll("_", "-")}`]?.post;
  const name = route?.requestBody.content["application/json"].schema.$ref.split("/").pop() ?? "";
  return description.components.schemas[name]!;
}

it.each(ACTIONS)("asks for %s everything that the service requires", (action) => {
  const specs: readonly FieldSpec[] = FORMS[action];
  const required = (bodySchema(action).required ?? []).filter((name) => name !== "version" && name !== "request_id");
  for (const name of required) expect(specs.find((spec) => spec.name === name)?.required, name).toBe(true);
});

it.each(ACTIONS)("has words in both languages for %s and its fields", (action) => {
  for (const { casePage } of [caseActionsZh, caseActionsEn]) {
    expect(casePage.action[action]).toBeTruthy();
    for (const { name, options = [], words = name } of FORMS[action] as readonly FieldSpec[]) {
      expect(casePage.field, name).toHaveProperty(name);
      for (const option of options) expect(casePage.value, `${words}.${option}`).toHaveProperty([words, option]);
    }
  }
});

it("has words for every reason that a guard gives", () => {
  const folder = "../crm/cases/guards";
  const guards = readdirSync(folder)
    .filter((name) => name.endsWith(".py"))
    .map((name) => readFileSync(`${folder}/${name}`, "utf-8"))
    .join("\n");
  const codes = [...guards.matchAll(/refuse\(\s*"(\w+)"(?: if \w+ else "(\w+)")?/g)].flatMap(([, one, two]) => [one!, ...(two ? [two] : [])]);
  expect(codes.length).toBeGreaterThan(30);
  const worded = Object.keys({ ...caseActionsZh.casePage.reason, ...similarZh.problem }).map((key) => key.replace("case.refused.", ""));
  for (const code of [...codes, "actor", "transition", ...Object.keys(FIELD_OF_REASON)]) expect(worded).toContain(code);
});

it("asks why it is not solved only where it is not, and then insists", () => {
  const spec = (solved: boolean) => fieldsOf("reply", { solved }, view()).find(({ name }) => name === "unsolved_reason");
  expect(spec(true)).toBeUndefined();
  expect(isNeeded(spec(false)!, { solved: false }, view())).toBe(true);
});

it("asks for a text for units of a hidden caller alone", () => {
  expect(fieldsOf("approve", {}, view())).toEqual([]);
  expect(fieldsOf("approve", {}, view({ anonymous: true })).map(({ name }) => name)).toEqual(["text_for_unit"]);
});

it("sends no answers of a caller who was not reached", () => {
  const values = { not_reached: "busy", ...initialOf("record_callback", view()), unit_contacted: true, words: "" };
  expect(bodyOf("record_callback", values, view())).toEqual({ not_reached: "busy" });
});

it("keeps a no as an answer", () => {
  expect(bodyOf("schedule_callback", { fits_facts: false, note: "" }, view())).toEqual({ fits_facts: false });
});

it("proposes the only assignment there is", () => {
  const one = { id: "a1", own: true, role: "assist", state: "dispatched" };
  const other = { id: "a2", own: true, role: "lead", state: "dispatched" };
  expect(initialOf("sign_assignment", view({ assignments: [one, other] as CaseView["assignments"] }))).toEqual({ assignment_id: "a1" });
});
