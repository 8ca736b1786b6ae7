import type { organisationsZh } from "./organisations.zh";

export const organisationsEn: typeof organisationsZh = {
  organisations: {
    name: "Organisation",
    kindWord: "Kind",
    kind: { hotline: "Hotline", vendor: "Vendor", unit: "Unit" },
    parent: "Under",
    users: "Active users",
    state: "State",
    add: "New organisation",
    search: "Search organisations",
    none: "No organisations yet", noneHint: "Add an organisation first, then put users into it.",
    leave: "Deactivate or activate",
    deactivateTitle: "Deactivate {{name}}?",
    deactivateText: "No user can be put into it any more; records stay, and it can be activated again at any time.",
    activateTitle: "Activate {{name}}?",
    activateText: "Users can be put into it again.",
  },
};
