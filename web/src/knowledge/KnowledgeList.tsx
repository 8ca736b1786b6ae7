import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { hasRole } from "../api/roles";
import { may } from "../api/session";
import type { SessionUser } from "../api/types";
import { COUNTS_EVERY_MS } from "../cases/workLists";
import { LinkTabs } from "../ui/LinkTabs";
import { PageHead } from "../ui/PageHead";
import { oneOf } from "../ui/table/address";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter, TextFilter } from "../ui/table/filters";
import { asTree, treeOptions } from "../ui/table/tree";
import { useTable } from "../ui/table/useTable";
import { Categories } from "./Categories";
import { Figures } from "./Figures";
import { FilesMenu } from "./FilesMenu";
import { EntryTags } from "./EntryTags";
import { NotFound } from "./requests/NotFound";
import { RequestsLink } from "./requests/RequestsLink";
import {
  CATEGORIES,
  type EntryPage,
  type EntryRow,
  KINDS,
  KNOWLEDGE,
  LISTS,
  loadCategories,
  loadCounts,
  loadEntries,
  STAGES,
} from "./knowledge";
import { QuickEntries } from "./QuickEntries";
import { Marked } from "./Marked";
import { SearchFacets } from "./SearchFacets";
import { Synonyms } from "./Synonyms";

/** Entries to be found by everybody, and to whoever writes them, what waits. */
export function KnowledgeList({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const [sorting, setSorting] = useState(false);
  const [keeping, setKeeping] = useState(false);
  const writes = may(user, "knowledge.write");
  // A supervisor sees to it that units review.
  const supervises = hasRole(user, "supervisor");
  const lists = LISTS.filter((one) => writes || one === "published" || one === "review_due");
  const list = LISTS.find((one) => one === params.get("list")) ?? "published";
  const counts = useQuery({
    queryKey: [...KNOWLEDGE, "counts"],
    queryFn: loadCounts,
    refetchInterval: COUNTS_EVERY_MS,
    enabled: writes || supervises,
  });
  const categories = useQuery({ queryKey: CATEGORIES, queryFn: loadCategories, staleTime: 300_000 });
  const table = useTable<EntryRow>({
    name: KNOWLEDGE[0]!,
    filters: ["list", "search", "kind", "category_id", "unit_id", "stage", "industry"],
    accepts: { list: oneOf(LISTS), kind: oneOf(KINDS), stage: oneOf(STAGES) },
    load: loadEntries,
  });
  const { filters } = table.address;
  const searched = (table.query.data as EntryPage | undefined)?.searched;
  const columns: Column<EntryRow>[] = [
    {
      key: "title",
      title: t("knowledge.field.title"),
      width: 260,
      ellipsis: true,
      render: (_, row) => (
        <Link to={`/knowledge/${row.id}`}>
          <Marked parts={row.title_parts} text={row.title} />
        </Link>
      ),
    },
    { key: "tags", title: t("knowledge.state"), render: (_, row) => <EntryTags entry={row} /> },
    { key: "kind", title: t("knowledge.field.kind"), render: (_, row) => t(`knowledge.kind.${row.kind}`) },
    { key: "answer", title: t("knowledge.field.answer"), width: 320, ellipsis: true, render: (_, row) => <Marked parts={row.answer_parts} text={row.answer || "—"} /> },
    { key: "unit", title: t("knowledge.unit"), width: 150, ellipsis: true, render: (_, row) => row.unit_name || t("knowledge.hotline") },
    list === "review_due"
      ? { key: "review", title: t("knowledge.reviewDue"), render: (_, row) => row.review_due_on ?? "—" }
      : { key: "uses", title: t("knowledge.uses"), render: (_, row) => row.uses },
  ];
  const add = writes && (
    <Link to="/knowledge/new">
      <Button type="primary" icon={<PlusOutlined />} data-testid="entry-new">
        {t("knowledge.add")}
      </Button>
    </Link>
  );
  return (
    <div className="page">
      <PageHead title={t("section.knowledge")} lead={t("section.knowledgeDoes")}>
        <RequestsLink />
        {may(user, "knowledge.publish") && (
          <>
            <Button onClick={() => setKeeping(true)} data-testid="synonyms-open">
              {t("knowledge.synonyms")}
            </Button>
            <Button onClick={() => setSorting(true)} data-testid="categories-open">
              {t("knowledge.categories")}
            </Button>
          </>
        )}
        {writes && <FilesMenu />}
        {add}
      </PageHead>
      {(writes || supervises) && (
        <LinkTabs
          label={t("section.knowledge")}
          open={list}
          tabs={lists.map((name) => ({
            name,
            to: name === "published" ? "/knowledge" : `/knowledge?list=${name}`,
            title: t(`knowledge.list.${name}`),
            count: counts.data?.[name],
          }))}
        />
      )}
      {(may(user, "supervise") || may(user, "knowledge.publish")) && <Figures />}
      {list === "published" && !filters.search && <QuickEntries onPick={(row) => void navigate(`/knowledge/${row.id}`)} />}
      <DataTable<EntryRow>
        table={table}
        columns={columns}
        rowKey={(row) => row.id}
        rowLink={(row) => `/knowledge/${row.id}`}
        label={t("section.knowledge")}
        above={searched && <SearchFacets searched={searched} total={table.query.data?.total ?? 0} filters={filters} onFilter={table.filter} />}
        card={(row) => (
          <div className="list-card">
            <span className="list-card-head">
              <Link to={`/knowledge/${row.id}`}>
                <strong>
                  <Marked parts={row.title_parts} text={row.title} />
                </strong>
              </Link>
            </span>
            <EntryTags entry={row} />
            <span>
              <Marked parts={row.answer_parts} text={row.answer} />
            </span>
            <span className="quiet">
              {t(`knowledge.kind.${row.kind}`)} · {row.unit_name || t("knowledge.hotline")}
            </span>
          </div>
        )}
        filters={
          <>
            <TextFilter value={filters.search} label={t("knowledge.search")} onChange={(search) => table.filter({ search })} testId="entry-search" />
            <ChoiceFilter
              value={filters.kind}
              label={t("knowledge.field.kind")}
              options={KINDS.map((value) => ({ value, label: t(`knowledge.kind.${value}`) }))}
              onChange={(kind) => table.filter({ kind })}
            />
            <ChoiceFilter
              value={filters.category_id}
              label={t("knowledge.field.category_id")}
              options={treeOptions(asTree(categories.data ?? []))}
              onChange={(category_id) => table.filter({ category_id })}
            />
          </>
        }
        empty={{
          title: t("knowledge.none"),
          hint: t(list === "published" ? "knowledge.noneHint" : "knowledge.noneWaits"),
          action: add,
          filtered: list === "published" && <NotFound key={filters.search} search={filters.search ?? ""} />,
        }}
      />
      <Categories rows={categories.data ?? []} open={sorting} onClose={() => setSorting(false)} />
      <Synonyms open={keeping} onClose={() => setKeeping(false)} />
    </div>
  );
}
