import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { SimilarCase, SimilarQuestion } from "../api/types";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { useSettled } from "../ui/useSettled";
import { type Compared, questionOf } from "./similar";
import "./similar.css";

const PAUSE_MS = 500;

interface Props {
  fields: Compared;
  /** The case itself, once it is one. */
  caseId: string | null;
  /** The call that is being taken. */
  callId: string | null;
  /** What can be done with each. */
  actions?: (one: SimilarCase) => ReactNode;
}

/** Open cases like the one being written, each with the reason. It stays out of sight while there is none, and while none can be asked for. */
export function Similar({ fields, caseId, callId, actions }: Props) {
  const { t } = useTranslation();
  const asked = useSettled(JSON.stringify(questionOf(fields, caseId, callId)), PAUSE_MS);
  const question = JSON.parse(asked) as SimilarQuestion | null;
  const query = useQuery({
    queryKey: ["similar", asked],
    queryFn: ({ signal }) => unwrap(api.POST("/api/cases/similar", { body: question ?? {}, signal })),
    enabled: question !== null,
    placeholderData: keepPreviousData,
  });
  const found = question === null ? [] : (query.data ?? []);
  if (found.length === 0) return null;
  return (
    <section className="similar" aria-label={t("similar.title")} aria-live="polite" data-testid="similar">
      <h3>{t("similar.title")}</h3>
      <ul>
        {found.map((one) => (
          <li key={one.id} data-testid="similar-case">
            <div className="similar-head">
              <a href={`/cases/${one.id}`} target="_blank" rel="noreferrer">
                {one.spoken_number}
              </a>
              <span className="tag state" data-state={one.state}>
                {t(`caseState.${one.state}`)}
              </span>
              {one.mass && <StatusTag tone="red">{t("similar.mass", { count: one.followers + 1 })}</StatusTag>}
              {!one.mass && one.followers > 0 && <StatusTag>{t("similar.followers", { count: one.followers })}</StatusTag>}
              {one.repeats > 0 && <StatusTag tone="amber">{t("similar.repeats", { count: one.repeats })}</StatusTag>}
            </div>
            <div className="similar-title">{one.title}</div>
            <div className="similar-why">
              {one.reasons.map(({ by, words }) => (
                <StatusTag key={by} tone="violet">
                  {t(`similar.by.${by}`, { words: words.join("、") })}
                </StatusTag>
              ))}
            </div>
            <div className="quiet">
              <Moment iso={one.created_at} />
              {one.lead_unit_name !== null && ` · ${t("similar.unit", { name: one.lead_unit_name })}`}
              <Next one={one} />
            </div>
            {actions && <div className="similar-actions">{actions(one)}</div>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Next({ one }: { one: SimilarCase }) {
  const { t } = useTranslation();
  const at = one.promised_at ?? one.next_due_at;
  if (at === null) return null;
  return (
    <>
      {` · ${t(one.promised_at === null ? "similar.due" : "similar.promised")} `}
      <Moment iso={at} />
    </>
  );
}
