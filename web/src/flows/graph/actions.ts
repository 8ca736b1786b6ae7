import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { FLOWS, type FlowProblem } from "../flows";

export type FlowAction = components["schemas"]["FlowActionView"];
export type FlowActions = Map<string, FlowAction>;

/** What a node can do, by the action's name. It changes with the service's version alone. */
export function useFlowActions() {
  const query = useQuery({
    queryKey: [...FLOWS, "actions"],
    queryFn: () => unwrap(api.GET("/api/flows/actions")),
    staleTime: Infinity,
  });
  const actions = useMemo(() => new Map((query.data ?? []).map((action) => [action.name, action])), [query.data]);
  return { query, actions };
}

export interface FlowWords {
  action: (name: string) => string;
  outcome: (action: string, name: string) => string;
  option: (action: string, name: string) => string;
  choice: (action: string, value: string) => string;
  finding: (text: FlowProblem["message"]) => string;
}

/** What actions, outcomes and options are called in the language of the page. */
export function useFlowWords(actions: FlowActions): FlowWords {
  const { t, i18n } = useTranslation();
  const tongue = i18n.language === "en" ? "en" : "zh";
  return useMemo(
    () => ({
      action: (name) => actions.get(name)?.words[tongue] ?? t("flowGraph.unknownAction", { name }),
      outcome: (action, name) =>
        actions.get(action)?.outcomes.find((each) => each.name === name)?.words[tongue] ??
        (/^[0-9*#]$/.test(name) ? t("flowGraph.key", { key: name }) : name),
      option: (action, name) => actions.get(action)?.option_words[name]?.[tongue] ?? name,
      choice: (action, value) => actions.get(action)?.choice_words[value]?.[tongue] ?? value,
      finding: (text) => text[tongue],
    }),
    [actions, t, tongue],
  );
}
