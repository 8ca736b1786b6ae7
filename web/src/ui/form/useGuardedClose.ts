import { App, type FormInstance } from "antd";
import { useTranslation } from "react-i18next";

/** Closes a drawer with `form` in it; asks first where something was typed. */
export function useGuardedClose(form: FormInstance, close: () => void): () => void {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  return () => {
    if (!form.isFieldsTouched()) return close();
    modal.confirm({
      title: t("form.unsaved"),
      content: t("form.unsavedText"),
      okText: t("form.leave"),
      okButtonProps: { danger: true },
      cancelText: t("form.stay"),
      onOk: close,
    });
  };
}
