import { DeleteOutlined, StarOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Input, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { may } from "../api/session";
import type { components } from "../api/generated";
import type { SessionUser } from "../api/types";
import { words } from "../app/words";
import { newId } from "../ui/newId";
import type { TableAddress } from "../ui/table/address";
import { hideColumns } from "../ui/table/ColumnSettings";
import { tableOf, type WorkListName } from "./workLists";

type SavedView = components["schemas"]["SavedViewView"];
const VIEWS = ["saved-views"];
/** With whom a supervisor can share. */
const ROLES = ["agent", "dispatcher", "callback", "unit_handler", "unit_head", "supervisor"] as const;

/** The address that opens a view. */
export function viewAddress({ work_list, filters, sort }: Pick<SavedView, "work_list" | "filters" | "sort">): string {
  return `/cases?${new URLSearchParams({ list: work_list, ...filters, ...(sort && { sort }) })}`;
}

interface Props {
  user: SessionUser;
  list: WorkListName;
  address: TableAddress;
  /** Those that show now, and all there are. */
  columns: string[];
  known: string[];
}

/** Views kept under a name: opened by their address; a supervisor shares one with a role. */
export function SavedViews({ user, list, address, columns, known }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<string[]>([]);
  const views = useQuery({ queryKey: VIEWS, queryFn: () => unwrap(api.GET("/api/saved-views")) });
  const after = {
    onSuccess: () => {
      setName("");
      void queries.invalidateQueries({ queryKey: VIEWS });
    },
    onError: (error: unknown) => void message.error(words(error)),
  };
  const save = useMutation({
    mutationFn: () => {
      const shared = ROLES.find((role) => roles.includes(role)) ?? null;
      const body = {
        id: newId(), name: name.trim(), work_list: list, filters: address.filters, columns,
        sort: (address.sort || null) as SavedView["sort"], shared_with: shared,
      };
      return unwrap(api.POST("/api/saved-views", { body }));
    },
    ...after,
  });
  const remove = useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE("/api/saved-views/{view_id}", { params: { path: { view_id: id } } })),
    ...after,
  });
  function showColumns({ work_list: of, columns: kept }: SavedView) {
    if (kept.length > 0) hideColumns(tableOf(of), known.filter((key) => !kept.includes(key)));
  }
  const content = (
    <div className="saved-views">
      {views.data?.length === 0 && <p className="quiet">{t("worklists.views.none")}</p>}
      <ul>
        {views.data?.map((view) => (
          <li key={view.id}>
            <Link to={viewAddress(view)} onClick={() => showColumns(view)}>
              {view.name}
            </Link>
            {view.shared_with && <span className="quiet">{t(`role.${view.shared_with}.name`)}</span>}
            {view.mine && (
              <Button
                type="text"
                size="small"
                icon={<DeleteOutlined />}
                aria-label={t("worklists.views.remove", { name: view.name })}
                onClick={() => remove.mutate(view.id)}
              />
            )}
          </li>
        ))}
      </ul>
      <Input
        value={name}
        maxLength={50}
        aria-label={t("worklists.views.name")}
        placeholder={t("worklists.views.name")}
        onChange={(event) => setName(event.target.value)}
        data-testid="view-name"
      />
      {may(user, "supervise") && (
        <Checkbox.Group
          options={ROLES.map((role) => ({ value: role, label: t(`role.${role}.name`) }))}
          value={roles}
          onChange={(chosen) => setRoles(chosen.slice(-1))}
        />
      )}
      <Button disabled={name.trim() === ""} loading={save.isPending} onClick={() => save.mutate()} data-testid="view-save">
        {t("worklists.views.save")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t("worklists.views.title")} content={content}>
      <Button icon={<StarOutlined />} data-testid="views">
        {t("worklists.views.title")}
      </Button>
    </Popover>
  );
}
