import { useMatch, useParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { FlowList } from "./FlowList";
import { FlowPage } from "./FlowPage";
import { PromptList } from "./prompts/PromptList";
import { PromptPage } from "./prompts/PromptPage";
import { idOf } from "./prompts/states";
import "./flows.css";
import "./prompts/prompts.css";

/** What callers hear, press and reach. */
export default function FlowsPage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  const prompts = useMatch("/flows/prompts/:prompt?");
  const canWrite = may(user, "flow.write");
  if (prompts) {
    const canRecord = may(user, "prompt.write");
    const { prompt } = prompts.params;
    return prompt === undefined ? <PromptList canWrite={canRecord} /> : <PromptPage key={prompt} id={idOf(prompt)} canWrite={canRecord} />;
  }
  return id === undefined ? <FlowList canWrite={canWrite} /> : <FlowPage key={id} id={id} canWrite={canWrite} />;
}
