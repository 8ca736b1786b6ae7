import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { api, unwrap } from "../api/client";
import { Waiting } from "../app/Waiting";
import { Failed } from "../ui/Failed";
import { fullMoment } from "../ui/time";
import { sheetLanguage, sheetPdf } from "./sheet";
import "./print.css";

/** The case sheet, to be printed by the browser; the same one as the PDF. */
export default function PrintPage() {
  const { t, i18n } = useTranslation();
  const { id = "" } = useParams();
  const language = sheetLanguage(i18n.language);
  const query = useQuery({
    queryKey: ["case", id, "sheet", language],
    queryFn: () => unwrap(api.GET("/api/cases/{case_id}/sheet", { params: { path: { case_id: id }, query: { language } } })),
    staleTime: Infinity,
  });
  if (query.isPending) return <Waiting />;
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  const sheet = query.data;
  return (
    <main className="sheet" data-testid="sheet">
      <p className="sheet-bar">
        <Button type="primary" onClick={() => window.print()}>
          {t("sheet.print")}
        </Button>
        <Button href={sheetPdf(id, language)} download={`${sheet.number}.pdf`}>
          {t("sheet.pdf")}
        </Button>
      </p>
      <h1>{sheet.heading}</h1>
      {sheet.title && <p className="sheet-title">{sheet.title}</p>}
      <dl>
        {sheet.facts.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {sheet.sections.map(({ heading, texts }) => (
        <section key={heading}>
          <h2>{heading}</h2>
          {texts.map((text, index) => (
            <p key={index}>{text}</p>
          ))}
        </section>
      ))}
      <footer>
        {sheet.number} · {sheet.printed_by} · {fullMoment(sheet.printed_at)}
      </footer>
    </main>
  );
}
