import { DownOutlined, LogoutOutlined, MenuFoldOutlined, MenuOutlined, MenuUnfoldOutlined, UserOutlined } from "@ant-design/icons";
import { App, Button, Drawer, Dropdown } from "antd";
import { Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, Outlet, useLocation, useNavigate } from "react-router";
import { may, useLogOut } from "../api/session";
import type { SessionUser } from "../api/types";
import { FinderButton } from "../knowledge/FinderButton";
import { Bell } from "../notices/Bell";
import { AgentBar } from "../workspace/AgentBar";
import { WorkspaceSession } from "../workspace/WorkspaceSession";
import { LinkBanner } from "../workspace/LinkBanner";
import { draftsBelongTo, saveDrafts } from "../workspace/keepers";
import { sendCommand, useWorkspace } from "../workspace/store";
import { ErrorBoundary } from "./ErrorBoundary";
import { leaveEveryTab } from "./logOut";
import { LanguageButton } from "./LanguageButton";
import { Rail } from "./Rail";
import { homeOf } from "./access";
import { sectionAt } from "./opening";
import { useRail } from "./useRail";
import { useSections } from "./useSections";
import { Waiting } from "./Waiting";
import { words } from "./words";

/** The frame of every office page. The phone and its link live here, so that changing the page never ends a call. */
export function Shell({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const canWork = may(user, "workspace.use");
  const rail = useRail(canWork);
  const sections = useSections(user);
  useEffect(() => draftsBelongTo(user.id), [user.id]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <header className="top">
        <Button
          type="text"
          className="top-menu"
          icon={rail.narrow ? <MenuOutlined /> : rail.collapsed ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          aria-label={t(rail.narrow ? "app.openMenu" : rail.collapsed ? "app.showWords" : "app.iconsOnly")}
          aria-expanded={rail.narrow ? rail.open : !rail.collapsed}
          onClick={rail.toggle}
          data-testid="rail-toggle"
        />
        <Link to={homeOf(user)} className="top-brand" title={t("app.name")}>
          <img src="/icon.svg" alt="" width={24} height={24} />
          <span className="top-name">{t("app.name")}</span>
        </Link>
        {canWork ? <AgentBar /> : <span className="top-space" />}
        {may(user, "knowledge.read") && <FinderButton />}
        <Bell />
        <LanguageButton className="top-language" />
        <Account user={user} />
      </header>
      {canWork && <WorkspaceSession userId={user.id} />}
      {canWork && <LinkBanner />}
      <div className="shell-body">
        {rail.narrow ? (
          <Drawer
            placement="left"
            size={264}
            open={rail.open}
            onClose={rail.close}
            title={t("app.name")}
            styles={{ body: { padding: 8 } }}
          >
            <Rail sections={sections} collapsed={false} onChoose={rail.close} />
          </Drawer>
        ) : (
          <aside className="rail" data-collapsed={rail.collapsed}>
            <Rail sections={sections} collapsed={rail.collapsed} />
          </aside>
        )}
        <main id="main" className="shell-main" tabIndex={-1}>
          {/* A page that broke does not stand in the way of the next one. */}
          <ErrorBoundary key={sectionAt(pathname)?.path}>
            <Suspense fallback={<Waiting />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
    </div>
  );
}

function Account({ user }: { user: SessionUser }) {
  const { t } = useTranslation();
  const { message, modal } = App.useApp();
  const navigate = useNavigate();
  const logOut = useLogOut();
  const agentState = useWorkspace((workspace) => workspace.agent?.state);

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
    if (agentState && agentState !== "offline") await sendCommand({ command: "sign_out" }).catch(() => undefined);
    try {
      await logOut.mutateAsync();
      leaveEveryTab();
    } catch (error) {
      void message.error(words(error));
    }
    void navigate("/login");
  }

  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "account", icon: <UserOutlined />, label: t("account.open") },
          { key: "out", icon: <LogoutOutlined />, label: t("app.logOut"), disabled: agentState === "talking" },
        ],
        onClick: ({ key }) => void (key === "account" ? navigate("/account") : leave()),
      }}
    >
      <Button type="text" className="top-account" data-testid="account-menu">
        <span className="only-spoken">{t("app.menu")}</span> {user.name} <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}
