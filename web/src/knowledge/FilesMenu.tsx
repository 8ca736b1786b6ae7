import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useTranslation } from "react-i18next";
import { apiUrl } from "../api/client";
import { ImportButton } from "../ui/import/ImportButton";
import { KNOWLEDGE } from "./knowledge";

const FORMATS = ["xlsx", "jsonl"] as const;

/** Entries from a file and into one; for those who write them. */
export function FilesMenu() {
  const { t } = useTranslation();
  return (
    <>
      <ImportButton
        kind="knowledge"
        title={t("knowledge.import")}
        hint={t("knowledge.importHint")}
        refreshes={KNOWLEDGE}
        accepts={[".md"]}
        testId="knowledge-import"
      />
      <Dropdown
        trigger={["click"]}
        menu={{
          items: FORMATS.map((format) => ({
            key: format,
            label: (
              <a href={apiUrl("/api/knowledge-export", { format })} download data-testid={`knowledge-export-${format}`}>
                {t(`knowledge.exportAs.${format}`)}
              </a>
            ),
          })),
        }}
      >
        <Button icon={<DownloadOutlined />} data-testid="knowledge-export">
          {t("knowledge.export")}
        </Button>
      </Dropdown>
    </>
  );
}
