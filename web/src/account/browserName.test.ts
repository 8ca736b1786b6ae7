import { expect, it } from "vitest";
import { browserName } from "./browserName";

it("names browsers and systems", () => {
  const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
  expect(browserName(chrome)).toBe("Chrome · Windows");
  expect(browserName(`${chrome} Edg/140.0`)).toBe("Edge · Windows");
  expect(browserName("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")).toBe("Safari · iOS");
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")).toBe("Firefox · Linux");
  expect(browserName("")).toBe("");
});
