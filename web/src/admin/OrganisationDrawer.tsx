import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { Failed } from "../ui/Failed";
import { SideDrawer } from "../ui/SideDrawer";
import { OrganisationForm } from "./OrganisationForm";
import { type Organisation, ORGANISATIONS, useOrganisations } from "./organisations";
import { useEdit } from "./useEdit";

interface Props {
  id: string | null;
  canManage: boolean;
  onClose: () => void;
}

export function OrganisationDrawer({ id, canManage, onClose }: Props) {
  const { t } = useTranslation();
  const query = useOrganisations();
  const one = query.data?.find((row) => row.id === id);
  return (
    <SideDrawer open={id !== null} title={one?.name ?? t("section.organisations")} onClose={onClose} testId="organisation-drawer">
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !one && <EmptyState title={t("admin.notFound")} hint={t("admin.notFoundHint")} />}
      {one && (canManage ? <Editable key={`${one.id} ${one.version}`} one={one} onClose={onClose} /> : <Facts one={one} />)}
    </SideDrawer>
  );
}

function Facts({ one }: { one: Organisation }) {
  const { t } = useTranslation();
  return (
    <dl className="facts">
      <dt>{t("organisations.kindWord")}</dt>
      <dd>{t(`organisations.kind.${one.kind}`)}</dd>
      <dt>{t("organisations.users")}</dt>
      <dd>{one.users}</dd>
      <dt>{t("organisations.state")}</dt>
      <dd>{t(one.active ? "admin.active" : "admin.inactive")}</dd>
    </dl>
  );
}

function Editable({ one, onClose }: { one: Organisation; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(ORGANISATIONS);
  const [asking, setAsking] = useState(false);
  const word = t(one.active ? "admin.deactivate" : "admin.activate");
  const params = { path: { organisation_id: one.id } };
  return (
    <>
      <OrganisationForm organisation={one} onClose={onClose} />
      {one.parent_id !== null && (
        <>
          <h3>{t("organisations.leave")}</h3>
          <Button danger={one.active} onClick={() => setAsking(true)} data-testid="organisation-active">
            {word}
          </Button>
        </>
      )}
      <ConfirmWithReason
        open={asking}
        title={t(one.active ? "organisations.deactivateTitle" : "organisations.activateTitle", { name: one.name })}
        text={t(one.active ? "organisations.deactivateText" : "organisations.activateText")}
        okText={word}
        danger={one.active}
        onConfirm={() =>
          edit(unwrap(api.PATCH("/api/organisations/{organisation_id}", { params, body: { version: one.version, active: !one.active } })))
        }
        onClose={() => setAsking(false)}
      />
    </>
  );
}
