import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../../admin/useEdit";
import { api, unwrap } from "../../api/client";
import { Failed } from "../../ui/Failed";
import { FormDialog } from "../../ui/FormDialog";
import { Moment } from "../../ui/Moment";
import { StatusTag } from "../../ui/StatusTag";
import { ANNOUNCEMENTS, type MenuSwitchState } from "./announcements";
import { inHours } from "./inHours";
import { PICKED, Until, type UntilFields } from "./Until";

const HOURS = [1, 2, 4, 8, 24] as const;

/** For the hour when every second counts: all callers go past the menus. */
export function MenuSwitch({ menu, canSwitch }: { menu: MenuSwitchState; canSwitch: boolean }) {
  const { t } = useTranslation();
  const edit = useEdit(ANNOUNCEMENTS);
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);

  const put = (until: string | null) => edit(unwrap(api.PUT("/api/menu-switch", { body: { version: menu.version, until } })));
  const send = ({ hours, until }: UntilFields) => put(hours === PICKED ? (until ?? null) : inHours(hours));
  async function menusAgain() {
    setRefused(null);
    await put(null).catch(setRefused);
  }
  return (
    <section className="announcement-card" data-testid="menu-switch">
      <h3>
        {t("announcement.menu")} <StatusTag tone={menu.no_menu ? "amber" : "plain"}>{t(menu.no_menu ? "announcement.menuOff" : "announcement.menuOn")}</StatusTag>
      </h3>
      <p className="quiet">{t("announcement.menuDoes")}</p>
      {menu.no_menu && (
        <p>
          {t("announcement.until")} <Moment iso={menu.until} /> <span className="quiet">{menu.switched_by}</span>
        </p>
      )}
      {refused !== null && <Failed error={refused} onRetry={() => void menusAgain()} />}
      {canSwitch &&
        (menu.no_menu ? (
          <Button danger onClick={() => void menusAgain()} data-testid="menu-on">
            {t("announcement.menusAgain")}
          </Button>
        ) : (
          <Button onClick={() => setAsking(true)} data-testid="menu-off">
            {t("announcement.noMenu")}
          </Button>
        ))}
      {asking && (
        <FormDialog<UntilFields>
          title={t("announcement.noMenu")}
          text={t("announcement.menuDoes")}
          okText={t("announcement.noMenu")}
          okTestId="switch-ok"
          initial={{ hours: 1 }}
          onSend={send}
          onClose={() => setAsking(false)}
        >
          <Until hours={HOURS} />
        </FormDialog>
      )}
    </section>
  );
}
