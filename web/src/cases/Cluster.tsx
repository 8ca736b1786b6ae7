import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, listPage, unwrap } from "../api/client";
import type { CaseRow, CaseView } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Failed } from "../ui/Failed";
import { FormDialog } from "../ui/FormDialog";
import { Moment } from "../ui/Moment";
import { newId } from "../ui/newId";
import "./similar.css";

/** What this case follows, or the cases that follow it. Reload the case with `onDone` after a change. */
export function Cluster({ view, onDone }: { view: CaseView; onDone: () => void }) {
  const { t } = useTranslation();
  if (view.master !== null) return <Follows view={view} onDone={onDone} />;
  const may = view.offers.some(({ action, allowed }) => action === "approve" || (action === "note_repeat" && allowed));
  if (view.followers === 0 && !view.flags.includes("mass") && !may) return null;
  return (
    <section className="cluster case-card" aria-label={t("cluster.title")} data-testid="cluster">
      <Members view={view} onDone={onDone} />
    </section>
  );
}

function Follows({ view, onDone }: { view: CaseView; onDone: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { master } = view;
  if (master === null) return null;
  const may = view.offers.some(({ action, allowed }) => action === "unlink_duplicate" && allowed);
  return (
    <section className="cluster case-card" data-testid="cluster-master">
      <h3>
        {t("cluster.follows")} <Link to={`/cases/${master.id}`}>{master.number}</Link>
      </h3>
      {view.follows_master && (
        <p className="quiet">
          {t("cluster.followsText")} {t(`caseState.${master.state}`)} · {t("cluster.masterDue")} <Moment iso={master.promised_at ?? master.next_due_at} />
        </p>
      )}
      {may && (
        <Button size="small" onClick={() => setAsking(true)} data-testid="cluster-unlink">
          {t("cluster.unlink")}
        </Button>
      )}
      <ConfirmWithReason
        open={asking}
        title={t("cluster.unlink")}
        text={t("cluster.unlinkText")}
        okText={t("cluster.unlink")}
        askReason
        onConfirm={async (reason) => {
          await unlink(view.id, view.version, reason);
          onDone();
        }}
        onClose={() => setAsking(false)}
      />
    </section>
  );
}

function Members({ view, onDone }: { view: CaseView; onDone: () => void }) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ["case", view.id, "cluster", view.version, view.followers],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      listPage(api.GET("/api/cases", { params: { query: { duplicate_of_id: view.id, ...(pageParam !== null && { cursor: pageParam }) } } })),
    getNextPageParam: (last) => last.next,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <div className="cluster-head">
        <h3>{t("cluster.title")}</h3>
        <Button size="small" onClick={() => setAdding(true)} data-testid="cluster-add">
          {t("cluster.add")}
        </Button>
      </div>
      {rows.length > 0 && <p className="quiet">{t("cluster.lead")}</p>}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      <ul>
        {rows.map((row) => (
          <Member key={row.id} row={row} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button size="small" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("common.more")}
        </Button>
      )}
      {adding && <AddDialog view={view} onDone={onDone} onClose={() => setAdding(false)} />}
    </>
  );
}

function Member({ row }: { row: CaseRow }) {
  const { t } = useTranslation();
  return (
    <li data-testid="cluster-member">
      <Link to={`/cases/${row.id}`}>{row.number}</Link>{" "}
      <span className="tag state" data-state={row.state}>
        {t(`caseState.${row.state}`)}
      </span>{" "}
      {row.title} <span className="quiet"><Moment iso={row.created_at} /></span>
    </li>
  );
}

interface Added {
  number: string;
  mass?: boolean;
}

function AddDialog({ view, onDone, onClose }: { view: CaseView; onDone: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [request] = useState(newId);

  async function add({ number, mass = false }: Added) {
    const params = { path: { case_id: number.replace(/[\s-]/g, "") } };
    const { version } = await unwrap(api.GET("/api/cases/{case_id}", { params }));
    const body = { master_id: view.id, version, request_id: request };
    if (mass) await unwrap(api.POST("/api/cases/{case_id}/add-to-cluster", { params, body }));
    else await unwrap(api.POST("/api/cases/{case_id}/link-duplicate", { params, body }));
    void message.success(t("cluster.added", { number }));
    void client.invalidateQueries({ queryKey: ["case", view.id] });
    onDone();
  }
  return (
    <FormDialog<Added>
      title={t("cluster.add")}
      text={t("cluster.addText")}
      okText={t("cluster.add")}
      okTestId="cluster-confirm"
      initial={{ mass: view.flags.includes("mass") }}
      onSend={add}
      onClose={onClose}
    >
      <Form.Item name="number" label={t("cluster.number")} rules={[{ required: true, whitespace: true, message: t("cluster.needNumber") }]}>
        <Input maxLength={20} autoComplete="off" data-testid="cluster-number" />
      </Form.Item>
      <Form.Item name="mass" valuePropName="checked">
        <Checkbox>{t("cluster.mass")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

function unlink(id: string, version: number, reason: string): Promise<CaseView> {
  const body = { reason, version, request_id: newId() };
  return unwrap(api.POST("/api/cases/{case_id}/unlink-duplicate", { params: { path: { case_id: id } }, body }));
}
