import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StatusTag } from "../../ui/StatusTag";
import type { PromptUse } from "./prompts";

/** Which flows and parts of the system say a prompt. */
export function PromptUses({ uses }: { uses: PromptUse[] }) {
  const { t } = useTranslation();
  if (uses.length === 0) return <p className="quiet">{t("prompts.noUse")}</p>;
  return (
    <ul className="prompt-uses" data-testid="prompt-uses">
      {uses.map((use) => (
        <li key={`${use.kind} ${use.name} ${use.node}`}>
          <Place use={use} />{" "}
          {use.versions.map((version) => (
            <StatusTag key={version} tone={version === "live" ? "green" : version === "test" ? "violet" : "plain"}>
              {t(`prompts.version.${version}`)}
            </StatusTag>
          ))}
        </li>
      ))}
    </ul>
  );
}

function Place({ use }: { use: PromptUse }) {
  const { t } = useTranslation();
  if (use.kind === "flow") {
    return (
      <Link to={`/flows/${use.name}?node=${encodeURIComponent(use.node)}`}>
        {use.title || use.name} · {use.label || use.node}
      </Link>
    );
  }
  if (use.kind === "announcement") return <Link to="/flows/announcements">{t("prompts.use.announcement", { name: use.name })}</Link>;
  return <>{t(`prompts.use.${use.kind}`)}</>;
}
