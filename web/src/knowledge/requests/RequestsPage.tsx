import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { COUNTS_EVERY_MS } from "../../cases/workLists";
import { Failed } from "../../ui/Failed";
import { LinkTabs } from "../../ui/LinkTabs";
import { Moment } from "../../ui/Moment";
import { PageHead } from "../../ui/PageHead";
import { SideDrawer } from "../../ui/SideDrawer";
import { oneOf } from "../../ui/table/address";
import { type Column, DataTable } from "../../ui/table/DataTable";
import { ChoiceFilter } from "../../ui/table/filters";
import { useTable } from "../../ui/table/useTable";
import { AskKnowledge } from "./AskKnowledge";
import { Gaps } from "./Gaps";
import { RequestDetail, RequestDue, RequestTag } from "./RequestDetail";
import { countRequests, type KnowledgeRequest, loadRequest, loadRequests, REQUEST_KINDS, REQUEST_LISTS, REQUESTS } from "./requests";

/** What units are asked to enter or to mend; one request is open beside the list. */
export function RequestsPage() {
  const { t } = useTranslation();
  const { request } = useParams();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const gaps = params.get("tab") === "gaps";
  const list = REQUEST_LISTS.find((one) => one === params.get("list")) ?? "waiting";
  const counts = useQuery({ queryKey: [...REQUESTS, "counts"], queryFn: countRequests, refetchInterval: COUNTS_EVERY_MS });
  const table = useTable<KnowledgeRequest>({
    name: REQUESTS[0]!,
    filters: ["list", "kind"],
    accepts: { list: oneOf(REQUEST_LISTS), kind: oneOf(REQUEST_KINDS) },
    load: loadRequests,
  });
  const at = (path: string) => `${path}${params.size > 0 ? `?${params}` : ""}`;
  const pageOf = (row: KnowledgeRequest) => at(`/knowledge/requests/${row.id}`);
  const columns: Column<KnowledgeRequest>[] = [
    { key: "question", title: t("requests.question"), width: 320, ellipsis: true, render: (_, row) => <Link to={pageOf(row)}>{row.question}</Link> },
    { key: "kind", title: t("requests.kindTitle"), render: (_, row) => t(`requests.kind.${row.kind}`) },
    { key: "state", title: t("requests.stateTitle"), render: (_, row) => <RequestTag request={row} /> },
    { key: "due", title: t("requests.due"), render: (_, row) => <RequestDue request={row} /> },
    { key: "unit", title: t("requests.unit"), width: 150, ellipsis: true, render: (_, row) => row.unit_name || t("knowledge.hotline") },
    { key: "taken", title: t("requests.takenBy"), render: (_, row) => row.taken_by_name || "—" },
    { key: "made", title: t("requests.madeAt"), render: (_, row) => <Moment iso={row.made_at} /> },
  ];
  return (
    <div className="page">
      <PageHead title={t("requests.title")} lead={t("requests.does")}>
        <Link to="/knowledge">{t("section.knowledge")}</Link>
        <AskKnowledge kind="gap" anyKind />
      </PageHead>
      <LinkTabs
        label={t("requests.title")}
        open={gaps ? "gaps" : list}
        tabs={[...REQUEST_LISTS.map((name) => ({
          name,
          to: name === "waiting" ? "/knowledge/requests" : `/knowledge/requests?list=${name}`,
          title: t(`requests.list.${name}`),
          count: counts.data?.[name],
          pressing: name === "overdue" && (counts.data?.overdue ?? 0) > 0,
        })), { name: "gaps", to: "/knowledge/requests?tab=gaps", title: t("requests.gaps.title") }]}
      />
      {gaps ? <Gaps /> : <DataTable<KnowledgeRequest>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={pageOf}
        label={t("requests.title")}
        card={(row) => (
          <Link className="list-card" to={pageOf(row)}>
            <span className="list-card-head">
              <span>{t(`requests.kind.${row.kind}`)}</span>
              <RequestTag request={row} />
            </span>
            <strong>{row.question}</strong>
            <span className="list-card-foot">
              <span className="quiet">{row.unit_name || t("knowledge.hotline")}</span>
              <RequestDue request={row} />
            </span>
          </Link>
        )}
        filters={
          <ChoiceFilter
            value={table.address.filters.kind}
            label={t("requests.kindTitle")}
            options={REQUEST_KINDS.map((value) => ({ value, label: t(`requests.kind.${value}`) }))}
            onChange={(kind) => table.filter({ kind })}
          />
        }
        empty={{ title: t("requests.none"), hint: t(list === "waiting" ? "requests.noneHint" : "requests.noneOther") }}
      />}
      <SideDrawer
        open={request !== undefined}
        title={t("requests.one")}
        onClose={() => void navigate(at("/knowledge/requests"))}
        testId="request-drawer"
      >
        {request !== undefined && <OneRequest id={request} />}
      </SideDrawer>
    </div>
  );
}

function OneRequest({ id }: { id: string }) {
  const query = useQuery({ queryKey: [...REQUESTS, "one", id], queryFn: () => loadRequest(id) });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return query.data === undefined ? null : <RequestDetail request={query.data} />;
}
