import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { isProblem } from "../api/problem";
import { useSession } from "../api/session";
import type { SessionUser } from "../api/types";
import "../admin/admin.css";
import "../i18n/office";
import { Failed } from "../ui/Failed";
import { homeOf } from "./access";
import { Forbidden } from "./Forbidden";
import { Login } from "./Login";
import { useLogOutInOtherTabs } from "./logOut";
import { LogInSteps } from "./LogInSteps";
import { NotFound } from "./NotFound";
import "./office.css";
import { opens, routesOf } from "./opening";
import { SECTIONS } from "./sections";
import { Shell } from "./Shell";
import "./shell.css";
import { theme } from "./theme";
import { Waiting } from "./Waiting";

const AccountPage = lazy(() => import("../account/AccountPage"));
const PrintPage = lazy(() => import("../cases/PrintPage"));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the service refuses it refuses again; only a passing trouble is worth another try.
      retry: (count, error) => count < 2 && isProblem(error) && (error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: false,
    },
  },
});

export default function Office() {
  const { i18n } = useTranslation();
  useLogOutInOtherTabs(client);
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider theme={theme} locale={i18n.language === "en" ? enUS : zhCN} button={{ autoInsertSpace: false }}>
        <AntApp className="office" message={{ maxCount: 3, top: 60 }}>
          <Pages />
        </AntApp>
      </ConfigProvider>
    </QueryClientProvider>
  );
}

/** The agent's page had this address before. */
const BEFORE = "/desk";

/** Opened from the account menu; no section of the rail. */
const ACCOUNT = "/account";

/** A case sheet alone on its page, without rail and head. */
const PRINT = "/cases/:id/print";

function Pages() {
  const session = useSession();
  if (session.isPending) return <Waiting />;
  if (session.isError) return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  if (session.data?.step) return <LogInSteps step={session.data.step} />;
  const user = session.data?.user ?? null;
  if (user === null) {
    return (
      <Routes>
        <Route path="/login" element={<Login />} />
        {[BEFORE, ACCOUNT, PRINT, ...SECTIONS.flatMap(routesOf)].map((path) => (
          <Route key={path} path={path} element={<ToLogin />} />
        ))}
        <Route path="*" element={<NotFound />} />
      </Routes>
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <Routes>
        <Route element={<Shell user={user} />}>
          {SECTIONS.flatMap((section) =>
            routesOf(section).map((path) => (
              <Route
                key={path}
                path={path}
                element={opens(user, section) ? section.page(user) : <Forbidden section={section} />}
              />
            )),
          )}
          <Route path={ACCOUNT} element={<AccountPage />} />
        </Route>
        <Route path={PRINT} element={<PrintPage />} />
        <Route path={BEFORE} element={<Navigate to="/workspace" replace />} />
        <Route path="/login" element={<BackFromLogin user={user} />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  );
}

function ToLogin() {
  const { pathname, search } = useLocation();
  const here = pathname + search;
  return <Navigate to={here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`} replace />;
}

function BackFromLogin({ user }: { user: SessionUser }) {
  const next = new URLSearchParams(useLocation().search).get("next") ?? "";
  // Only a path of our own: an address that somebody put in the link must not be followed.
  const safe = /^\/(?![/\\])/.test(next);
  return <Navigate to={safe ? next : homeOf(user)} replace />;
}
