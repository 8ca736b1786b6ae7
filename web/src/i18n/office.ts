import i18next from "i18next";
import { accessEn } from "./access.en";
import { accessZh } from "./access.zh";
import { adminEn } from "./admin.en";
import { adminZh } from "./admin.zh";
import { calendarEn } from "./calendar.en";
import { organisationsEn } from "./organisations.en";
import { calendarZh } from "./calendar.zh";
import { organisationsZh } from "./organisations.zh";
import { callsEn } from "./calls.en";
import { callsZh } from "./calls.zh";
import { caseEn } from "./case.en";
import { caseZh } from "./case.zh";
import { workspaceEn } from "./workspace.en";
import { workspaceZh } from "./workspace.zh";
import { enterprisesEn } from "./enterprises.en";
import { enterprisesZh } from "./enterprises.zh";
import { officeEn } from "./office.en";
import { officeZh } from "./office.zh";
import { shellEn } from "./shell.en";
import { shellZh } from "./shell.zh";
import { uiEn } from "./ui.en";
import { uiZh } from "./ui.zh";

/** The back office's texts; a caller's page never loads them. */
i18next.addResourceBundle("zh-CN", "translation", { ...officeZh, ...accessZh, ...workspaceZh, ...callsZh, ...caseZh, ...shellZh, ...uiZh, ...enterprisesZh, ...adminZh, ...organisationsZh, ...calendarZh }, true, true);
i18next.addResourceBundle("en", "translation", { ...officeEn, ...accessEn, ...workspaceEn, ...callsEn, ...caseEn, ...shellEn, ...uiEn, ...enterprisesEn, ...adminEn, ...organisationsEn, ...calendarEn }, true, true);
