import type { components } from "../api/generated";

export type User = components["schemas"]["UserView"];
export type Role = components["schemas"]["Role"];
export type Access = components["schemas"]["AccessView"];
export type RoleRequest = components["schemas"]["RoleRequestView"];

export const USERS = ["users"];
export const REQUESTS = ["role-requests"];
