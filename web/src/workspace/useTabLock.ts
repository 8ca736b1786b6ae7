import { useCallback, useEffect, useState } from "react";

const NAME = "hotline-workspace";

/** One tab at a time may be the agent's workspace, else two would ring and push each other off the line. */
export function useTabLock(): { mine: boolean | null; takeOver: () => void } {
  // Without locks (an insecure page) there is no browser phone either: nothing to fight over.
  const able = "locks" in navigator;
  const [mine, setMine] = useState<boolean | null>(able ? null : true);
  const [wish, setWish] = useState({ steal: false, count: 0 });

  useEffect(() => {
    if (!able) return;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const waiting = new AbortController();
    const told = setTimeout(() => setMine((now) => now ?? false), 800);
    const hold = () => {
      clearTimeout(told);
      setMine(true);
      return held;
    };
    const request = wish.steal
      ? navigator.locks.request(NAME, { steal: true }, hold)
      : navigator.locks.request(NAME, { signal: waiting.signal }, hold);
    // Rejected when another tab takes it over, or when this effect is undone.
    request.catch(() => {
      if (waiting.signal.aborted) return;
      setMine(false);
      // Wait in line: when the other tab is closed, this one is the workspace again.
      setWish((w) => ({ steal: false, count: w.count + 1 }));
    });
    return () => {
      clearTimeout(told);
      waiting.abort();
      release();
    };
  }, [able, wish]);

  return { mine, takeOver: useCallback(() => setWish((w) => ({ steal: true, count: w.count + 1 })), []) };
}
