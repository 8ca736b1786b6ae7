import { BookOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Finder } from "./Finder";
import { openFinder } from "./finder";

const MAC = /Mac|iP(hone|ad)/.test(navigator.userAgent);

/** The knowledge base in reach of every page, also in the middle of a call. */
export function FinderButton() {
  const { t } = useTranslation();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      openFinder();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  return (
    <>
      <Tooltip title={t("knowledge.finderKey", { key: MAC ? "⌘K" : "Ctrl+K" })}>
        <Button
          type="text"
          icon={<BookOutlined />}
          aria-label={t("knowledge.finder")}
          aria-keyshortcuts="Control+K Meta+K"
          onClick={openFinder}
          data-testid="finder-open"
        />
      </Tooltip>
      <Finder />
    </>
  );
}
