import { expect, it } from "vitest";
import { offline, Problem } from "../../api/problem";
import { fieldErrors, pathOf } from "./fieldErrors";

const say = (what: string, errorId: string) => what || errorId;

it("puts each refusal at its field, however deep", () => {
  const refused = new Problem(422, "input.invalid", "", [
    { where: "body.name", what: "too short" },
    { where: "body.phones.0.number", what: "no number" },
  ]);
  expect(fieldErrors(refused, ["name", "phones"], say)).toEqual({
    fields: [
      { name: ["name"], errors: ["too short"] },
      { name: ["phones", 0, "number"], errors: ["no number"] },
    ],
    rest: false,
  });
});

it("keeps what stands at no field of the form for the whole", () => {
  const refused = new Problem(422, "input.invalid", "", [{ where: "query.limit", what: "too big" }]);
  expect(fieldErrors(refused, ["name"], say)).toEqual({ fields: [], rest: true });
  expect(fieldErrors(offline(), ["name"], say).rest).toBe(true);
  expect(fieldErrors(new Error("a bug"), ["name"], say).rest).toBe(true);
});

it("knows the field that an error of the trade means", () => {
  const taken = new Problem(409, "user.username_taken", "");
  const owner = { "user.username_taken": "username" };
  expect(fieldErrors(taken, ["username"], say, owner)).toEqual({
    fields: [{ name: ["username"], errors: ["user.username_taken"] }],
    rest: false,
  });
});

it("reads the way to a field", () => {
  expect(pathOf("body.a.12.b")).toEqual(["a", 12, "b"]);
  expect(pathOf("path.id")).toEqual(["path", "id"]);
});
