import { Button } from "antd";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { KnowledgeBeside } from "../knowledge/KnowledgeBeside";
import type { EntryRow } from "../knowledge/knowledge";
import { Failed } from "../ui/Failed";
import { moment } from "../ui/time";
import { useMinute } from "../ui/useNow";
import { CaseForm } from "./CaseForm";
import { CaseVerdicts } from "./CaseVerdicts";
import { type Clash, type Edits, saveStatus, values } from "./draft";
import type { Keeper, Subject } from "./keeper";
import { keeperOf } from "./keepers";
import { SimilarToDraft } from "./SimilarToDraft";

interface Props {
  subject: Subject;
  identity: Edits;
  onAnother: () => void;
  onBack?: () => void;
  /** The call of this case, if a specialist was brought into it: then it can be answered directly. */
  threewayCallId: string | null;
}

export function CasePanel({ subject, identity, onAnother, onBack, threewayCallId }: Props) {
  const { t } = useTranslation();
  const keeper = keeperOf(subject);
  const draft = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const [strict, setStrict] = useState(false);
  const [entry, setEntry] = useState<EntryRow | null>(null);
  useEffect(() => keeper.start(), [keeper]);
  useEffect(() => {
    keeper.identify(identity);
  }, [keeper, identity]);

  const fields = values(draft);
  const readOnly = draft.base !== null && draft.base.state !== "draft" && draft.base.state !== "need_info";
  return (
    <section className="panel case" aria-labelledby="case-title" data-testid="case-panel">
      <header className="panel-head">
        <h2 id="case-title">{t("case.title")}</h2>
        {draft.base && (
          <Link className="case-number" to={`/cases/${draft.base.number}`} data-testid="case-number">
            {draft.base.number}
          </Link>
        )}
        <SaveState keeper={keeper} />
        {onBack && (
          <Button size="small" type="link" onClick={onBack}>
            {t("case.back")}
          </Button>
        )}
      </header>
      <div className="panel-body">
        {keeper.loadError !== null && <Failed error={keeper.loadError} onRetry={() => void keeper.load()} />}
        {keeper.restored && draft.base?.state !== "pending_review" && (
          <p className="case-restored" role="status">
            {t("case.restored")}
          </p>
        )}
        <Clashes keeper={keeper} />
        <CaseForm values={fields} locked={readOnly ? (draft.base?.state ?? null) : null} strict={strict} onEdit={(changes) => keeper.edit(changes)}>
          {!readOnly && <KnowledgeBeside about={fields} onTake={setEntry} />}
          {!readOnly && <SimilarToDraft keeper={keeper} fields={fields} onStrict={() => setStrict(true)} />}
        </CaseForm>
        {draft.base && (
          <p className="quiet" data-testid="case-query-code">
            {t("case.queryCode")} {draft.base.query_code.replace(/(....)(?=.)/g, "$1 ")}
          </p>
        )}
      </div>
      <footer className="panel-foot">
        {readOnly ? (
          <Button onClick={onAnother} data-testid="case-another">
            {t("case.new")}
          </Button>
        ) : (
          <CaseVerdicts keeper={keeper} onStrict={() => setStrict(true)} threewayCallId={threewayCallId} entry={entry} onEntry={setEntry} />
        )}
      </footer>
    </section>
  );
}

function SaveState({ keeper }: { keeper: Keeper }) {
  const { t, i18n } = useTranslation();
  const now = useMinute();
  const draft = keeper.draft;
  const status = saveStatus(draft);
  const time = moment(draft.base?.updated_at ?? null, now, i18n.language);
  return (
    <span className="save-state" data-status={status} role="status" data-testid="save-state">
      {t(`case.save.${status}`, { time, why: draft.refusal ?? "" })}
    </span>
  );
}

function Clashes({ keeper }: { keeper: Keeper }) {
  const { t } = useTranslation();
  const say = (value: Clash["mine"]) => (value === null || value === undefined || value === "" ? t("case.blank") : String(value));
  return keeper.draft.clashes.map((clash) => (
    <div key={clash.field} className="clash" role="alert" data-testid="case-clash">
      <strong>{t(`case.fields.${clash.field}`)}</strong>
      <dl>
        <dt>{t("case.mine")}</dt>
        <dd>{say(clash.mine)}</dd>
        <dt>{t("case.theirs")}</dt>
        <dd>{say(clash.theirs)}</dd>
      </dl>
      <Button size="small" onClick={() => keeper.resolve(clash.field, "mine")}>
        {t("case.keepMine")}
      </Button>{" "}
      <Button size="small" onClick={() => keeper.resolve(clash.field, "theirs")}>
        {t("case.keepTheirs")}
      </Button>
    </div>
  ));
}
