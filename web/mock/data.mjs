/** Made-up people and calls for looking at the pages without the service. */
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();

export const users = {
  agent1: ["王芳", ["workspace.use", "call.read", "call.read_all", "call.export", "recording.play", "number.unmask", "case.read", "case.write"]],
  supervisor: ["高静", ["call.read", "call.read_all", "call.export", "recording.play", "number.unmask", "supervise"]],
};

export const reasons = [
  { code: "break", label_zh: "小休", label_en: "Break" },
  { code: "meal", label_zh: "用餐", label_en: "Meal" },
  { code: "case_work", label_zh: "处理工单", label_en: "Working on a case" },
];

export const enterprises = [
  {
    id: "e1", name: "乌海市联创新材料科技有限公司", credit_code: "91150302MA0Q5LTX3K", kind: "private_enterprise", industry: "化学原料制造", size: "small",
    contacts: [
      { id: "p1", name: "赵明", role: "总经理", preferred: "phone", numbers: [{ id: "n1", number: "139****0001", purpose: "caller" }] },
      { id: "p2", name: "孙丽", role: "财务", preferred: "sms", numbers: [{ id: "n2", number: "138****0022", purpose: "caller" }] },
    ],
  },
  { id: "e2", name: "海勃湾区老张牛肉面馆", credit_code: null, kind: "individual_business", industry: "餐饮业", size: "micro", contacts: [] },
];

export const units = [
  { id: "u1", name: "乌海市税务局", specialists: [
    { id: "s1", name: "李雷", title: "纳税服务科", answerable_scope: "增值税、企业所得税优惠，发票管理", on_duty: true, phones: [{ label: "办公", kind: "internal" }, { label: "手机", kind: "external" }] },
    { id: "s2", name: "韩梅梅", title: "征收管理科", answerable_scope: "税务登记、注销", on_duty: false, phones: [{ label: "办公", kind: "internal" }] },
  ] },
  { id: "u2", name: "乌海市人力资源和社会保障局", specialists: [
    { id: "s3", name: "王强", title: "就业促进科", answerable_scope: "稳岗返还、社保补贴、职业技能提升补贴的申领条件与流程", on_duty: true, phones: [{ label: "办公", kind: "internal" }] },
  ] },
];

const caseRow = (id, number, state, type, title, age) => ({
  id, number, state, type, urgency: "normal", title, confidential: false, enterprise_id: "e1",
  enterprise_name: enterprises[0].name, created_by: "u1", created_at: ago(age), updated_at: ago(age),
});
export const openCases = [caseRow("k1", "20261120000017", "in_progress", "help", "高新技术企业认定材料补正进度查询", 4 * 86400)];
export const pastCases = [
  caseRow("k2", "20261012000102", "closed", "consult", "小微企业印花税减半征收政策咨询", 43 * 86400),
  caseRow("k3", "20260903000031", "closed_direct", "consult", "跨区迁移税务登记", 82 * 86400),
];

const outcomes = ["answered", "answered", "answered", "abandoned_queue", "answered", "voicemail", "abandoned_menu", "answered", "out_of_hours", "failed"];
export const calls = Array.from({ length: 120 }, (_, i) => {
  const outcome = i === 0 ? "live" : outcomes[i % 10];
  const answered = outcome === "answered" || outcome === "live";
  return {
    call_id: `01936f00-0000-7000-8000-${String(i).padStart(12, "0")}`,
    started_at: ago(300 + i * 1740), caller_number: i % 9 === 4 ? "" : `139****${String(1000 + i * 37).slice(-4)}`,
    caller_name: i % 3 ? "赵明" : "", enterprise_name: i % 3 ? enterprises[i % 2].name : null,
    queue: ["abandoned_menu", "out_of_hours"].includes(outcome) ? null : i % 4 ? "enterprise" : "general", outcome,
    agents: answered ? [String(1001 + (i % 3))] : [], waited_seconds: answered ? 4 + ((i * 7) % 40) : null,
    talk_seconds: answered ? 45 + ((i * 53) % 700) : null, survey: answered && i % 2 ? 1 + (i % 5) : null,
    has_recording: answered, has_voicemail: outcome === "voicemail", case_numbers: answered && i % 2 === 0 ? [`202611${String(24 - Math.floor(i / 40))}0000${10 + (i % 80)}`] : [],
  };
});

export function detail(id) {
  const row = calls.find((call) => call.call_id === id);
  if (!row) return null;
  const start = Date.parse(row.started_at);
  const at = (s) => new Date(start + s * 1000).toISOString();
  return {
    ...row, dialed: "12345", entry: "trunk", flow: "enterprise-hotline", flow_version: 3,
    path: [
      { at: at(0), node: "welcome", label: "欢迎词", digits: "" },
      { at: at(3), node: "menu", label: "主菜单", digits: "1" },
      { at: at(7), node: "workspace", label: "企业服务专席", digits: "" },
    ],
    queued_at: at(8),
    attempts: [
      { agent: "1002", rang_at: at(9), answered_at: null, result: "missed", rang_seconds: 15 },
      { agent: "1001", rang_at: at(25), answered_at: at(28), result: "answered", rang_seconds: 3 },
    ],
    answered_at: at(28), ended_at: at(28 + (row.talk_seconds ?? 60)), hold_seconds: 21, ended_by: "caller", cause: "Normal Clearing",
    threeway: [{ specialist: "李雷", unit: "乌海市税务局", at: at(95), result: "merged" }],
    recording: row.has_recording ? { seconds: row.talk_seconds ?? 60, sides: ["mix", "caller", "agent"] } : null,
    voicemail: row.has_voicemail ? { seconds: 12, sides: ["voicemail"] } : null,
    recording_removed_at: null,
    cases: row.case_numbers.map((number, i) => ({ id: `c${i}`, number, title: "增值税留抵退税办理进度咨询", state: "pending_review" })),
  };
}

export const pop = (callId, known) => ({
  call_id: callId, enterprise: known ? enterprises[0] : null, contact: known ? enterprises[0].contacts[0] : null, candidates: [], call_cases: [],
  open_cases: known ? openCases : [], past_cases: known ? pastCases : [],
  earlier_calls: known ? calls.slice(1, 5).map((c) => ({ ...c, talk_seconds: c.talk_seconds ?? 0 })) : [],
});

export { ago };
