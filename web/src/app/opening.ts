import { hasRole } from "../api/roles";
import type { SessionUser } from "../api/types";
import { mayOpen } from "./access";
import type { Section } from "./section";
import { SECTIONS } from "./sections";

export function opens(user: SessionUser, { anyOf, roles }: Section): boolean {
  return mayOpen(user, anyOf) && (roles === undefined || hasRole(user, ...roles));
}

export function mayOpenPath(user: SessionUser, path: string): boolean {
  return SECTIONS.some((section) => section.path === path && opens(user, section));
}

export function sectionsOf(user: SessionUser): Section[] {
  return SECTIONS.filter((section) => opens(user, section));
}

export function routesOf({ path, subject, also = [] }: Section): string[] {
  return [subject ? `${path}/:id?` : path, ...also];
}

export function sectionAt(pathname: string): Section | undefined {
  return SECTIONS.find(({ path }) => pathname === path || (path !== "/" && pathname.startsWith(`${path}/`)));
}
