import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function read(): number {
  // Without a ticking timer the value would be as old as the last one.
  if (timer === undefined) now = Date.now();
  return now;
}

/** The present moment, once a second, the same for everything on the page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, read);
}

const MINUTE = 60_000;

/** The present moment to the minute: for what need not be drawn again every second. */
export function useMinute(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(read() / MINUTE) * MINUTE);
}
