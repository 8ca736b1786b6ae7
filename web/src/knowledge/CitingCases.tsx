import { useQuery } from "@tanstack/react-query";
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Moment } from "../ui/Moment";
import { type EntryView, KNOWLEDGE, loadCiting } from "./knowledge";

const useCiting = (view: EntryView) => useQuery({ queryKey: [...KNOWLEDGE, "citing", view.id], queryFn: () => loadCiting(view.id) });

/** Which cases were answered from the entry: links to those that the reader may open, the others counted. */
export function CitingCases({ view }: { view: EntryView }) {
  const { t } = useTranslation();
  const { data } = useCiting(view);
  if (!data || data.total === 0) return null;
  const hidden = data.total - data.items.length;
  return (
    <section className="entry-card" aria-labelledby="entry-citing" data-testid="entry-citing">
      <h2 id="entry-citing">
        {t("knowledge.citing")} <span className="quiet">{data.total}</span>
      </h2>
      <ul className="entry-versions">
        {data.items.map(({ number, entry_version, cited_at }) => (
          <li key={`${number}/${entry_version}`}>
            <Link className="code" to={`/cases/${number}`}>
              {number}
            </Link>{" "}
            <span className="quiet">
              {t("knowledge.citedVersion", { number: entry_version })} · <Moment iso={cited_at} />
            </span>
          </li>
        ))}
      </ul>
      {hidden > 0 && <span className="quiet">{t("knowledge.citingHidden", { count: hidden })}</span>}
    </section>
  );
}

/** For whoever is about to publish the next version. */
export function CitingNote({ view }: { view: EntryView }) {
  const { t } = useTranslation();
  const { data } = useCiting(view);
  if (!data || data.of_current === 0) return null;
  const title = t("knowledge.citingNow", { count: data.of_current, number: view.number });
  return <Alert type="info" showIcon className="form-note" title={title} data-testid="citing-note" />;
}
