import {
  ApartmentOutlined,
  AuditOutlined,
  CalendarOutlined,
  BankOutlined,
  BranchesOutlined,
  CustomerServiceOutlined,
  FileSearchOutlined,
  FileTextOutlined,
  FieldTimeOutlined,
  FlagOutlined,
  HeartOutlined,
  HomeOutlined,
  IdcardOutlined,
  MessageOutlined,
  NotificationOutlined,
  PhoneOutlined,
  ReadOutlined,
  SafetyOutlined,
  SettingOutlined,
  ShopOutlined,
  TeamOutlined,
  UnorderedListOutlined,
} from "@ant-design/icons";
import { lazy } from "react";
import type { Permission } from "../api/types";
import { mayOpen } from "./access";
import type { Section } from "./section";

const HomePage = lazy(() => import("./HomePage"));
const WorkspacePage = lazy(() => import("../workspace/WorkspacePage"));
const CallsPage = lazy(() => import("../calls/CallsPage"));
const CasesPage = lazy(() => import("../cases/CasesPage"));
const SupervisionPage = lazy(() => import("../supervision/SupervisionPage"));
const EnterprisesPage = lazy(() => import("../enterprises/EnterprisesPage"));
const KnowledgePage = lazy(() => import("../knowledge/KnowledgePage"));
const UnitsPage = lazy(() => import("../units/UnitsPage"));
const CataloguePage = lazy(() => import("../catalogue/CataloguePage"));
const FlowsPage = lazy(() => import("../flows/FlowsPage"));
const UsersPage = lazy(() => import("../admin/UsersPage"));
const OrganisationsPage = lazy(() => import("../admin/OrganisationsPage"));
const AgentsPage = lazy(() => import("../admin/AgentsPage"));
const LimitsPage = lazy(() => import("../limits/LimitsPage"));
const CalendarPage = lazy(() => import("../admin/calendar/CalendarPage"));
const AnnouncementsPage = lazy(() => import("../flows/announcements/AnnouncementsPage"));
const RoleRequestsPage = lazy(() => import("../admin/RoleRequestsPage"));
const RolesPage = lazy(() => import("../admin/RolesPage"));
const AuditPage = lazy(() => import("../admin/AuditPage"));
const MessagesPage = lazy(() => import("../notices/MessagesPage"));
const HealthPage = lazy(() => import("../admin/HealthPage"));
const SettingsPage = lazy(() => import("../admin/SettingsPage"));

const READ_CALLS: readonly Permission[] = ["call.read", "call.read_all"];

export const SECTIONS: readonly Section[] = [
  {
    path: "/",
    key: "home",
    icon: <HomeOutlined />,
    group: "work",
    anyOf: [],
    page: (user) => <HomePage user={user} />,
  },
  {
    path: "/workspace",
    key: "workspace",
    icon: <CustomerServiceOutlined />,
    group: "work",
    anyOf: ["workspace.use"],
    page: (user) => <WorkspacePage canCalls={mayOpen(user, READ_CALLS)} />,
  },
  {
    path: "/calls",
    key: "calls",
    icon: <PhoneOutlined />,
    group: "work",
    anyOf: READ_CALLS,
    page: (user) => <CallsPage user={user} />,
  },
  {
    path: "/cases",
    key: "cases",
    icon: <FileTextOutlined />,
    group: "work",
    anyOf: ["case.read"],
    subject: true,
    page: (user) => <CasesPage user={user} />,
  },
  {
    path: "/supervision",
    key: "supervision",
    icon: <FlagOutlined />,
    group: "work",
    anyOf: ["case.read"],
    roles: ["supervisor", "dispatcher", "unit_handler", "unit_head"],
    subject: true,
    page: (user) => <SupervisionPage user={user} />,
  },
  {
    path: "/enterprises",
    key: "enterprises",
    icon: <ShopOutlined />,
    group: "work",
    anyOf: ["enterprise.read"],
    subject: true,
    page: (user) => <EnterprisesPage user={user} />,
  },
  {
    path: "/knowledge",
    key: "knowledge",
    icon: <ReadOutlined />,
    group: "work",
    anyOf: ["knowledge.read"],
    subject: true,
    also: ["/knowledge/requests/:request?"],
    page: (user) => <KnowledgePage user={user} />,
  },
  {
    path: "/units",
    key: "units",
    icon: <BankOutlined />,
    group: "work",
    anyOf: ["unit.read"],
    subject: true,
    also: ["/units/:id/roster", "/units/specialists/:specialist"],
    page: (user) => <UnitsPage user={user} />,
  },
  {
    path: "/catalogue",
    key: "catalogue",
    icon: <UnorderedListOutlined />,
    group: "work",
    anyOf: ["unit.read"],
    subject: true,
    page: (user) => <CataloguePage user={user} />,
  },
  {
    path: "/admin/limits",
    key: "limits",
    icon: <FieldTimeOutlined />,
    group: "work",
    anyOf: ["case.read", "calendar.manage"],
    page: (user) => <LimitsPage user={user} />,
  },
  {
    path: "/flows",
    key: "flows",
    icon: <BranchesOutlined />,
    group: "work",
    anyOf: ["flow.read"],
    subject: true,
    also: ["/flows/prompts/:prompt?"],
    page: (user) => <FlowsPage user={user} />,
  },
  {
    path: "/admin/users",
    key: "users",
    icon: <TeamOutlined />,
    group: "admin",
    anyOf: ["user.read"],
    subject: true,
    page: (user) => <UsersPage user={user} />,
  },
  {
    path: "/admin/organisations",
    key: "organisations",
    icon: <ApartmentOutlined />,
    group: "admin",
    anyOf: ["user.read"],
    subject: true,
    page: (user) => <OrganisationsPage user={user} />,
  },
  {
    path: "/admin/agents",
    key: "agents",
    icon: <IdcardOutlined />,
    group: "admin",
    anyOf: ["agent.manage"],
    subject: true,
    page: () => <AgentsPage />,
  },
  {
    path: "/admin/calendar",
    key: "calendar",
    icon: <CalendarOutlined />,
    group: "admin",
    anyOf: ["calendar.manage"],
    page: (user) => <CalendarPage user={user} />,
  },
  {
    path: "/flows/announcements",
    key: "announcements",
    icon: <NotificationOutlined />,
    group: "admin",
    anyOf: ["flow.read"],
    page: (user) => <AnnouncementsPage user={user} />,
  },
  {
    path: "/admin/roles",
    key: "roles",
    icon: <SafetyOutlined />,
    group: "admin",
    anyOf: ["user.read"],
    page: () => <RolesPage />,
  },
  {
    path: "/admin/approvals",
    key: "approvals",
    icon: <AuditOutlined />,
    group: "admin",
    anyOf: ["role.approve"],
    page: () => <RoleRequestsPage />,
  },
  {
    path: "/admin/audit",
    key: "audit",
    icon: <FileSearchOutlined />,
    group: "admin",
    anyOf: ["audit.read"],
    page: (user) => <AuditPage user={user} />,
  },
  {
    path: "/admin/messages",
    key: "messages",
    icon: <MessageOutlined />,
    group: "admin",
    anyOf: ["message.manage"],
    page: (user) => <MessagesPage user={user} />,
  },
  {
    path: "/admin/health",
    key: "health",
    icon: <HeartOutlined />,
    group: "admin",
    anyOf: ["settings.manage"],
    page: () => <HealthPage />,
  },
  {
    path: "/admin/settings",
    key: "settings",
    icon: <SettingOutlined />,
    group: "admin",
    anyOf: ["settings.manage"],
    page: () => <SettingsPage />,
  },
];
