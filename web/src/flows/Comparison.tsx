import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Failed } from "../ui/Failed";
import { StatusTag } from "../ui/StatusTag";
import { CHANGE_TONES } from "./findings";
import { FLOWS, loadComparison } from "./flows";

const ComparisonGraph = lazy(() => import("./ComparisonGraph"));

/** What differs between two versions, node by node; 0 is the draft. */
export function Comparison({ id, before, after, drawn = false }: { id: string; before: number; after: number; drawn?: boolean }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: [...FLOWS, id, "compare", before, after], queryFn: () => loadComparison(id, before, after) });
  if (found.isError) return <Failed error={found.error} onRetry={() => void found.refetch()} />;
  if (!found.data) return null;
  if (found.data.differences.length === 0) return <p>{t("flows.same")}</p>;
  const list = (
    <ul className="flow-differences" aria-label={t("flows.differences")} data-testid="flow-differences">
      {found.data.differences.map((difference) => (
        <li key={difference.node}>
          <StatusTag tone={CHANGE_TONES[difference.change]}>{t(`flows.change.${difference.change}`)}</StatusTag>{" "}
          <strong>{difference.node || t("flows.whole")}</strong>
          {difference.change === "changed" && (
            <dl>
              {difference.fields.map((field) => (
                <div key={field.path}>
                  <dt>{field.path}</dt>
                  <dd>
                    <del>{said(field.before)}</del> → <ins>{said(field.after)}</ins>
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </li>
      ))}
    </ul>
  );
  if (!drawn) return list;
  return (
    <>
      <Suspense fallback={<div aria-busy="true" />}>
        <ComparisonGraph id={id} before={before} after={after} differences={found.data.differences} />
      </Suspense>
      {list}
    </>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}
