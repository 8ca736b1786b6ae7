import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, apiUrl, unwrap } from "../../api/client";
import type { ImportRowView, ImportView } from "../../api/types";
import { Failed } from "../Failed";
import { StatusTag, type Tone } from "../StatusTag";
import { columnName, countsOf, type Outcome, worst, writes } from "./steps";

interface Props {
  view: ImportView;
  onApplying: (view: ImportView) => void;
  onAgain: () => void;
  onClose: () => void;
}

const TONES: Record<Outcome, Tone> = { create: "green", update: "brand", skip: "plain", error: "red" };
const SHOWN = 200;

/** What would become of each row; nothing is written before it is confirmed. */
export function ImportReport({ view, onApplying, onAgain, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome>(worst(view.counts));
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const path = { kind: view.kind, import_id: view.id };
  const rows = useQuery({
    queryKey: ["import-rows", view.id, view.version, outcome],
    queryFn: () =>
      unwrap(api.GET("/api/imports/{kind}/{import_id}/rows", { params: { path, query: { outcome, limit: SHOWN } } })),
  });
  const changes = writes(view.counts);
  const applied = view.state === "applied";

  async function apply() {
    setState({ busy: true });
    try {
      onApplying(await unwrap(api.POST("/api/imports/{kind}/{import_id}/apply", { params: { path }, body: { version: view.version } })));
    } catch (error) {
      setState({ busy: false, error });
    }
  }
  const words = (row: ImportRowView) =>
    row.problems.map((problem, at) => {
      const column = view.columns.find(({ key }) => key === problem.column);
      return (
        <div key={at}>
          {column && <b>{columnName(column, i18n.language)}: </b>}
          {t(`import.problem.${problem.code}`, { defaultValue: problem.detail })}
        </div>
      );
    });
  return (
    <div data-testid="import-report">
      {applied && <Alert type="success" showIcon className="form-note" title={t("import.applied", { count: changes })} />}
      {state.error !== undefined && <Failed error={state.error} title={t("import.failed")} onRetry={() => void apply()} />}
      <p className="tags">
        {countsOf(view.counts).map(([name, count]) => (
          <Button key={name} size="small" type={name === outcome ? "default" : "text"} aria-pressed={name === outcome} onClick={() => setOutcome(name)}>
            <StatusTag tone={TONES[name]}>
              {t(`import.outcomes.${name}`)} {count}
            </StatusTag>
          </Button>
        ))}
      </p>
      {rows.isError && <Failed error={rows.error} onRetry={() => void rows.refetch()} />}
      <Table<ImportRowView>
        size="small"
        rowKey="number"
        loading={rows.isPending}
        dataSource={rows.data?.items ?? []}
        pagination={{ pageSize: 10, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: true }}
        columns={[
          { title: t("import.line"), dataIndex: "number", width: 72 },
          { title: t("import.subject"), dataIndex: "subject", render: (subject: string) => subject || "—" },
          { title: t("import.message"), render: (_, row) => words(row) },
        ]}
      />
      {rows.data?.next && <p className="quiet">{t("import.more", { count: SHOWN })}</p>}
      <div className="form-buttons">
        {!applied && (
          <Button type="primary" disabled={changes === 0} loading={state.busy} onClick={() => void apply()} data-testid="import-apply">
            {t("import.apply", { count: changes })}
          </Button>
        )}
        {applied && (
          <Button type="primary" onClick={onClose}>
            {t("common.close")}
          </Button>
        )}
        <Button onClick={onAgain}>{t("import.again")}</Button>
        <a href={apiUrl(`/api/imports/${view.kind}/${view.id}/report`)} download="import-report.csv">
          {t("import.download")}
        </a>
      </div>
    </div>
  );
}
