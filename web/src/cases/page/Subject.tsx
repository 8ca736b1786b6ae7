import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../../api/client";
import { may } from "../../api/session";
import type { CaseView, SessionUser } from "../../api/types";
import { words } from "../../app/words";
import { fullMoment } from "../../ui/time";
import { Attachments } from "../Attachments";

interface Props {
  view: CaseView;
  user: SessionUser;
}

/** Who called and what about. */
export function Subject({ view, user }: Props) {
  const { t } = useTranslation();
  const item = useItemName(view, may(user, "unit.read"));
  const wants = [
    t(view.needs_reply ? "casePage.facts.needs_reply" : "casePage.facts.no_reply"),
    t(view.needs_callback ? "casePage.facts.needs_callback" : "casePage.facts.no_callback"),
  ].join(" · ");
  const { round, returns, extensions, reworks, urges } = view;
  const facts: [key: string, value: ReactNode][] = [
    ["content", view.content],
    ["demand", view.demand],
    ["text_for_unit", view.identity_hidden ? "" : view.text_for_unit],
    ["caller", enterprise(view, user)],
    ["contact", view.contact_name],
    ["callback_number", view.callback_number && <CallbackNumber key="number" view={view} user={user} />],
    ["unit_complained_of", unitLink(view.unit_complained_of_id, view.unit_complained_of, user)],
    ["complaint_type", view.complaint_type],
    ["item", item],
    ["lead", unitLink(view.lead_unit_id, view.lead_unit_name ?? "", user)],
    ["place", view.place],
    ["occurred_at", view.occurred_at && fullMoment(view.occurred_at)],
    ["life_cycle_stage", view.life_cycle_stage && t(`case.stage.${view.life_cycle_stage}`)],
    ["channel", t(`casePage.channel.${view.channel}`)],
    ["wants", wants],
    ["promised_at", view.promised_at && fullMoment(view.promised_at)],
    ["created", [view.created_by_name, fullMoment(view.created_at)].filter(Boolean).join(" · ")],
    ["counters", t("casePage.facts.counted", { round, returns, extensions, reworks, urges })],
  ];
  return (
    <section className="case-card" aria-labelledby="case-subject" data-testid="case-subject">
      <h2 id="case-subject">{t("casePage.columns.subject")}</h2>
      {view.identity_hidden && <Alert type="warning" showIcon title={t("casePage.hiddenIdentity")} />}
      <dl className="subject-facts">
        {facts.map(([key, value]) =>
          value ? (
            <div key={key} className={key === "content" || key === "demand" || key === "text_for_unit" ? "long" : undefined}>
              <dt>{t(`casePage.facts.${key}`)}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <Attachments caseId={view.id} canWrite={may(user, "case.write")} />
    </section>
  );
}

function enterprise(view: CaseView, user: SessionUser): ReactNode {
  if (view.enterprise_name === null || view.enterprise_id === null) return view.enterprise_name;
  if (!may(user, "enterprise.read")) return view.enterprise_name;
  return <Link to={`/enterprises/${view.enterprise_id}`}>{view.enterprise_name}</Link>;
}

function unitLink(id: string | null, name: string, user: SessionUser): ReactNode {
  return id !== null && name && may(user, "unit.read") ? <Link to={`/units/${id}`}>{name}</Link> : name;
}

function useItemName(view: CaseView, allowed: boolean): ReactNode {
  const id = view.item_id;
  const item = useQuery({
    queryKey: ["catalogue", "item", id],
    queryFn: () => unwrap(api.GET("/api/catalogue/{item_id}", { params: { path: { item_id: id ?? "" } } })),
    enabled: allowed && id !== null,
    staleTime: Infinity,
  });
  return item.data && <Link to={`/catalogue/${item.data.id}`}>{`${item.data.code} ${item.data.name}`}</Link>;
}

function CallbackNumber({ view, user }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const unmask = useMutation({
    mutationFn: () => unwrap(api.POST("/api/cases/{case_id}/unmask", { params: { path: { case_id: view.id } } })),
    onError: (error) => void message.error(words(error)),
  });
  const number = unmask.data?.callback_number ?? view.callback_number;
  return (
    <>
      <span className="code">{number}</span>
      {number.includes("*") && may(user, "number.unmask") && (
        <Button type="link" size="small" loading={unmask.isPending} onClick={() => unmask.mutate()} data-testid="case-unmask">
          {t("casePage.facts.unmask")}
        </Button>
      )}
    </>
  );
}
