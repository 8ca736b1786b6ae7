import { expect, it } from "vitest";
import { actOnEach, type BulkOutcome } from "./bulk";
import type { WorkListRow } from "./workLists";

const ROWS = Array.from({ length: 12 }, (_, at) => ({ id: `case-${at}`, version: at }) as WorkListRow);
const done = (case_id: string): BulkOutcome => ({ case_id, done: true });

it("acts slice by slice, and reports each case", async () => {
  const steps: number[] = [];
  const post = (_: string, items: { case_id: string }[]) => Promise.resolve(items.map(({ case_id }) => done(case_id)));
  const outcomes = await actOnEach("claim", ROWS, {}, (count) => steps.push(count), () => false, post);
  expect(outcomes.map(({ case_id }) => case_id)).toEqual(ROWS.map(({ id }) => id));
  expect(steps).toEqual([5, 10, 12]);
});

it("stops between two slices, and goes on after one that failed", async () => {
  let sent = 0;
  const post = (_: string, items: { case_id: string }[]) => {
    sent += 1;
    return sent === 1 ? Promise.reject(new Error("away")) : Promise.resolve(items.map(({ case_id }) => done(case_id)));
  };
  const outcomes = await actOnEach("claim", ROWS, {}, () => undefined, () => sent === 2, post);
  expect(outcomes.map((one) => one.done)).toEqual([...Array<boolean>(5).fill(false), ...Array<boolean>(5).fill(true)]);
});
