import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useTranslation } from "react-i18next";

/** Runs an edit, says that it was made, and has the lists named read again. What is refused rejects. */
export function useEdit(...stale: QueryKey[]) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  return async <T,>(edit: Promise<T>): Promise<T> => {
    const made = await edit;
    await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
    void message.success(t("admin.saved"));
    return made;
  };
}
