import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { Comparison } from "./Comparison";
import { FLOWS, fileOf, type FlowView, inForce, loadVersions, publishVersion } from "./flows";

/** All versions there are, each to be compared, downloaded, or put in force again. */
export function Versions({ flow, canWrite }: { flow: FlowView; canWrite: boolean }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const versions = useQuery({ queryKey: [...FLOWS, flow.id, "versions"], queryFn: () => loadVersions(flow.id, { limit: 200 }) });
  const [compared, setCompared] = useState<number | null>(null);
  const [chosen, setChosen] = useState<number | null>(null);
  const live = inForce(flow);
  if (versions.isError) return <Failed error={versions.error} onRetry={() => void versions.refetch()} />;
  return (
    <>
      <ul className="flow-versions">
        {versions.data?.items.map((version) => (
          <li key={version.number} data-testid={`version-${version.number}`}>
            <div>
              <strong>{t("flows.version", { number: version.number })}</strong>{" "}
              {flow.in_force
                .filter(({ number }) => number === version.number)
                .map(({ alias }) => (
                  <StatusTag key={alias} tone={alias === "live" ? "green" : "violet"}>
                    {t(`flows.alias.${alias}`)}
                  </StatusTag>
                ))}
              <p className="quiet">
                <Moment iso={version.at} /> · {version.by || t(`flows.source.${version.source}`)} ·{" "}
                {t("flows.nodes", { count: version.nodes })}
              </p>
              {version.note && <p>{version.note}</p>}
            </div>
            <Space wrap>
              {version.number !== live && live > 0 && (
                <Button size="small" onClick={() => setCompared(version.number)} data-testid={`compare-${version.number}`}>
                  {t("flows.compareLive")}
                </Button>
              )}
              <Button size="small" href={fileOf(flow.id, version.number, "yaml")} download>
                {t("flows.download")}
              </Button>
              {canWrite && version.number !== live && (
                <Button size="small" onClick={() => setChosen(version.number)} data-testid={`put-in-force-${version.number}`}>
                  {t(version.number < live ? "flows.rollBack" : "flows.putInForce")}
                </Button>
              )}
            </Space>
          </li>
        ))}
      </ul>
      <Modal open={compared !== null} width={1160} title={t("flows.compareLive")} footer={null} onCancel={() => setCompared(null)} destroyOnHidden>
        {compared !== null && <Comparison id={flow.id} before={live} after={compared} drawn />}
      </Modal>
      <ConfirmWithReason
        open={chosen !== null}
        title={t("flows.putInForceTitle", { number: chosen ?? 0 })}
        text={t("flows.putInForceText")}
        okText={t("flows.putInForce")}
        askReason
        onConfirm={async (reason) => {
          await publishVersion(flow.id, { number: chosen ?? 0, alias: "live", live, reason });
          await client.invalidateQueries({ queryKey: FLOWS });
        }}
        onClose={() => setChosen(null)}
      />
    </>
  );
}
