import { useParams } from "react-router";
import type { SessionUser } from "../api/types";
import { CasePage } from "./CasePage";
import { WorkLists } from "./WorkLists";

/** The user's work lists, or one case by its number. */
export default function CasesPage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  return id !== undefined ? <CasePage key={id} id={id} user={user} /> : <WorkLists user={user} />;
}
