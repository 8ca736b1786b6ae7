import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import { ConfirmWithReason } from "../../ui/ConfirmWithReason";
import { Failed } from "../../ui/Failed";
import { Moment } from "../../ui/Moment";
import { StatusTag } from "../../ui/StatusTag";
import { PlayButton } from "./PlayButton";
import { type PromptLanguage, PROMPTS, soundUrl } from "./prompts";
import { addressOf } from "./states";

interface Props {
  id: string;
  language: PromptLanguage;
  version: number;
  canWrite: boolean;
}

/** All that a prompt has said; any of it can be put in force again. */
export function PromptVersions({ id, language, version, canWrite }: Props) {
  const { t } = useTranslation();
  const edit = useEdit(PROMPTS);
  const path = { prompt_id: addressOf(id), language };
  const versions = useQuery({
    queryKey: [...PROMPTS, id, language, version],
    queryFn: () => unwrap(api.GET("/api/prompts/{prompt_id}/{language}/versions", { params: { path } })),
  });
  const [wanted, setWanted] = useState<number | null>(null);
  const restore = (number: number) =>
    edit(unwrap(api.POST("/api/prompts/{prompt_id}/{language}/restore", { params: { path }, body: { version, number } })));
  return (
    <>
      <h3>{t("prompts.versions")}</h3>
      {versions.isError && <Failed error={versions.error} onRetry={() => void versions.refetch()} />}
      <ul className="prompt-versions" data-testid="prompt-versions">
        {versions.data?.map((one) => (
          <li key={one.number}>
            <PlayButton url={soundUrl(id, language, { version: one.number })} label={t("prompts.number", { number: one.number })} />
            <div>
              {t("prompts.number", { number: one.number })} <StatusTag tone={one.in_force ? "green" : "plain"}>{t(one.in_force ? "prompts.inForce" : `prompts.kind.${one.kind}`)}</StatusTag>{" "}
              {one.restores > 0 && <span className="quiet">{t("prompts.restores", { number: one.restores })}</span>}
              <div>{one.text}</div>
              {one.at && (
                <span className="quiet">
                  <Moment iso={one.at} /> {one.by}
                </span>
              )}
            </div>
            {canWrite && !one.in_force && (
              <Button size="small" onClick={() => setWanted(one.number)} data-testid={`prompt-restore-${one.number}`}>
                {t("prompts.restore")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={wanted !== null}
        title={t("prompts.restoreTitle", { number: wanted })}
        text={t("prompts.restoreText")}
        okText={t("prompts.restore")}
        onConfirm={() => (wanted === null ? Promise.resolve() : restore(wanted))}
        onClose={() => setWanted(null)}
      />
    </>
  );
}
