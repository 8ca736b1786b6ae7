import { ago, pop } from "./data.mjs";

const now = () => new Date().toISOString();

/** The workspace's state behind the mock: one agent, one call at a time. */
export class Scene {
  seq = 0;
  boot = "b1";
  known = true;
  refusing = false;
  sockets = new Set();
  peer = null;
  timers = [];
  agent = {
    number: "1001", name: "王芳", state: "offline", since: ago(125), pause_reason: null, pause_after: null, phone: "browser",
    phone_registered: false, why_not_ready: ["not_signed_in"], wrap_up_until: null, queues: ["enterprise", "general"],
  };
  call = null;
  queues = [
    { name: "enterprise", label_zh: "企业服务专席", label_en: "Enterprise workspace", waiting: 2, longest_wait_since: ago(24), ready: 3, talking: 5 },
    { name: "general", label_zh: "综合服务", label_en: "General service", waiting: 0, longest_wait_since: null, ready: 2, talking: 1 },
  ];

  hooks = {
    registered: (peer) => {
      this.peer = peer;
      this.setAgent({ phone_registered: true });
    },
    gone: (peer) => {
      if (this.peer === peer) {
        this.peer = null;
        this.setAgent({ phone_registered: false });
      }
    },
    answered: () => this.call?.state === "ringing" && this.answer(),
    ended: () => this.call && this.wrapUp("agent"),
  };

  phone(peer) {
    this.last = peer;
  }

  workspace(socket) {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("message", (text) => this.command(socket, JSON.parse(String(text))));
    this.snapshot(socket);
  }

  snapshot(socket) {
    const { agent, call, queues } = this;
    const shown = call && pop(call.call_id, this.known);
    socket.send(JSON.stringify({ type: "snapshot", seq: ++this.seq, boot: this.boot, server_time: now(), agent, call, pop: shown, queues, softphone: true }));
  }

  tell(type, value) {
    const text = JSON.stringify({ type, seq: ++this.seq, [type]: value });
    for (const socket of this.sockets) socket.send(text);
  }

  tellPop() {
    const { call_id } = this.call;
    const text = JSON.stringify({ type: "pop", seq: ++this.seq, call_id, pop: pop(call_id, this.known), error: null });
    for (const socket of this.sockets) socket.send(text);
  }

  setAgent(change) {
    const since = change.state && change.state !== this.agent.state ? { since: now() } : {};
    this.agent = { ...this.agent, ...since, ...change };
    this.tell("agent", this.agent);
  }

  setCall(change) {
    this.call = change && { ...this.call, ...change };
    this.tell("call", this.call);
  }

  command(socket, { id, command, ...args }) {
    const reply = (more) => socket.send(JSON.stringify({ type: "reply", id, error: null, ...more }));
    if (command === "resync") {
      this.snapshot(socket);
      return reply({ ok: true });
    }
    const act = this.commands[command];
    if (!act) return reply({ ok: false, error: { error_id: "command.malformed", title: "The command is not understood", detail: command } });
    act(args);
    reply({ ok: true });
  }

  threeway(state, more = {}) {
    const with_caller = ["merged", "toggled"].includes(state);
    this.setCall({ threeway: { state, with_caller, specialist: { id: "s1", name: "李雷", unit_name: "乌海市税务局" }, since: now(), error: null, ...more } });
  }

  commands = {
    sign_in: ({ phone }) => this.setAgent({ state: "paused", pause_reason: "signed_in", phone, why_not_ready: ["paused"] }),
    sign_out: () => this.setAgent({ state: "offline", pause_reason: null, why_not_ready: ["not_signed_in"] }),
    ready: () => this.setAgent({ state: "ready", pause_reason: null, why_not_ready: [] }),
    pause: ({ reason }) => this.setAgent(this.call?.state === "talking" ? { pause_after: reason } : { state: "paused", pause_reason: reason, why_not_ready: ["paused"] }),
    finish_wrap_up: () => {
      this.setCall(null);
      this.setAgent({ state: "ready", wrap_up_until: null });
    },
    extend_wrap_up: () => this.setAgent({ wrap_up_until: new Date(Date.parse(this.agent.wrap_up_until) + 60_000).toISOString() }),
    hang_up: () => this.wrapUp("agent"),
    consult: () => {
      this.threeway("consult_ringing");
      this.later(1500, () => this.call?.threeway?.state === "consult_ringing" && this.threeway("consulting"));
    },
    cancel_consult: () => this.setCall({ threeway: null }),
    merge: () => this.threeway("merged"),
    toggle: () => this.threeway(this.call.threeway.state === "toggled" ? "consulting" : "toggled"),
    drop: ({ leg }) => (leg === "specialist" ? this.setCall({ threeway: null }) : this.threeway("without_caller")),
    leave: () => this.wrapUp("agent"),
    reconnect: () => this.later(300, () => this.last?.ring("13900001037", ["X-Hotline-Reconnect: mock"])),
  };

  later(ms, act) {
    this.timers.push(setTimeout(act, ms));
  }

  answer() {
    this.setAgent({ state: "talking", why_not_ready: ["in_call"] });
    this.setCall({ state: "talking", answered_at: now(), recording: true });
  }

  wrapUp() {
    this.last?.hangUp();
    if (!this.call) return;
    this.setCall({ state: "wrap_up", ended_at: now(), recording: false, threeway: null });
    this.setAgent({ state: "wrap_up", why_not_ready: ["wrap_up"], wrap_up_until: new Date(Date.now() + 45_000).toISOString() });
  }

  play(act, query) {
    switch (act) {
      case "ring":
        this.known = query.get("known") !== "no";
        this.call = null;
        this.setCall({
          call_id: `01936f00-0000-7000-8000-${Date.now().toString(16).padStart(12, "0")}`, state: "ringing",
          caller: { number: query.get("number") ?? "13900001037", name: "" }, entry: query.get("entry") ?? "trunk", queue: "enterprise",
          queued_at: ago(12), rang_at: now(), answered_at: null, ended_at: null,
          enterprise: this.known ? { id: "e1", name: "乌海市联创新材料科技有限公司" } : null, contact: this.known ? { id: "p1", name: "赵明" } : null,
          path: [{ at: ago(20), node: "welcome", label: "欢迎词", digits: "" }, { at: ago(16), node: "menu", label: "主菜单", digits: "1" }, { at: ago(12), node: "workspace", label: "企业服务专席", digits: "" }],
          threeway: null, recording: false, survey: null,
        });
        this.tellPop();
        this.setAgent({ state: "ringing", why_not_ready: ["ringing"] });
        if (this.agent.phone === "browser") this.last?.ring((query.get("number") ?? "13900001037") || "anonymous");
        break;
      case "answer":
        this.answer();
        break;
      case "caller-hangs-up":
        this.wrapUp();
        break;
      case "threeway":
        this.threeway(query.get("state"), query.get("error") ? { specialist: null, error: { code: query.get("error"), detail: "" } } : {});
        break;
      case "agent":
        this.setAgent(Object.fromEntries(query));
        break;
      case "drop-sockets":
        this.refusing = query.get("refuse") === "yes";
        for (const socket of this.sockets) socket.terminate();
        break;
      case "restart":
        this.boot = `b${Date.now()}`;
        this.seq = 0;
        this.refusing = false;
        for (const socket of this.sockets) socket.terminate();
        break;
      case "reset":
        this.timers.forEach(clearTimeout);
        this.last?.hangUp();
        this.setCall(null);
        this.setAgent({ state: "offline", pause_reason: null, pause_after: null, why_not_ready: ["not_signed_in"], phone: "browser", wrap_up_until: null });
        break;
    }
  }
}
