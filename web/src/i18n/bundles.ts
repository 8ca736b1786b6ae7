import { accessEn } from "./access.en";
import { accessZh } from "./access.zh";
import { adminEn } from "./admin.en";
import { adminZh } from "./admin.zh";
import { attachmentsEn } from "./attachments.en";
import { attachmentsZh } from "./attachments.zh";
import { calendarEn } from "./calendar.en";
import { calendarZh } from "./calendar.zh";
import { callsEn } from "./calls.en";
import { callsZh } from "./calls.zh";
import { caseEn } from "./case.en";
import { caseZh } from "./case.zh";
import { casesEn } from "./cases.en";
import { casesZh } from "./cases.zh";
import { enterprisesEn } from "./enterprises.en";
import { enterprisesZh } from "./enterprises.zh";
import { noticesEn } from "./notices.en";
import { noticesZh } from "./notices.zh";
import { officeEn } from "./office.en";
import { officeZh } from "./office.zh";
import { organisationsEn } from "./organisations.en";
import { organisationsZh } from "./organisations.zh";
import { shellEn } from "./shell.en";
import { shellZh } from "./shell.zh";
import { uiEn } from "./ui.en";
import { uiZh } from "./ui.zh";
import { workspaceEn } from "./workspace.en";
import { workspaceZh } from "./workspace.zh";

/** The back office's texts by section, one a line: what is named here is loaded, and compared in both languages. */
export const BUNDLES = [
  { zh: accessZh, en: accessEn },
  { zh: adminZh, en: adminEn },
  { zh: attachmentsZh, en: attachmentsEn },
  { zh: calendarZh, en: calendarEn },
  { zh: callsZh, en: callsEn },
  { zh: caseZh, en: caseEn },
  { zh: casesZh, en: casesEn },
  { zh: enterprisesZh, en: enterprisesEn },
  { zh: noticesZh, en: noticesEn },
  { zh: officeZh, en: officeEn },
  { zh: organisationsZh, en: organisationsEn },
  { zh: shellZh, en: shellEn },
  { zh: uiZh, en: uiEn },
  { zh: workspaceZh, en: workspaceEn },
];
