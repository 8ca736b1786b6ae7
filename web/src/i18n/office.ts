import i18next from "i18next";
import { BUNDLES } from "./bundles";

/** The back office's texts; a caller's page never loads them. */
for (const { zh, en } of BUNDLES) {
  i18next.addResourceBundle("zh-CN", "translation", zh, true, true);
  i18next.addResourceBundle("en", "translation", en, true, true);
}
