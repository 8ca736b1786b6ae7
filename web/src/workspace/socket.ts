import { backoff } from "../api/backoff";
import { Problem } from "../api/problem";
import { type Command, readMessage, type ServerMessage } from "./messages";

const ANSWER_MS = 10_000;
/** Without a word for so long the link is asked; without an answer it is made again. */
const QUIET_MS = 25_000;

export interface SocketEvents {
  opened: () => void;
  closed: () => void;
  message: (message: ServerMessage) => void;
}

interface Waiting {
  resolve: () => void;
  reject: (problem: Problem) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** The link to the service: makes itself again, for ever, until it is closed. */
export class WorkspaceSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private stopped = false;
  private heardAt = 0;
  private sent = 0;
  private readonly waiting = new Map<string, Waiting>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
  ) {}

  start(): void {
    window.addEventListener("online", this.hurry);
    this.watch = setInterval(() => this.check(), QUIET_MS / 5);
    this.connect();
  }

  /** Safe to call twice. */
  close(): void {
    this.stopped = true;
    window.removeEventListener("online", this.hurry);
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.drop();
  }

  /** Resolves when the service has done it; rejects with a Problem. Never sent twice. */
  command(command: Command): Promise<void> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new Problem(0, "command.disconnected", ""));
    }
    const id = String(++this.sent);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Problem(0, "command.timeout", ""));
      }, ANSWER_MS);
      this.waiting.set(id, { resolve, reject, timer });
      socket.send(JSON.stringify({ id, ...command }));
    });
  }

  private readonly hurry = (): void => {
    if (this.socket !== null || this.stopped) return;
    this.attempt = 0;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heardAt = Date.now();
    socket.onopen = () => {
      if (this.socket === socket) this.events.opened();
    };
    socket.onmessage = (event) => {
      if (this.socket === socket && typeof event.data === "string") this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private receive(frame: string): void {
    this.heardAt = Date.now();
    const message = readMessage(frame);
    if (message === null) return;
    if (message.type === "snapshot") this.attempt = 0;
    if (message.type === "reply") this.settle(message);
    else this.events.message(message);
  }

  private settle(reply: ServerMessage & { type: "reply" }): void {
    const waiting = this.waiting.get(reply.id);
    if (!waiting) return;
    this.waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.error === null) waiting.resolve();
    else waiting.reject(new Problem(409, reply.error.error_id, reply.error.detail || reply.error.title));
  }

  private lost(): void {
    this.drop();
    if (this.stopped) return;
    this.events.closed();
    this.timer = setTimeout(() => this.connect(), backoff(this.attempt++, Math.random()));
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const waiting of this.waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new Problem(0, "command.disconnected", ""));
    }
    this.waiting.clear();
  }

  private check(): void {
    const quiet = Date.now() - this.heardAt;
    if (this.socket === null || quiet < QUIET_MS) return;
    if (quiet > QUIET_MS + ANSWER_MS) this.lost();
    else if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ id: "watch", command: "resync" }));
  }
}
