import { Keeper, type Subject } from "./keeper";
import { forget, forgetExpired, slotsOf } from "./kept";

const keepers = new Map<string, Keeper>();
const MOST = 30;
let owner = "";

/** From now on drafts are this user's; what others left is found by themselves alone. */
export function draftsBelongTo(userId: string): void {
  if (userId === owner) return;
  for (const keeper of keepers.values()) keeper.stop();
  keepers.clear();
  owner = userId;
  forgetExpired();
}

/** Saves what is left before its user leaves; gives how many drafts the server still lacks. */
export async function saveDrafts(): Promise<number> {
  const unsaved = () => [...keepers.values()].filter((keeper) => Object.keys(keeper.draft.edits).length > 0);
  await Promise.all(unsaved().map((keeper) => keeper.flush()));
  return new Set([...slotsOf(owner), ...unsaved().map((keeper) => keeper.subject.slot)]).size;
}

/** The user leaves: nothing of theirs stays on this computer, nor in this page. */
export function dropDrafts(): void {
  for (const slot of slotsOf(owner)) forget(owner, slot);
  draftsBelongTo("");
}

/** The keeper of a subject; one as long as there is something to do for it, so that a save goes on when the form is left. */
export function keeperOf(subject: Subject): Keeper {
  const keeper = keepers.get(subject.slot) ?? new Keeper(subject, owner);
  // To the end, where those used last are: one that is about to be drawn has no listener yet.
  keepers.delete(subject.slot);
  keepers.set(subject.slot, keeper);
  for (const [slot, old] of keepers) {
    if (keepers.size <= MOST) break;
    if (old === keeper || !old.idle) continue;
    old.stop();
    keepers.delete(slot);
  }
  return keeper;
}
