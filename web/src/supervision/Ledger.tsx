import { Button } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SessionUser } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { Moment } from "../ui/Moment";
import { StatusTag } from "../ui/StatusTag";
import { oneOf } from "../ui/table/address";
import { type Column, DataTable } from "../ui/table/DataTable";
import { ChoiceFilter } from "../ui/table/filters";
import { useTable } from "../ui/table/useTable";
import { ENTRY_STATES, LEDGER, type LedgerEntry, mayKeepLedger } from "./supervision";
import { loadEntries, strikeOff } from "./supervisionApi";
import "./supervision.css";

/** Cases that are not solved, until each is struck off. */
export function Ledger({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const [striking, setStriking] = useState<LedgerEntry | null>(null);
  const table = useTable<LedgerEntry>({
    name: LEDGER[0]!,
    filters: ["state"],
    accepts: { state: oneOf(ENTRY_STATES) },
    load: loadEntries,
  });
  const struck = table.address.filters.state === "struck_off";
  const keeper = mayKeepLedger(user);
  const button = (entry: LedgerEntry) =>
    keeper && entry.struck_off_at === null && (
      <Button size="small" onClick={() => setStriking(entry)} data-testid={`strike-${entry.case_number}`}>
        {t("ledger.strike")}
      </Button>
    );
  const columns: Column<LedgerEntry>[] = [
    {
      key: "case",
      title: t("supervision.case"),
      render: (_, entry) => (
        <Link className="code" to={`/cases/${entry.case_number}`}>
          {entry.case_number}
        </Link>
      ),
    },
    { key: "title", title: t("supervision.title"), ellipsis: true, width: 200, render: (_, entry) => entry.title || "—" },
    { key: "unit", title: t("supervision.unit"), ellipsis: true, width: 140, render: (_, entry) => entry.unit_name ?? "—" },
    { key: "kind", title: t("ledger.kindTitle"), render: (_, entry) => <Kind entry={entry} /> },
    { key: "reason", title: t("ledger.reason"), ellipsis: true, width: 240, render: (_, entry) => entry.reason },
    { key: "entered", title: t("ledger.entered"), render: (_, entry) => <Entered entry={entry} /> },
    struck
      ? { key: "struck", title: t("ledger.struck"), ellipsis: true, width: 240, render: (_, entry) => <Struck entry={entry} /> }
      : { key: "act", title: "", render: (_, entry) => button(entry) },
  ];
  return (
    <>
      <DataTable<LedgerEntry>
        table={table}
        columns={columns}
        rowKey={(entry) => entry.id}
        rowLink={(entry) => `/cases/${entry.case_number}`}
        label={t("ledger.title")}
        card={(entry) => (
          <div className="list-card">
            <span className="list-card-head">
              <Link className="code" to={`/cases/${entry.case_number}`}>
                {entry.case_number}
              </Link>
              <Kind entry={entry} />
            </span>
            <strong>{entry.title || "—"}</strong>
            <span>{entry.reason}</span>
            <span className="list-card-foot">
              <span className="quiet">{entry.unit_name ?? "—"}</span>
              {button(entry)}
            </span>
            {struck && <Struck entry={entry} />}
          </div>
        )}
        filters={
          <ChoiceFilter
            value={table.address.filters.state}
            label={t("ledger.open")}
            options={ENTRY_STATES.map((value) => ({ value, label: t(`ledger.state.${value}`) }))}
            onChange={(state) => table.filter({ state })}
            testId="entry-state"
          />
        }
        empty={{ title: t("ledger.none"), hint: t(keeper ? "ledger.noneKeeper" : "ledger.noneHint") }}
      />
      <StrikeOffDialog entry={striking} onClose={() => setStriking(null)} />
    </>
  );
}

export function StrikeOffDialog({ entry, onClose }: { entry: LedgerEntry | null; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <ConfirmWithReason
      open={entry !== null}
      title={t("common.of", { what: t("ledger.strike"), which: entry?.case_number ?? "" })}
      text={t("ledger.strikeText")}
      okText={t("ledger.strike")}
      askReason
      reasonLabel={t("ledger.strikeReason")}
      maxLength={4000}
      onConfirm={async (reason) => {
        if (entry) await strikeOff(entry, reason);
        await client.invalidateQueries({ queryKey: LEDGER });
      }}
      onClose={onClose}
    />
  );
}

function Kind({ entry }: { entry: LedgerEntry }) {
  const { t } = useTranslation();
  return (
    <StatusTag tone={entry.kind === "planned" ? "brand" : "amber"}>
      {t(`ledger.kind.${entry.kind}`)}
      {entry.planned_for && ` ${entry.planned_for}`}
    </StatusTag>
  );
}

function Entered({ entry }: { entry: LedgerEntry }) {
  const { t } = useTranslation();
  return (
    <>
      {entry.entered_by_name || t("ledger.byClosing")} <Moment iso={entry.entered_at} />
    </>
  );
}

function Struck({ entry }: { entry: LedgerEntry }) {
  return (
    <span>
      {entry.struck_off_reason}{" "}
      <span className="quiet">
        {entry.struck_off_by_name} <Moment iso={entry.struck_off_at} />
      </span>
    </span>
  );
}
