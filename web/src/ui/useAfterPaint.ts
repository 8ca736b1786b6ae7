import { startTransition, useEffect, useState } from "react";

/** True from the frame after the one that shows `drawn` as true: for what may not hold that one up. */
export function useAfterPaint(drawn: boolean): boolean {
  const [after, setAfter] = useState(false);
  useEffect(() => {
    if (!drawn || after) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => startTransition(() => setAfter(true)));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [drawn, after]);
  return after;
}
