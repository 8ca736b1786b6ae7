import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { CallView, Candidate, ContactView, EnterpriseView, ScreenPop as Pop } from "../api/types";
import { Failed } from "../ui/Failed";
import { CallerLine } from "./CallerLine";
import type { Edits } from "./draft";
import { EnterpriseCard } from "./EnterpriseCard";
import { EarlierCalls, CaseList } from "./History";
import { Identify } from "./Identify";
import { type PopState, refreshScreenPop } from "./popState";

interface Props {
  call: CallView;
  pop: PopState;
  /** Who the case says it is about; it wins over what the number says. */
  enterpriseId: string | null;
  onIdentify: (identity: Edits) => void;
  onOpenCase: (id: string) => void;
}

/** Who is calling and what is known of them. */
export function ScreenPop({ call, pop: { pop, error }, enterpriseId, onIdentify, onOpenCase }: Props) {
  const { t } = useTranslation();
  return (
    <section className="panel pop" aria-labelledby="pop-title" data-testid="screen-pop">
      <header className="panel-head">
        <h2 id="pop-title">{t("pop.title")}</h2>
      </header>
      <div className="panel-body">
        <CallerLine call={call} />
        {pop === null && call.enterprise && <Calling enterprise={call.enterprise.name} contact={call.contact?.name} />}
        {pop === null && error === null && <div className="pop-loading" role="status" aria-label={t("pop.loading")} />}
        {error && (
          <>
            <Failed error={error} title={t("pop.failed")} onRetry={refreshScreenPop} />
            <p className="quiet">{t("pop.failedText")}</p>
          </>
        )}
        {pop && <Known pop={pop} call={call} enterpriseId={enterpriseId} onIdentify={onIdentify} />}
        {pop && (
          <div className="history">
            <CaseList title={t("pop.openCases")} rows={pop.open_cases} onOpen={onOpenCase} testId="open-cases" />
            <CaseList title={t("pop.pastCases")} rows={pop.past_cases} onOpen={onOpenCase} testId="past-cases" />
            <EarlierCalls rows={pop.earlier_calls} />
          </div>
        )}
      </div>
    </section>
  );
}

/** Who is calling, which comes with the ring itself; all else that is known of them comes behind it. */
function Calling({ enterprise, contact }: { enterprise: string; contact: string | undefined }) {
  return (
    <div className="enterprise" data-testid="calling-enterprise">
      <div className="enterprise-head">
        <h3>{enterprise}</h3>
      </div>
      {contact && (
        <ul className="contacts">
          <li data-calling>
            <strong>{contact}</strong>
          </li>
        </ul>
      )}
    </div>
  );
}

interface KnownProps extends Pick<Props, "call" | "enterpriseId" | "onIdentify"> {
  pop: Pop;
}

function Known({ pop, call, enterpriseId, onIdentify }: KnownProps) {
  const { t } = useTranslation();
  const [changing, setChanging] = useState(false);
  const id = enterpriseId ?? pop.enterprise?.id ?? null;
  const other = useQuery({
    queryKey: ["enterprise", id],
    queryFn: () => unwrap(api.GET("/api/enterprises/{enterprise_id}", { params: { path: { enterprise_id: id ?? "" } } })),
    enabled: id !== null && id !== pop.enterprise?.id,
  });
  const shown: EnterpriseView | null = id === null ? null : id === pop.enterprise?.id ? pop.enterprise : (other.data ?? null);
  const contact: ContactView | null = shown?.id === pop.enterprise?.id ? pop.contact : null;

  function identify(identity: Edits) {
    setChanging(false);
    onIdentify(identity);
  }

  if (shown && !changing) {
    return (
      <EnterpriseCard
        enterprise={shown}
        contact={contact}
        linked={enterpriseId === shown.id}
        callerNumber={call.caller.number}
        onContact={(contactId) => identify({ enterprise_id: shown.id, contact_id: contactId })}
        onChange={() => setChanging(true)}
      />
    );
  }
  return (
    <div className="unknown" data-testid="unknown-caller">
      {pop.candidates.length > 0 ? (
        <Candidates rows={pop.candidates} onIdentify={identify} />
      ) : (
        !changing && (
          <p>
            <strong>{t("pop.unknown")}</strong>
            <span className="quiet">{t(call.caller.number ? "pop.unknownText" : "pop.noNumberText")}</span>
          </p>
        )
      )}
      <Identify callerNumber={call.caller.number} onIdentify={identify} />
      {changing && (
        <Button size="small" type="link" onClick={() => setChanging(false)}>
          {t("common.cancel")}
        </Button>
      )}
    </div>
  );
}

function Candidates({ rows, onIdentify }: { rows: Candidate[]; onIdentify: (identity: Edits) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <strong>{t("pop.several")}</strong>
      <ul className="candidates">
        {rows.map((row) => (
          <li key={row.contact_id}>
            <button
              type="button"
              className="row-button"
              onClick={() => onIdentify({ enterprise_id: row.enterprise_id, contact_id: row.contact_id })}
            >
              {row.enterprise_name} · {row.contact_name}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
