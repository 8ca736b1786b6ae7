import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, Route, Routes } from "react-router";
import { isProblem } from "../api/problem";
import { may, useSession } from "../api/session";
import "../i18n/office";
import { Failed } from "../ui/Failed";
import { Login } from "./Login";
import { NotFound } from "./NotFound";
import "./office.css";
import { Shell } from "./Shell";
import { theme } from "./theme";
import { Waiting } from "./Waiting";

const DeskPage = lazy(() => import("../desk/DeskPage"));
const CallsPage = lazy(() => import("../calls/CallsPage"));

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

function Pages() {
  const session = useSession();
  if (session.isPending) return <Waiting />;
  if (session.isError) return <Failed error={session.error} onRetry={() => void session.refetch()} />;
  const user = session.data;
  if (user === null) {
    return (
      <Routes>
        <Route path="/login" element={<Login />} />
        {["/", "/desk", "/calls"].map((path) => (
          <Route key={path} path={path} element={<ToLogin />} />
        ))}
        <Route path="*" element={<NotFound />} />
      </Routes>
    );
  }
  const canDesk = may(user, "desk.use");
  const canCalls = may(user, "call.read") || may(user, "call.read_all");
  const home = canDesk ? "/desk" : canCalls ? "/calls" : "/none";
  return (
    <Suspense fallback={<Waiting />}>
      <Routes>
        <Route element={<Shell user={user} canDesk={canDesk} canCalls={canCalls} />}>
          <Route path="/desk" element={canDesk ? <DeskPage canCalls={canCalls} /> : <Navigate to={home} replace />} />
          <Route path="/calls" element={canCalls ? <CallsPage user={user} /> : <Navigate to={home} replace />} />
          <Route path="/none" element={<NoAccess />} />
        </Route>
        <Route path="/" element={<Navigate to={home} replace />} />
        <Route path="/login" element={<BackFromLogin home={home} />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  );
}

function NoAccess() {
  const { t } = useTranslation();
  return (
    <div className="whole-page">
      <h1>{t("app.noAccess")}</h1>
      <p>{t("app.noAccessText")}</p>
    </div>
  );
}

function ToLogin() {
  const here = window.location.pathname + window.location.search;
  return <Navigate to={here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`} replace />;
}

function BackFromLogin({ home }: { home: string }) {
  const next = new URLSearchParams(window.location.search).get("next") ?? "";
  // Only a path of our own: an address that somebody put in the link must not be followed.
  const safe = /^\/(?![/\\])/.test(next);
  return <Navigate to={safe ? next : home} replace />;
}
