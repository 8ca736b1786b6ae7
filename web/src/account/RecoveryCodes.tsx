import { App, Button } from "antd";
import { useTranslation } from "react-i18next";
import "./account.css";

interface Props {
  codes: readonly string[];
  doneText: string;
  onDone: () => void;
}

/** Shown once. */
export function RecoveryCodes({ codes, doneText, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  return (
    <section data-testid="recovery-codes">
      <h3>{t("account.codesTitle")}</h3>
      <p>{t("account.codesText")}</p>
      <ul className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="form-buttons">
        <Button
          onClick={() => void navigator.clipboard.writeText(codes.join("\n")).then(() => message.success(t("account.copied")))}
        >
          {t("account.copy")}
        </Button>
        <Button type="primary" onClick={onDone} data-testid="codes-kept">
          {doneText}
        </Button>
      </div>
    </section>
  );
}
