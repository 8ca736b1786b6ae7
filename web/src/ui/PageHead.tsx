import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  /** What one does here, in a sentence. */
  lead?: string;
  children?: ReactNode;
}

export function PageHead({ title, lead, children }: Props) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [t, title]);
  return (
    <>
      <div className="page-head">
        <h1>{title}</h1>
        {children && <div className="page-actions">{children}</div>}
      </div>
      {lead && <p className="page-lead">{lead}</p>}
    </>
  );
}
