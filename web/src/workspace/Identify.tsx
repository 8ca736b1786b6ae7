import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { Edits } from "./draft";
import { EnterpriseForm } from "./EnterpriseForm";

interface Props {
  callerNumber: string;
  onIdentify: (identity: Edits) => void;
}

/** Finding the caller's enterprise by hand, or registering it. */
export function Identify({ callerNumber, onIdentify }: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const [creating, setCreating] = useState(false);
  const search = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ["enterprises", search],
    queryFn: () => unwrap(api.GET("/api/enterprises", { params: { query: { search, limit: 8 } } })),
    enabled: search.length >= 2,
    placeholderData: (before) => before,
  });
  const rows = search.length >= 2 ? (found.data?.items ?? []) : [];

  if (creating) {
    return (
      <EnterpriseForm
        name={typed.trim()}
        number={callerNumber}
        onDone={(made) => {
          setCreating(false);
          if (made) onIdentify(made);
        }}
      />
    );
  }
  return (
    <div className="identify">
      <Input.Search
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={t("pop.identify")}
        aria-label={t("pop.identify")}
        loading={found.isFetching}
        allowClear
        maxLength={100}
        data-testid="enterprise-search"
      />
      <ul className="found" aria-live="polite">
        {rows.map((row) => (
          <li key={row.id}>
            <button
              type="button"
              className="row-button"
              onClick={() => onIdentify({ enterprise_id: row.id, contact_id: null })}
              data-testid="enterprise-found"
            >
              <span>{row.name}</span>
              <span className="quiet">{row.credit_code ?? t(`pop.kind.${row.kind}`)}</span>
            </button>
          </li>
        ))}
        {found.isSuccess && search.length >= 2 && rows.length === 0 && <li className="quiet">{t("pop.noMatch")}</li>}
      </ul>
      <Button size="small" onClick={() => setCreating(true)} data-testid="create-enterprise">
        {t("pop.create")}
      </Button>
    </div>
  );
}
