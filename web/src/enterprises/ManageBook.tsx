import { useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ImportDialog } from "../ui/import/ImportDialog";

/** For those who keep the book in order: import a file, look at duplicates. */
export function ManageBook() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Link to="/enterprises/duplicates">{t("enterprises.duplicates")}</Link>
      <Button onClick={() => setOpen(true)} data-testid="enterprise-import">
        {t("enterprises.import")}
      </Button>
      <ImportDialog
        open={open}
        kind="enterprises"
        title={t("enterprises.import")}
        hint={t("enterprises.importHint")}
        onClose={() => setOpen(false)}
        onImported={() => void client.invalidateQueries({ queryKey: ["enterprises"] })}
      />
    </>
  );
}
