import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { words } from "../app/words";

interface Props {
  error: unknown;
  onRetry: () => void;
  title?: string;
}

/** An error with its sentence and a way on. */
export function Failed({ error, onRetry, title }: Props) {
  const { t } = useTranslation();
  return (
    <div className="failed" role="alert">
      {title && <strong>{title}</strong>}
      <span>{words(error)}</span>
      <Button size="small" onClick={onRetry}>
        {t("common.retry")}
      </Button>
    </div>
  );
}
