import { useMatch, useParams } from "react-router";
import type { SessionUser } from "../api/types";
import { EntryPage } from "./EntryPage";
import { KnowledgeList } from "./KnowledgeList";
import { NewEntry } from "./NewEntry";
import { RequestsPage } from "./requests/RequestsPage";
import "./knowledge.css";

/** The knowledge base: its lists, one entry, a new one, or what units are asked for. */
export default function KnowledgePage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  const requests = useMatch("/knowledge/requests/:request?");
  if (requests) return <RequestsPage />;
  if (id === undefined) return <KnowledgeList user={user} />;
  return id === "new" ? <NewEntry user={user} /> : <EntryPage key={id} id={id} />;
}
