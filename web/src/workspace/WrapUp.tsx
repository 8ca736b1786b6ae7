import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { duration, remaining } from "../ui/time";
import { useNow } from "../ui/useNow";
import { useWorkspace } from "./store";
import { useCommand } from "./useCommand";

export function WrapUp() {
  const { t } = useTranslation();
  const agent = useWorkspace((workspace) => workspace.agent);
  const offset = useWorkspace((workspace) => workspace.clockOffset);
  const now = useNow() + offset;
  const { send, busy } = useCommand();
  if (agent?.state !== "wrap_up") return null;
  const left = remaining(agent.wrap_up_until, now);
  return (
    <div className="wrap-up" data-testid="wrap-up">
      <div>
        <strong>{t("wrapUp.title")}</strong>
        <span role="timer">{left > 0 ? t("wrapUp.left", { time: duration(left) }) : t("wrapUp.over")}</span>
      </div>
      <div className="phone-pair">
        <Button
          type="primary"
          loading={busy === "finish_wrap_up"}
          onClick={() => void send({ command: "finish_wrap_up" })}
          data-testid="finish-wrap-up"
        >
          {t(agent.wanted === "ready" ? "wrapUp.finish" : "wrapUp.finishOnly")}
        </Button>
        <Button
          loading={busy === "extend_wrap_up"}
          onClick={() => void send({ command: "extend_wrap_up" })}
          data-testid="extend-wrap-up"
        >
          {t("wrapUp.extend")}
        </Button>
      </div>
    </div>
  );
}
