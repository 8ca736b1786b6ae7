import { PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { PageHead } from "../../ui/PageHead";
import { StatusTag } from "../../ui/StatusTag";
import { type Column, DataTable } from "../../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../../ui/table/filters";
import { localPage } from "../../ui/table/localPage";
import { useTable } from "../../ui/table/useTable";
import { FlowsTabs } from "../FlowsTabs";
import { NewPrompt } from "./NewPrompt";
import { PlayButton } from "./PlayButton";
import { LANGUAGES, loadPrompts, type PromptLanguage, PROMPTS, soundUrl, usePrompts } from "./prompts";
import { addressOf, type Prompt, STATE_TONES, STATES, statesOf } from "./states";
import { PromptUses } from "./PromptUses";
import { SoundFacts } from "./SoundFacts";

const soundOf = (prompt: Prompt, language: PromptLanguage) => prompt.sounds.find((sound) => sound.language === language);
const RULES = {
  words: ({ id, sounds, uses }: Prompt) => [id, ...sounds.map(({ text }) => text), ...uses.map(({ name, title, label }) => `${name} ${title} ${label}`)],
  sorts: { id: (one: Prompt) => one.id, uses: (one: Prompt) => one.uses.length },
};
const SHOWN = 2;
/** Typing in the search asks no more of the service; what is changed here is read again at once. */
const FRESH_MS = 30_000;

/** What callers hear, sentence by sentence: how each sounds, who says it, and what is wrong with it. */
export function PromptList({ canWrite }: { canWrite: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const listing = usePrompts();
  const [adding, setAdding] = useState(false);
  const table = useTable<Prompt>({
    name: "prompts",
    filters: ["search", "state"],
    sorts: ["id", "uses"],
    load: async (query) => {
      const { prompts } = await client.fetchQuery({ queryKey: PROMPTS, queryFn: loadPrompts, staleTime: FRESH_MS });
      const state = String(query.state ?? "");
      return localPage(prompts.filter((one) => state === "" || statesOf(one).some((each) => each === state)), query, RULES);
    },
  });
  const language = (name: PromptLanguage): Column<Prompt> => ({
    key: name,
    title: t(`prompts.language.${name}`),
    render: (_, prompt) => <Said prompt={prompt} language={name} />,
  });
  const columns: Column<Prompt>[] = [
    {
      key: "id",
      title: t("prompts.id"),
      sortable: true,
      render: (_, prompt) => (
        <>
          <Link to={`/flows/prompts/${addressOf(prompt.id)}`}>
            <code>{prompt.id}</code>
          </Link>
          {prompt.own && (
            <>
              <br />
              <StatusTag tone={STATE_TONES.own}>{t("prompts.state.own")}</StatusTag>
            </>
          )}
        </>
      ),
    },
    language("zh"),
    language("en"),
    {
      key: "uses",
      title: t("prompts.uses"),
      sortable: true,
      render: (_, { uses }) => (
        <>
          <PromptUses uses={uses.slice(0, SHOWN)} />
          {uses.length > SHOWN && <span className="quiet">{t("prompts.moreUses", { count: uses.length - SHOWN })}</span>}
        </>
      ),
    },
  ];
  const counts = (state: string) => listing.data?.prompts.filter((one) => statesOf(one).some((each) => each === state)).length ?? 0;
  const voices = listing.data?.voices ?? [];
  const demo = voices.filter(({ licensed, trouble }) => !licensed && !trouble).map((voice) => t(`prompts.language.${voice.language}`));
  const silent = voices.filter(({ trouble }) => trouble);
  return (
    <div className="page">
      <PageHead title={t("prompts.title")} lead={t("prompts.lead")}>
        {canWrite && (
          <Button icon={<PlusOutlined />} onClick={() => setAdding(true)} data-testid="prompt-new">
            {t("prompts.new")}
          </Button>
        )}
      </PageHead>
      <FlowsTabs open="prompts" />
      {demo.length > 0 && <Alert type="warning" showIcon className="form-note" title={t("prompts.demoVoice", { languages: demo.join(t("prompts.and")) })} />}
      {silent.map((voice) => (
        <Alert
          key={voice.language}
          type="warning"
          showIcon
          className="form-note"
          title={t("prompts.noVoice", { language: t(`prompts.language.${voice.language}`), trouble: voice.trouble })}
        />
      ))}
      <DataTable<Prompt>
        table={table}
        columns={columns}
        rowKey={(one) => one.id}
        rowLink={(one) => `/flows/prompts/${addressOf(one.id)}`}
        label={t("prompts.title")}
        card={(one) => (
          <>
            <Link to={`/flows/prompts/${addressOf(one.id)}`}>
              <code>{one.id}</code>
            </Link>
            {LANGUAGES.map((name) => (
              <Said key={name} prompt={one} language={name} />
            ))}
          </>
        )}
        filters={
          <>
            <TextFilter value={table.address.filters.search} label={t("prompts.search")} onChange={(search) => table.filter({ search })} testId="prompt-search" />
            <ChoiceFilter
              value={table.address.filters.state}
              label={t("prompts.anyState")}
              options={STATES.map((value) => ({ value, label: `${t(`prompts.state.${value}`)}（${counts(value)}）` }))}
              onChange={(state) => table.filter({ state })}
              testId="prompt-state"
            />
          </>
        }
        empty={{ title: t("prompts.none"), hint: t("prompts.noneHint") }}
      />
      {adding && <NewPrompt onClose={() => setAdding(false)} />}
    </div>
  );
}

function Said({ prompt, language }: { prompt: Prompt; language: PromptLanguage }) {
  const { t } = useTranslation();
  const sound = soundOf(prompt, language);
  if (sound === undefined) return <span className="quiet">{t("prompts.notInLanguage", { language: t(`prompts.language.${language}`) })}</span>;
  return (
    <div className="prompt-said">
      <PlayButton
        url={soundUrl(prompt.id, language, { at: `${sound.version}-${sound.seconds}` })}
        label={`${prompt.id} ${t(`prompts.language.${language}`)}`}
        disabled={sound.source === "missing"}
      />
      <div>
        <div>{sound.text || <span className="quiet">{t("prompts.noText")}</span>}</div>
        <SoundFacts sound={sound} />
      </div>
    </div>
  );
}
