import { newId } from "../ui/newId";
import { backoff } from "../api/backoff";
import { api, unwrap } from "../api/client";
import { isProblem } from "../api/problem";
import type { CaseView } from "../api/types";
import { words } from "../app/words";
import * as d from "./draft";
import { forget, keep, keptOf } from "./kept";

const PAUSE_MS = 700;

/** What the keeper is about: a call's case, or a case opened by itself. */
export interface Subject {
  slot: string;
  callId: string | null;
  caseId: string | null;
}

function passing(error: unknown): boolean {
  return isProblem(error) && (error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500);
}

/** Keeps one draft: in the browser's storage at every key press, on the server when the typing pauses. */
export class Keeper {
  draft: d.Draft = d.EMPTY;
  loading = true;
  loadError: unknown = null;
  /** Something from before a reload was laid over the server's case. */
  restored = false;
  /** Who called, as the screen pop knows: goes into a case when it is made. */
  private identity: d.Edits = {};

  private id: string = newId();
  private started = false;
  private stopped = false;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked: Promise<void> | null = null;
  private flight: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor(
    readonly subject: Subject,
    private readonly owner: string,
  ) {
    const kept = keptOf(owner, subject.slot);
    if (kept) {
      this.id = kept.id;
      this.draft = d.open(null, kept.edits);
      this.restored = Object.keys(kept.edits).length > 0;
    }
  }

  /** Asks the server for the case, unless it has been given; safe to call twice. What is typed before is kept, and saved after. */
  start(): void {
    if (this.started && this.loadError === null) return;
    this.started = true;
    void this.load();
  }

  /** Nothing is being asked, saved or drawn, nor left to be: a new keeper would do as well. */
  get idle(): boolean {
    const busy = this.asked !== null || this.flight !== null || this.loadError !== null;
    return !busy && this.listeners.size === 0 && Object.keys(this.draft.edits).length === 0;
  }

  /** Asks, saves and keeps nothing more: its user has left, or it is not needed. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): d.Draft => this.draft;

  /** Nothing can be saved before this has succeeded, so that a server which is away is asked again until it is back. */
  load(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.asked ??= this.ask().finally(() => {
      this.asked = null;
    });
    return this.asked;
  }

  identify(identity: d.Edits): void {
    this.identity = identity;
  }

  edit(changes: d.Edits): void {
    this.restored = false;
    this.put(d.edit(this.draft, changes));
    this.schedule(PAUSE_MS);
  }

  resolve(field: d.Field, choice: "mine" | "theirs"): void {
    this.put(d.resolve(this.draft, field, choice));
    this.schedule(0);
  }

  /** Saves what is left; true when the server has everything, or there was nothing. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.started && (this.loading || this.loadError !== null)) await this.load();
    await this.landed();
    this.launch();
    await this.landed();
    const status = d.saveStatus(this.draft);
    return status === "saved" || status === "empty";
  }

  /** The case as an action (submit, not accepted, …) left it. */
  took(view: CaseView): void {
    this.put(d.saved(this.draft, view));
  }

  private async ask(): Promise<void> {
    this.loading = true;
    try {
      const base = await this.find();
      // What was typed while loading lies in `edits` already.
      this.put(d.open(base, this.draft.edits));
      this.loadError = null;
      this.attempt = 0;
    } catch (error) {
      this.loadError = error;
    }
    this.loading = false;
    this.changed();
    this.schedule(this.loadError === null ? 0 : backoff(this.attempt++, Math.random()));
  }

  private async find(): Promise<CaseView | null> {
    const { caseId, callId } = this.subject;
    if (caseId !== null) return this.read(caseId);
    if (callId === null || this.subject.slot !== `call:${callId}`) return null;
    const query = { call_id: callId, state: ["draft" as const], limit: 1 };
    const found = await unwrap(api.GET("/api/cases", { params: { query } }));
    const first = found.items[0];
    return first ? this.read(first.id) : null;
  }

  private read(id: string): Promise<CaseView> {
    return unwrap(api.GET("/api/cases/{case_id}", { params: { path: { case_id: id } } }));
  }

  private async landed(): Promise<void> {
    const flight = this.flight;
    if (flight === null) return;
    await flight;
    await this.landed();
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => this.launch(), delay);
  }

  private launch(): void {
    if (this.stopped || this.loading || this.flight !== null) return;
    if (this.loadError !== null) {
      if (passing(this.loadError)) void this.load();
      return;
    }
    const next = d.send(this.draft);
    if (next === null) return;
    this.put(next.draft);
    this.flight = this.save(next.changes).finally(() => {
      this.flight = null;
      if (Object.keys(this.draft.edits).length === 0) return;
      this.schedule(this.draft.stalled ? backoff(this.attempt++, Math.random()) : PAUSE_MS / 2);
    });
  }

  private async save(changes: d.Edits): Promise<void> {
    const { base } = this.draft;
    try {
      const view = await (base === null
        ? unwrap(api.POST("/api/cases", { body: { ...this.identity, ...changes, id: this.id, ...this.link() } }))
        : unwrap(
            api.PATCH("/api/cases/{case_id}", { params: { path: { case_id: base.id } }, body: d.patchOf(base, changes) }),
          ));
      this.attempt = 0;
      this.put(d.saved(this.draft, view));
    } catch (error) {
      await this.failed(error);
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (isProblem(error, "case.version_conflict") && this.draft.base) {
      try {
        this.put(d.conflicted(this.draft, await this.read(this.draft.base.id)));
      } catch {
        this.put(d.stalled(this.draft));
      }
      return;
    }
    this.put(passing(error) ? d.stalled(this.draft) : d.refused(this.draft, words(error)));
  }

  private link(): { call_id?: string } {
    return this.subject.callId === null ? {} : { call_id: this.subject.callId };
  }

  private put(draft: d.Draft): void {
    this.draft = draft;
    if (!this.stopped) {
      if (Object.keys(draft.edits).length > 0) keep(this.owner, this.subject.slot, { id: this.id, edits: draft.edits });
      else forget(this.owner, this.subject.slot);
    }
    this.changed();
  }

  private changed(): void {
    this.listeners.forEach((listener) => listener());
  }
}
