/**
 * A stand-in for the service, for looking at the pages and for their tests: serves web/dist under the real
 * content security policy, the API from made-up data, the workspace's socket, and a SIP peer that carries no sound.
 * POST /mock/<do>?… moves the scene: ring, caller-hangs-up, threeway?state=, drop-sockets, restart, fail?path=&status=, agent?state=.
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import * as data from "./data.mjs";
import { Scene } from "./scene.mjs";
import { SipPeer } from "./sip.mjs";

const port = Number(process.env.PORT ?? 8090);
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const CSP = `default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

const scene = new Scene();
const failures = new Map();
const cases = new Map();

function json(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
const problem = (response, status, id, detail = "") => json(response, status, { status, error_id: id, title: id, detail });
const page = (items, next = null, total = items.length) => ({ items, next, total });

function sessionOf(request) {
  const name = /hotline_mock=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  const user = name && data.users[name];
  return user ? { user: { id: name, username: name, name: user[0], roles: [], permissions: user[1] } } : null;
}

function newCase(body) {
  const id = body.id ?? crypto.randomUUID();
  const made = {
    number: "20261124000042", spoken_number: "2026 1124 0000 42", state: "draft", version: 1, channel: "phone", type: null, life_cycle_stage: null,
    urgency: "normal", title: "", content: "", unit_complained_of: "", complaint_type: "", demand: "", place: "", occurred_at: null, confidential: false,
    enterprise_id: null, enterprise_name: null, contact_id: null, callback_number: "", created_by: "agent1", created_by_name: "王芳",
    created_at: new Date().toISOString(), updated_at: new Date().toISOString(), missing: [], steps: [], call_ids: body.call_id ? [body.call_id] : [], ...body, id,
  };
  cases.set(id, made);
  return made;
}

function changeCase(response, found, body, action) {
  if (action) found.state = { submit: "pending_review", "not-accept": "not_accepted", "transfer-emergency": "emergency_transferred", "close-direct": "closed_direct" }[action];
  else if (body.version !== found.version) return problem(response, 409, "case.version_conflict");
  else Object.assign(found, body);
  found.version += 1;
  found.updated_at = new Date().toISOString();
  json(response, 200, found);
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

function wav(seconds) {
  const rate = 8000;
  const samples = Buffer.alloc(rate * seconds * 2);
  for (let i = 0; i < rate * seconds; i++) samples.writeInt16LE(Math.round(6000 * Math.sin(i / 9) * Math.abs(Math.sin(i / 4000))), i * 2);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0); head.writeUInt32LE(36 + samples.length, 4); head.write("WAVEfmt ", 8); head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22); head.writeUInt32LE(rate, 24); head.writeUInt32LE(rate * 2, 28); head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34);
  head.write("data", 36); head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

async function api(request, response, url) {
  const path = url.pathname;
  const { method } = request;
  const failure = failures.get(path);
  if (failure) return problem(response, failure, failure >= 500 ? "service.unavailable" : "mock.refused", "made to fail");
  const body = method === "POST" || method === "PATCH" ? await bodyOf(request) : {};
  const phone = { ws_url: `ws://${request.headers.host}/sip`, password: "mock", ice_servers: [] };
  if (path === "/api/public/clock") return json(response, 200, { time_zone: "Asia/Shanghai" });
  if (path === "/api/public/call") return json(response, 200, { ...phone, sip_uri: "sip:web-caller@127.0.0.1", username: "web-caller", dial: "12345" });
  if (path === "/api/session" && method === "POST") {
    if (!data.users[body.username] || body.password !== "mock") return problem(response, 401, "auth.wrong_credentials");
    response.setHeader("Set-Cookie", `hotline_mock=${body.username}; Path=/; SameSite=Strict`);
    return json(response, 200, sessionOf({ headers: { cookie: `hotline_mock=${body.username}` } }));
  }
  if (path === "/api/session" && method === "DELETE") {
    response.writeHead(204, { "Set-Cookie": "hotline_mock=; Path=/; Max-Age=0" });
    return response.end();
  }
  const session = sessionOf(request);
  if (!session) return problem(response, 401, "auth.required");
  if (path === "/api/session") return json(response, 200, session);
  if (path === "/api/workspace/phone") return json(response, 200, { ...phone, sip_uri: "sip:1001-web@127.0.0.1", username: "1001-web", endpoint: "1001-web" });
  if (path === "/api/workspace/pause-reasons") return json(response, 200, data.reasons);
  if (path === "/api/units") return json(response, 200, data.units);
  if (path === "/api/enterprises" && method === "POST") return json(response, 201, { id: "e3", credit_code: null, industry: "", size: null, ...body, contacts: [] });
  if (path === "/api/enterprises") return json(response, 200, page(data.enterprises.filter((e) => e.name.includes(url.searchParams.get("search") ?? ""))));
  const [, , area, id, action] = path.split("/");
  if (area === "enterprises" && action === "contacts") return json(response, 201, { id: "p9", role: "", preferred: "phone", ...body, numbers: [] });
  if (area === "enterprises") return json(response, 200, data.enterprises.find((e) => e.id === id) ?? data.enterprises[1]);
  if (area === "cases") {
    if (!id && method === "POST") return json(response, 201, newCase(body));
    if (!id) return json(response, 200, page([...cases.values()].filter((c) => c.state === "draft" && (!url.searchParams.has("call_id") || c.call_ids.includes(url.searchParams.get("call_id"))))));
    const found = cases.get(id) ?? newCase({ ...data.openCases.concat(data.pastCases).find((c) => c.id === id), id, content: "企业反映材料补正后两周未收到回复。" });
    return method === "GET" ? json(response, 200, found) : changeCase(response, found, body, action);
  }
  if (area === "calls") return callLog(request, response, url, id, action);
  return problem(response, 404, "resource.not_found");
}

function callLog(request, response, url, id, action) {
  const query = url.searchParams;
  if (!id) {
    const rows = data.calls.filter((c) => (!query.get("outcome") || c.outcome === query.get("outcome")) && (!query.get("search") || JSON.stringify(c).includes(query.get("search"))));
    const from = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    return json(response, 200, page(rows.slice(from, from + limit), from + limit < rows.length ? String(from + limit) : null, rows.length));
  }
  const found = data.detail(id);
  if (!found) return problem(response, 404, "resource.not_found");
  if (action === "unmask") return json(response, 200, { caller_number: "13900001037" });
  if (action === "peaks") {
    const peaks = Array.from({ length: 800 }, (_, i) => Math.abs(Math.sin(i / 17) * Math.sin(i / 3.1)) * (0.35 + 0.6 * Math.abs(Math.sin(i / 61))));
    return json(response, 200, { seconds: (found.recording ?? found.voicemail)?.seconds ?? 0, peaks });
  }
  if (action === "recording") {
    response.writeHead(200, { "Content-Type": "audio/wav" });
    return response.end(wav((found.recording ?? found.voicemail).seconds));
  }
  return json(response, 200, found);
}

async function file(response, path) {
  const wanted = normalize(join(dist, path));
  const inside = wanted.startsWith(dist) && extname(wanted) !== "";
  const send = async (name) => {
    const body = await readFile(name);
    response.writeHead(200, { "Content-Type": TYPES[extname(name)] ?? "application/octet-stream", "Content-Security-Policy": CSP });
    response.end(body);
  };
  try {
    await send(inside ? wanted : join(dist, "index.html"));
  } catch {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`);
  const [, area, act] = url.pathname.split("/");
  if (area === "mock") {
    if (act === "fail") failures.set(url.searchParams.get("path"), Number(url.searchParams.get("status")));
    else if (act === "mend") failures.clear();
    else scene.play(act, url.searchParams);
    return json(response, 200, { ok: true });
  }
  const done = area === "api" ? api(request, response, url) : file(response, url.pathname);
  done.catch((error) => problem(response, 500, "mock.failed", String(error)));
});

const queues = new WebSocketServer({ noServer: true });
const phones = new WebSocketServer({ noServer: true, handleProtocols: () => "sip" });
server.on("upgrade", (request, socket, head) => {
  if (scene.refusing) return socket.destroy();
  if (request.url === "/sip") {
    phones.handleUpgrade(request, socket, head, (ws) => scene.phone(new SipPeer(ws, scene.hooks)));
  } else {
    queues.handleUpgrade(request, socket, head, (ws) => scene.workspace(ws));
  }
});
server.listen(port, "127.0.0.1", () => process.stdout.write(`mock on http://127.0.0.1:${port}, log in as agent1 / mock\n`));
