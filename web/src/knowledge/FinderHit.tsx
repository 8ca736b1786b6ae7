import { CopyOutlined, TeamOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { words } from "../app/words";
import { Failed } from "../ui/Failed";
import { SpecialistPicker } from "../workspace/SpecialistPicker";
import { useWorkspace } from "../workspace/store";
import { inThreeway } from "../workspace/threeway";
import { EntryText } from "./EntryText";
import { closeFinder, isCitable, useFinder } from "./finder";
import { type EntryRow, KNOWLEDGE, loadEntry } from "./knowledge";

interface Props {
  row: EntryRow;
  /** Of the button that cites. */
  citeId: string;
  /** The hit is of what is typed now. */
  ready: boolean;
}

/** The hit as an agent reads it out, with what can be done with it. */
export function FinderHit({ row, citeId, ready }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cite = useFinder((finder) => finder.cite);
  const call = useWorkspace((workspace) => workspace.call);
  const [picking, setPicking] = useState(false);
  const entry = useQuery({ queryKey: [...KNOWLEDGE, "entry", row.id], queryFn: () => loadEntry(row.id) });
  if (entry.isError) return <Failed error={entry.error} onRetry={() => void entry.refetch()} />;
  const view = entry.data;
  if (!view?.published) return <Skeleton active />;
  const { published } = view;
  const answer = published.answer ?? "";

  function take() {
    if (cite === null || view === undefined || !isCitable(view)) return;
    closeFinder();
    cite(view);
  }
  const callable = call !== null && (call.state === "talking" || call.state === "held") && !inThreeway(call);
  return (
    <article className="finder-entry" aria-label={view.title} data-testid="finder-entry">
      <div className="finder-does">
        {cite !== null && isCitable(view) && (
          <Button id={citeId} type="primary" size="small" disabled={!ready} onClick={take} data-testid="finder-cite">
            {t("knowledge.finderCite")}
          </Button>
        )}
        {view.scope === "specialist" && <span className="tag violet">{t("knowledge.onlySpecialist")}</span>}
        {view.scope === "specialist" && callable && (
          <Button type="primary" size="small" icon={<TeamOutlined />} onClick={() => setPicking(true)} data-testid="finder-specialist">
            {t("threeway.start")}
          </Button>
        )}
        <Button
          size="small"
          icon={<CopyOutlined />}
          onClick={() =>
            navigator.clipboard.writeText(answer).then(
              () => message.success(t("knowledge.copied")),
              (error: unknown) => message.error(words(error)),
            )
          }
        >
          {t("knowledge.copy")}
        </Button>
        <Link to={`/knowledge/${view.id}`} onClick={closeFinder}>
          {t("knowledge.openEntry")}
        </Link>
      </div>
      <EntryText content={published} subjects={view.subjects} />
      {picking && <SpecialistPicker open initial={view.unit_name} onClose={() => setPicking(false)} />}
    </article>
  );
}
