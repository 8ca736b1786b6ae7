import type { SessionUser } from "../api/types";
import { useWorkspace } from "../workspace/store";
import type { Section } from "./section";
import { sectionsOf } from "./opening";

/** What a user may open; the workspace only with an agent's number, once the service has said that there is none. */
export function useSections(user: SessionUser): Section[] {
  const noAgent = useWorkspace((workspace) => workspace.link === "open" && workspace.agent === null);
  return sectionsOf(user).filter((section) => section.path !== "/workspace" || !noAgent);
}
