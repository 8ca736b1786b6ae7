import { useState } from "react";
import { forget, recall, remember } from "../ui/storage";
import { useNarrow } from "../ui/useNarrow";

const KEPT = "hotline.rail";
/** Below this width the workspace needs the room more than the words do. */
const ROOMY_PX = 1500;

/** Whether the rail shows icons only (the user's choice is kept), or is a drawer because the window is narrow. */
export function useRail(needsRoom: boolean) {
  const [collapsed, setCollapsed] = useState(() => {
    const kept = recall(KEPT);
    return kept === null ? needsRoom && window.innerWidth < ROOMY_PX : kept === "icons";
  });
  const narrow = useNarrow();
  const [open, setOpen] = useState(false);

  function toggle() {
    if (narrow) return setOpen(!open);
    const next = !collapsed;
    setCollapsed(next);
    if (!remember(KEPT, next ? "icons" : "words")) forget(KEPT);
  }
  return { collapsed, narrow, open: narrow && open, toggle, close: () => setOpen(false) };
}
