import type { shellZh } from "./shell.zh";

export const shellEn: typeof shellZh = {
  section: {
    workGroup: "Work",
    adminGroup: "Administration",
    home: "Home",
    homeDoes: "Your work, and today at a glance",
    workspace: "Workspace",
    workspaceDoes: "Answer calls, see who is calling, write the case, bring in a specialist",
    calls: "Calls",
    callsDoes: "Find calls, recordings and messages",
  },
  home: {
    hello: "Hello, {{name}}",
    noRole: "Your account has no role yet",
    noRoleText: "A role decides which pages you may open: agent, handling unit, quality assurance and others.",
    ask: "Administrators who can give you one: {{names}}.",
    and: ", ",
    askOperator: "No administrator's account is active. Ask whoever runs this system.",
    today: "Calls today",
    figure: { all: "Calls today", answered: "Answered", abandoned_queue: "Gave up in the queue", voicemail: "Messages" },
  },
  role: {
    agent: { name: "Agent" },
    specialist: { name: "Policy specialist" },
    dispatcher: { name: "Dispatcher" },
    unit_handler: { name: "Unit handler" },
    callback: { name: "Callback" },
    kb_editor: { name: "Knowledge editor" },
    kb_reviewer: { name: "Knowledge reviewer" },
    qa: { name: "Quality assurance" },
    supervisor: { name: "Supervisor" },
    telephony_admin: { name: "Telephony administrator" },
    system_admin: { name: "System administrator" },
  },
};
