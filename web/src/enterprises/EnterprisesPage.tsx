import { useParams } from "react-router";
import type { SessionUser } from "../api/types";
import { may } from "../api/session";
import { DuplicatesPage } from "./DuplicatesPage";
import { EnterpriseDetail } from "./EnterpriseDetail";
import { EnterpriseList } from "./EnterpriseList";
import "./enterprises.css";

export default function EnterprisesPage({ user }: { user: SessionUser }) {
  const { id } = useParams();
  if (id === "duplicates" && may(user, "enterprise.manage")) return <DuplicatesPage />;
  return id === undefined ? <EnterpriseList user={user} /> : <EnterpriseDetail key={id} id={id} user={user} />;
}
