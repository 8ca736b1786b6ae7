import { useMatch, useParams, useSearchParams } from "react-router";
import type { SessionUser } from "../api/types";
import { CitedVersion } from "./CitedVersion";
import { EntryPage } from "./EntryPage";
import { KnowledgeList } from "./KnowledgeList";
import { NewEntry } from "./NewEntry";
import { RequestsPage } from "./requests/RequestsPage";
import "./knowledge.css";

/** The knowledge base: its lists, one entry, a new one, or what units are asked for. */
export default function KnowledgePage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  const [params] = useSearchParams();
  const version = params.get("version") ?? "";
  const requests = useMatch("/knowledge/requests/:request?");
  if (requests) return <RequestsPage />;
  if (id === undefined) return <KnowledgeList user={user} />;
  if (/^[1-9]\d{0,5}$/.test(version)) return <CitedVersion id={id} number={Number(version)} />;
  return id === "new" ? <NewEntry user={user} /> : <EntryPage key={id} id={id} user={user} />;
}
