import { describe, expect, it } from "vitest";
import { duration, elapsed, fullMoment, moment, remaining, roughly } from "./time";

const at = (text: string) => new Date(text).getTime();
const local = (text: string) => new Date(text).toISOString();

describe("durations", () => {
  it("shows minutes and seconds, and hours only when there are any", () => {
    expect(duration(0)).toBe("0:00");
    expect(duration(65.9)).toBe("1:05");
    expect(duration(3661)).toBe("1:01:01");
  });
  it("never goes below zero, whatever the clocks say", () => {
    expect(duration(-3)).toBe("0:00");
    expect(elapsed("2026-11-24T10:00:05Z", at("2026-11-24T10:00:00Z"))).toBe(0);
    expect(remaining("2026-11-24T10:00:00Z", at("2026-11-24T10:00:05Z"))).toBe(0);
  });
  it("rounds a remaining time up, so that it shows 1 until it is over", () => {
    expect(remaining("2026-11-24T10:00:10Z", at("2026-11-24T10:00:09.400Z"))).toBe(1);
  });
  it("takes an unreadable time as nothing", () => {
    expect(elapsed("soon", 0)).toBe(0);
    expect(elapsed(null, 0)).toBe(0);
    expect(remaining("soon", 0)).toBe(0);
  });
  it("says a length in words of the language", () => {
    expect(roughly(45, "zh-CN")).toBe("45 秒");
    expect(roughly(200, "zh-CN")).toBe("3 分 20 秒");
    expect(roughly(180, "en")).toBe("3m");
    expect(roughly(3900, "en")).toBe("1h 5m");
  });
});

describe("moments", () => {
  const now = at("2026-11-24T14:30:00");
  it("shows the clock today, the day before by name, then the date", () => {
    expect(moment(local("2026-11-24T09:05:07"), now, "zh-CN")).toBe("09:05:07");
    expect(moment(local("2026-11-23T23:59:00"), now, "zh-CN")).toBe("昨天 23:59");
    expect(moment(local("2026-11-02T08:00:00"), now, "en")).toBe("11-02 08:00");
    expect(moment(local("2025-12-31T08:00:00"), now, "en")).toBe("2025-12-31 08:00");
  });
  it("shows a dash for no time", () => {
    expect(moment(null, now, "en")).toBe("—");
    expect(fullMoment("never")).toBe("—");
  });
});
