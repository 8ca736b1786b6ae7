import { useQuery } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { Differences } from "./Differences";
import { type EntryView, KNOWLEDGE, type KnowledgeContent, loadVersion, reviseEntry } from "./knowledge";

interface Props {
  view: EntryView;
  onDone: (after: EntryView) => Promise<void>;
}

/** All that was published, each to be compared with what stands on the page, or taken up again. */
export function Versions({ view, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [compared, setCompared] = useState<number | null>(null);
  const mayRevise = view.offers.some((offer) => offer.action === "revise");
  const present = view.revision ?? view.published;

  async function restore(number: number) {
    try {
      await onDone(await reviseEntry(view, number));
      setCompared(null);
    } catch (error) {
      void message.error(words(error));
    }
  }
  return (
    <section className="entry-card" aria-labelledby="entry-versions">
      <h2 id="entry-versions">{t("knowledge.versions")}</h2>
      <ul className="entry-versions">
        {view.versions.map((version) => (
          <li key={version.number} data-testid="entry-version">
            <strong>{t("knowledge.version", { number: version.number })}</strong> <Moment iso={version.published_at} />
            <br />
            <span className="quiet">
              {t("knowledge.signed", {
                written: version.written_by_name || "—",
                approved: version.approved_by_name || "—",
                published: version.published_by_name || "—",
              })}
            </span>
            <br />
            <Button size="small" type="link" onClick={() => setCompared(version.number)} data-testid={`compare-${version.number}`}>
              {t("knowledge.compare")}
            </Button>
          </li>
        ))}
      </ul>
      {compared !== null && present && (
        <Modal
          open
          width={860}
          title={t("knowledge.compareTitle", { number: compared })}
          onCancel={() => setCompared(null)}
          footer={
            mayRevise ? (
              <Button onClick={() => void restore(compared)} data-testid="restore">
                {t("knowledge.restore", { number: compared })}
              </Button>
            ) : null
          }
        >
          <Compare entry={view} number={compared} present={present} />
        </Modal>
      )}
    </section>
  );
}

function Compare({ entry, number, present }: { entry: EntryView; number: number; present: KnowledgeContent }) {
  const { id } = entry;
  const old = useQuery({ queryKey: [...KNOWLEDGE, "version", id, number], queryFn: () => loadVersion(id, number), staleTime: Infinity });
  if (old.isError) return <Failed error={old.error} onRetry={() => void old.refetch()} />;
  if (old.data === undefined) return null;
  return <Differences entry={entry} before={old.data.content} after={present} />;
}
