import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { hasRole } from "../api/roles";
import type { SessionUser } from "../api/types";
import { newId } from "../ui/newId";
import { PageHead } from "../ui/PageHead";
import { asTree, treeOptions } from "../ui/table/tree";
import { loadUnits, UNITS } from "../units/units";
import { EntryForm } from "./EntryForm";
import { createEntry, KNOWLEDGE, type KnowledgeContent } from "./knowledge";

const FRESH: KnowledgeContent = { title: "", kind: "service_item", scope: "agent" };

/** A new entry: whose it is, and its first draft. */
export function NewEntry({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [id] = useState(newId);
  const units = useQuery({ queryKey: [...UNITS, "all"], queryFn: () => loadUnits() });
  // The hotline's own editors write for the hotline itself, too.
  const forHotline = hasRole(user, "kb_editor", "kb_reviewer");
  const [chosen, setUnit] = useState<string | null>(null);
  // A unit's people write for their unit, or for one below it.
  const own = forHotline ? [] : (units.data ?? []).filter((one) => one.may_edit);
  const ids = new Set(own.map((one) => one.id));
  const home = own.find((one) => one.parent_id === null || !ids.has(one.parent_id));
  const unit = chosen ?? home?.id ?? null;
  const options = treeOptions(asTree(own.length > 0 ? own : (units.data ?? [])));

  async function create(content: KnowledgeContent) {
    await createEntry(id, unit, content);
    await client.invalidateQueries({ queryKey: KNOWLEDGE });
    void navigate(`/knowledge/${id}`);
  }
  return (
    <div className="page">
      <PageHead title={t("knowledge.add")} lead={t("knowledge.addDoes")} />
      <EntryForm content={FRESH} onSave={create} onCancel={() => void navigate("/knowledge")}>
        <div className="entry-card form-note">
          <label htmlFor="entry-unit">{t("knowledge.unit")}</label>
          <Select
            id="entry-unit"
            style={{ width: "100%" }}
            value={unit ?? (forHotline ? null : undefined)}
            onChange={setUnit}
            showSearch={{ optionFilterProp: "label" }}
            placeholder={t("knowledge.unitHint")}
            options={forHotline ? [{ value: null, label: t("knowledge.hotline") }, ...options] : options}
            data-testid="entry-unit"
          />
        </div>
      </EntryForm>
    </div>
  );
}
