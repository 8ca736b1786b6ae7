import { Alert, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PhoneKind } from "../api/types";
import { cannotCall, closeStream, MicrophoneError, openMicrophone } from "../phone/microphone";
import type { Trouble } from "../phone/machine";
import { useWorkspace } from "./store";
import { useCommand } from "./useCommand";

const KEPT = "hotline.phone";

function kept(): PhoneKind {
  return localStorage.getItem(KEPT) === "desk_phone" ? "desk_phone" : "browser";
}

/** Choosing the phone; the browser's microphone is asked for now rather than when the first caller waits. */
export function SignIn({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<PhoneKind>(kept);
  const [trouble, setTrouble] = useState<Trouble | null>(cannotCall);
  const { send, busy } = useCommand();

  async function signIn() {
    localStorage.setItem(KEPT, kind);
    if (kind === "browser") {
      try {
        closeStream(await openMicrophone(""));
        setTrouble(null);
      } catch (error) {
        setTrouble(error instanceof MicrophoneError ? error.trouble : "microphone_busy");
        return;
      }
    }
    useWorkspace.setState({ signingIn: kind === "browser" });
    const done = await send({ command: "sign_in", phone: kind });
    if (done) onClose();
    else useWorkspace.setState({ signingIn: false });
  }

  return (
    <Modal
      open={open}
      title={t("agent.signInTitle")}
      okText={t("agent.signIn")}
      cancelText={t("common.cancel")}
      confirmLoading={busy === "sign_in"}
      onOk={() => void signIn()}
      onCancel={onClose}
      okButtonProps={{ ...{ "data-testid": "sign-in-confirm" } }}
      width={440}
      destroyOnHidden
    >
      <p className="quiet">{t("agent.signInText")}</p>
      <Radio.Group className="phone-choice" value={kind} onChange={(event) => setKind(event.target.value as PhoneKind)}>
        <Radio value="browser" data-testid="phone-browser">
          <strong>{t("agent.browserPhone")}</strong>
          <span className="quiet">{t("agent.browserPhoneText")}</span>
        </Radio>
        <Radio value="desk_phone" data-testid="phone-desk_phone">
          <strong>{t("agent.deskPhone")}</strong>
          <span className="quiet">{t("agent.deskPhoneText")}</span>
        </Radio>
      </Radio.Group>
      {kind === "browser" && trouble && <Alert type="warning" showIcon title={t(`trouble.${trouble}`)} role="alert" />}
    </Modal>
  );
}
