import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Descriptions } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { api, unwrap } from "../api/client";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { SideDrawer } from "../ui/SideDrawer";
import { CATALOGUE, type CatalogueItem } from "./catalogue";
import { ItemForm } from "./ItemForm";

interface Props {
  id: string | null;
  items: UseQueryResult<CatalogueItem[]>;
  canWrite: boolean;
  onClose: () => void;
}

export function ItemDrawer({ id, items, canWrite, onClose }: Props) {
  const { t } = useTranslation();
  const item = items.data?.find((one) => one.id === id);
  return (
    <SideDrawer open={id !== null} title={item?.name ?? t("section.catalogue")} onClose={onClose} testId="item-drawer">
      {items.isError && <Failed error={items.error} onRetry={() => void items.refetch()} />}
      {items.isSuccess && !item && <EmptyState title={t("admin.notFound")} hint={t("admin.notFoundHint")} />}
      {item && !canWrite && <Shown item={item} />}
      {item && canWrite && <ItemForm key={item.id + String(item.version)} item={item} items={items.data ?? []} onClose={onClose} />}
      {item && canWrite && <Activity item={item} onClose={onClose} />}
    </SideDrawer>
  );
}

function Shown({ item }: { item: CatalogueItem }) {
  const { t } = useTranslation();
  const limit = item.limit_applied;
  const rows = [
    ["code", item.code],
    ["unit", item.handled_by?.name ?? "—"],
    ["limit", limit ? t(`catalogue.limitIs.${limit.unit}`, { count: limit.amount }) : t("catalogue.profile")],
    ["basis", limit?.basis ?? "—"],
    ["keywords", item.keywords.join(t("home.and")) || "—"],
  ] as const;
  return <Descriptions column={1} items={rows.map(([key, children]) => ({ key, label: t(`catalogue.${key}`), children }))} />;
}

function Activity({ item, onClose }: { item: CatalogueItem; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(CATALOGUE);
  const [asking, setAsking] = useState(false);
  const word = t(item.active ? "admin.deactivate" : "admin.activate");
  return (
    <div className="form-buttons">
      <Button danger={item.active} onClick={() => setAsking(true)}>
        {word}
      </Button>
      <ConfirmWithReason
        open={asking}
        title={word}
        text={t(item.active ? "catalogue.closeText" : "catalogue.reopenText")}
        okText={word}
        danger={item.active}
        onConfirm={async () => {
          const params = { path: { item_id: item.id } };
          await edit(unwrap(api.PATCH("/api/catalogue/{item_id}", { params, body: { version: item.version, active: !item.active } })));
          onClose();
        }}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
