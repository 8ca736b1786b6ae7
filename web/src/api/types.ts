/** The service's views, by name. The rest of the pages import them from here only. */
export type * from "./call-types";
export type * from "./crm-types";
export type * from "./desk-types";
