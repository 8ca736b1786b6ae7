/** The service's routes in the form openapi-typescript writes, so that its output can take this place. */
import type * as t from "./types";

type Ok<R> = { 200: { content: { "application/json": R } } };
type Made<R> = { 201: { content: { "application/json": R } } };
type Gone = { 204: { content?: never } };
type Body<B> = { content: { "application/json": B } };
type At<P> = [P] extends [never] ? { path?: never } : { path: P };
type Get<R, Q = never, P = never> = { parameters: { query?: Q } & At<P>; responses: Ok<R> };
type Send<B, R, P = never> = { parameters: { query?: never } & At<P>; requestBody: Body<B>; responses: R };
type Act<R, P = never> = { parameters: { query?: never } & At<P>; responses: R };
interface Id {
  id: string;
}

export interface paths {
  "/api/session": {
    get: Get<t.SessionView>;
    post: Send<{ username: string; password: string }, Ok<t.SessionView>>;
    delete: Act<Gone>;
  };
  "/api/desk/phone": { get: Get<t.DeskPhone> };
  "/api/desk/pause-reasons": { get: Get<t.PauseReason[]> };
  "/api/screen-pop/{id}": { get: Get<t.ScreenPop, never, Id> };
  "/api/enterprises": {
    get: Get<t.Page<t.EnterpriseRow>, { search?: string; limit?: number; cursor?: string }>;
    post: Send<t.EnterpriseDraft, Made<t.EnterpriseView>>;
  };
  "/api/enterprises/{id}": { get: Get<t.EnterpriseView, never, Id> };
  "/api/enterprises/{id}/contacts": { post: Send<t.ContactDraft, Made<t.ContactView>, Id> };
  "/api/cases": {
    get: Get<
      t.Page<t.CaseRow>,
      { state?: string[]; mine?: boolean; enterprise_id?: string; call_id?: string; search?: string; limit?: number }
    >;
    post: Send<t.CaseDraft, Made<t.CaseView>>;
  };
  "/api/cases/{id}": { get: Get<t.CaseView, never, Id>; patch: Send<t.CasePatch, Ok<t.CaseView>, Id> };
  "/api/cases/{id}/submit": { post: Act<Ok<t.CaseView>, Id> };
  "/api/cases/{id}/not-accepted": { post: Send<t.NotAccepted, Ok<t.CaseView>, Id> };
  "/api/cases/{id}/emergency": { post: Send<{ service: string }, Ok<t.CaseView>, Id> };
  "/api/cases/{id}/close-direct": { post: Send<t.DirectAnswer, Ok<t.CaseView>, Id> };
  "/api/units": { get: Get<t.UnitView[]> };
  "/api/calls": { get: Get<t.Page<t.CallRow>, t.CallFilter> };
  "/api/calls/{id}": { get: Get<t.CallDetail, never, Id> };
  "/api/calls/{id}/peaks": { get: Get<t.Peaks, never, Id> };
  "/api/calls/{id}/unmask": { post: Act<Ok<{ caller_number: string }>, Id> };
  "/api/public/call": { get: Get<t.PublicCall> };
}
