import { useTranslation } from "react-i18next";
import { LinkTabs } from "../ui/LinkTabs";

const PLACES = { flows: "/flows", prompts: "/flows/prompts", announcements: "/flows/announcements" } as const;

/** The pages of what callers hear, press and reach. */
export function FlowsTabs({ open }: { open: keyof typeof PLACES }) {
  const { t } = useTranslation();
  const tabs = Object.entries(PLACES).map(([name, to]) => ({ name, to, title: t(`prompts.tab.${name}`) }));
  return <LinkTabs label={t("section.flows")} tabs={tabs} open={open} />;
}
