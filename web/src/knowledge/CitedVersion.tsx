import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Failed } from "../ui/Failed";
import { PageHead } from "../ui/PageHead";
import { EntryText } from "./EntryText";
import { KNOWLEDGE, loadVersion } from "./knowledge";

/** An entry as a case cited it, whatever it says by now. */
export function CitedVersion({ id, number }: { id: string; number: number }) {
  const { t } = useTranslation();
  const version = useQuery({ queryKey: [...KNOWLEDGE, "version", id, number], queryFn: () => loadVersion(id, number), staleTime: Infinity });
  if (version.isError) return <Failed error={version.error} onRetry={() => void version.refetch()} />;
  if (version.data === undefined) return null;
  const { content } = version.data;
  return (
    <div className="page">
      <PageHead title={content.title} />
      <Alert
        type="info"
        showIcon
        className="form-note"
        data-testid="cited-version"
        title={t("knowledge.citedAs", { number })}
        action={<Link to={`/knowledge/${id}`}>{t("knowledge.presentVersion")}</Link>}
      />
      <EntryText content={content} subjects={[]} />
    </div>
  );
}
