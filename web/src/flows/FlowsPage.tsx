import { useParams } from "react-router";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { FlowList } from "./FlowList";
import { FlowPage } from "./FlowPage";
import "./flows.css";

/** What callers hear, press and reach. */
export default function FlowsPage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  const canWrite = may(user, "flow.write");
  return id === undefined ? <FlowList canWrite={canWrite} /> : <FlowPage key={id} id={id} canWrite={canWrite} />;
}
