import { DownOutlined, LogoutOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useNavigate } from "react-router";
import { useLogOut } from "../api/session";
import type { SessionUser } from "../api/types";
import { AgentBar } from "../desk/AgentBar";
import { DeskSession } from "../desk/DeskSession";
import { LinkBanner } from "../desk/LinkBanner";
import { dropDrafts, saveDrafts } from "../desk/keepers";
import { tellDesk, useDesk } from "../desk/store";
import { ErrorBoundary } from "./ErrorBoundary";
import { LanguageButton } from "./LanguageButton";
import { Waiting } from "./Waiting";
import { words } from "./words";

interface Props {
  user: SessionUser;
  canDesk: boolean;
  canCalls: boolean;
}

/** The frame of every office page. Phone and desk link live here, so that changing the page never ends a call. */
export function Shell({ user, canDesk, canCalls }: Props) {
  const { t } = useTranslation();
  const noAgent = useDesk((desk) => desk.link === "open" && desk.agent === null);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <header className="top">
        <span className="top-brand">
          <img src="/icon.svg" alt="" width={26} height={26} />
          <span className="top-name">{t("app.name")}</span>
        </span>
        <nav className="top-nav">
          {canDesk && !noAgent && <NavLink to="/desk">{t("app.desk")}</NavLink>}
          {canCalls && <NavLink to="/calls">{t("app.calls")}</NavLink>}
        </nav>
        {canDesk ? <AgentBar /> : <span className="top-space" />}
        <LanguageButton className="top-language" />
        <Account user={user} />
      </header>
      {canDesk && <DeskSession userId={user.id} />}
      {canDesk && <LinkBanner />}
      <main id="main" className="shell-main" tabIndex={-1}>
        <ErrorBoundary>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
    </div>
  );
}

function Account({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const logOut = useLogOut();
  const agentState = useDesk((desk) => desk.agent?.state);

  async function leave() {
    const unsaved = await saveDrafts();
    const agreed =
      unsaved === 0 ||
      (await modal.confirm({
        title: t("app.unsaved", { count: unsaved }),
        content: t("app.unsavedText"),
        okText: t("app.leaveAnyway"),
        okButtonProps: { danger: true },
        cancelText: t("common.cancel"),
      }));
    if (!agreed) return;
    // An agent who leaves must not stay a target for calls.
    if (agentState && agentState !== "offline") await tellDesk({ command: "sign_out" }).catch(() => undefined);
    try {
      await logOut.mutateAsync();
      dropDrafts();
    } catch (error) {
      void message.error(words(error));
    }
    void navigate("/login");
  }

  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [{ key: "out", icon: <LogoutOutlined />, label: t("app.logOut"), disabled: agentState === "talking" }],
        onClick: () => void leave(),
      }}
    >
      <Button type="text" className="top-account" data-testid="account-menu">
        <span className="only-spoken">{t("app.menu")}</span> {user.name} <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}
