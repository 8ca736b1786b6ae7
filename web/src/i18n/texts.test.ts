import { expect, it } from "vitest";
import { BUNDLES } from "./bundles";
import { en } from "./en";
import { zh } from "./zh";

function placeholders(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, text]: [string, unknown]) =>
    typeof text === "string"
      ? `${prefix}${key}: ${[...text.matchAll(/{{(\w+)}}/g)].map((m) => m[1]).sort().join(",")}`
      : placeholders(text as object, `${prefix}${key}.`),
  );
}

it.each([{ zh, en }, ...BUNDLES])("says everything in both languages, with the same values in it", (bundle) => {
  expect(placeholders(bundle.en).sort()).toEqual(placeholders(bundle.zh).sort());
});
