import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "./store";
import { callerWaits } from "./threeway";

/** Ends the agent's own leg by `end`, which is possible at any time; asks first where that costs a waiting caller. */
export function useHangUp(end: () => void): () => void {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  return useCallback(() => {
    if (!callerWaits(useWorkspace.getState().call)) {
      end();
      return;
    }
    void modal.confirm({
      title: t("threeway.confirmHangUp"),
      okText: t("phone.hangUp"),
      cancelText: t("common.cancel"),
      onOk: end,
    });
  }, [end, modal, t]);
}
