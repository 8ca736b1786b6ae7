import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { newId } from "../ui/newId";
import { Problem } from "../api/problem";
import type { CaseView } from "../api/types";
import { useCiteHere } from "../knowledge/finder";
import type { EntryRow } from "../knowledge/knowledge";
import { words } from "../app/words";
import { wanted, values } from "./draft";
import type { Keeper } from "./keeper";
import { refreshScreenPop } from "./popState";
import { type Verdict, VerdictDialog } from "./VerdictDialog";

interface Props {
  keeper: Keeper;
  onStrict: () => void;
  threewayCallId: string | null;
  /** The entry that was taken to answer the case directly. */
  entry: EntryRow | null;
  onEntry: (entry: EntryRow | null) => void;
}

/** What may become of a draft: submitted, not accepted, passed to an emergency line, or answered at once. */
export function CaseVerdicts({ keeper, onStrict, threewayCallId, entry, onEntry }: Props) {
  const { t, i18n } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [opened, setDialog] = useState<Verdict["kind"] | null>(null);
  const dialog = opened ?? (entry && "direct");
  useCiteHere(onEntry);
  const close = () => {
    setDialog(null);
    onEntry(null);
  };

  const decide = useMutation({
    mutationFn: async (verdict: Verdict | { kind: "submit" }): Promise<CaseView> => {
      // An empty case can still be refused or passed on: then it is made with what the dialog says.
      if (keeper.draft.base === null && Object.keys(keeper.draft.edits).length === 0) keeper.edit({ title: titleOf(verdict, t) });
      if (!(await keeper.flush())) throw new Problem(0, "network.unreachable", "");
      const base = keeper.draft.base;
      if (base === null) throw new Problem(422, "case.incomplete", "");
      return send(base, verdict);
    },
    onSuccess: (view, verdict) => {
      keeper.took(view);
      close();
      refreshScreenPop();
      void client.invalidateQueries({ queryKey: ["drafts"] });
      const done =
        verdict.kind === "submit"
          ? t("case.submitted", { number: view.number })
          : t("case.closedAs", { number: view.number, state: t(`caseState.${view.state}`) });
      void message.success(<Link to={`/cases/${view.number}`}>{done}</Link>);
    },
    onError: (error) => void message.error(words(error)),
  });

  function submit() {
    const missing = wanted(values(keeper.draft));
    onStrict();
    if (missing.length > 0) {
      const fields = missing.map((f) => t(`case.fields.${f}`)).join(i18n.language === "en" ? ", " : "、");
      void message.warning(t("case.missing", { fields }));
      return;
    }
    decide.mutate({ kind: "submit" });
  }

  return (
    <>
      <Button type="primary" loading={decide.isPending && dialog === null} onClick={submit} data-testid="case-submit">
        {t("case.submit")}
      </Button>
      <Button onClick={() => setDialog("direct")} data-testid="case-direct">
        {t("case.direct")}
      </Button>
      <Button onClick={() => setDialog("not-accepted")} data-testid="case-not-accepted">
        {t("case.notAccepted")}
      </Button>
      <Button danger onClick={() => setDialog("emergency")} data-testid="case-emergency">
        {t("case.emergency")}
      </Button>
      {dialog && (
        <VerdictDialog
          kind={dialog}
          threewayCallId={threewayCallId}
          busy={decide.isPending}
          about={values(keeper.draft)}
          entry={entry}
          onDecide={(verdict) => decide.mutate(verdict)}
          onClose={close}
        />
      )}
    </>
  );
}

function titleOf(verdict: Verdict | { kind: "submit" }, t: (key: string) => string): string {
  switch (verdict.kind) {
    case "emergency":
      return t(`case.services.${verdict.service}`);
    case "not-accepted":
      return t("case.notAccepted");
    default:
      return "";
  }
}

function send(base: CaseView, verdict: Verdict | { kind: "submit" }): Promise<CaseView> {
  const params = { path: { case_id: base.id } };
  const move = { version: base.version, request_id: newId() };
  switch (verdict.kind) {
    case "submit":
      return base.state === "need_info"
        ? unwrap(api.POST("/api/cases/{case_id}/give-info", { params, body: move }))
        : unwrap(api.POST("/api/cases/{case_id}/submit", { params, body: move }));
    case "not-accepted":
      return unwrap(api.POST("/api/cases/{case_id}/not-accept", { params, body: { ...verdict.body, ...move } }));
    case "emergency":
      return unwrap(api.POST("/api/cases/{case_id}/transfer-emergency", { params, body: { service: verdict.service, ...move } }));
    case "direct":
      return unwrap(api.POST("/api/cases/{case_id}/close-direct", { params, body: { ...verdict.body, ...move } }));
  }
}
