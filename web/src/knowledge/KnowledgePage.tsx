import { useParams } from "react-router";
import type { SessionUser } from "../api/types";
import { EntryPage } from "./EntryPage";
import { KnowledgeList } from "./KnowledgeList";
import { NewEntry } from "./NewEntry";
import "./knowledge.css";

/** The knowledge base: its lists, one entry, or a new one. */
export default function KnowledgePage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  if (id === undefined) return <KnowledgeList user={user} />;
  return id === "new" ? <NewEntry user={user} /> : <EntryPage key={id} id={id} />;
}
