import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { Waiting } from "../app/Waiting";
import { MessageState } from "../notices/MessageState";
import "../notices/notices.css";
import { Failed } from "../ui/Failed";
import { Moment } from "../ui/Moment";

/** Each SMS and webhook message about a case, the newest first. */
export function Messages({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ["messages", "case", caseId],
    queryFn: () => unwrap(api.GET("/api/cases/{case_id}/messages", { params: { path: { case_id: caseId } } })),
  });
  return (
    <section aria-label={t("messages.ofCase")} data-testid="case-messages">
      <h2>{t("messages.ofCase")}</h2>
      {query.isPending && <Waiting />}
      {query.isError && <Failed error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && <p className="quiet">{t("messages.ofCaseNone")}</p>}
      <ul className="notice-list">
        {query.data?.map((message) => (
          <li key={message.id}>
            <strong>{t(`noticeKind.${message.kind}`)}</strong> <Moment iso={message.sent_at ?? message.created_at} />
            <div className="notice-text">
              {t(`messages.channel.${message.channel}`)} {message.recipient}
            </div>
            {message.text && <div className="notice-text quiet">{message.text}</div>}
            <MessageState message={message} />
          </li>
        ))}
      </ul>
    </section>
  );
}
