import { Skeleton } from "antd";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import type { CallView } from "../api/types";
import { CasePanel } from "./CasePanel";
import "./workspace.css";
import { type Edits, values } from "./draft";
import { IdleWorkspace } from "./IdleWorkspace";
import { KeptStyles } from "./KeptStyles";
import type { Subject } from "./keeper";
import { keeperOf } from "./keepers";
import "./phone.css";
import { PhonePanel } from "./PhonePanel";
import { useScreenPop } from "./popState";
import { ScreenPop } from "./ScreenPop";
import { useWorkspace } from "./store";
import { ThreewayPanel } from "./ThreewayPanel";
import { useAfterPaint } from "../ui/useAfterPaint";

const NOBODY: Edits = {};

/** The agent's working place: phone on the left, caller in the middle, case on the right. */
export default function WorkspacePage({ canCalls }: { canCalls: boolean }) {
  const { t } = useTranslation();
  const agent = useWorkspace((workspace) => workspace.agent);
  const linked = useWorkspace((workspace) => workspace.link === "open");
  const elsewhere = useWorkspace((workspace) => workspace.elsewhere);
  const live = useWorkspace((workspace) => workspace.call);
  const call = live?.state === "ended" && agent?.state !== "wrap_up" ? null : live;
  const callId = call?.call_id;
  // A new call comes first; what was open is saved and found under the drafts.
  const [choice, setChoice] = useState<{ callId: string | undefined; id: string | null }>({ callId, id: null });
  const opened = choice.callId === callId ? choice.id : null;
  const setOpened = (id: string | null) => setChoice({ callId, id });

  useEffect(() => {
    document.title = `${t("app.workspace")} · ${t("app.name")}`;
  }, [t]);

  // A supervisor may use a workspace, but has one only with an agent's number.
  if (agent === null && linked) {
    if (canCalls) return <Navigate to="/calls" replace />;
    return (
      <div className="whole-page">
        <h1>{t("agent.noNumber")}</h1>
        <p>{t("agent.noNumberText")}</p>
      </div>
    );
  }
  if (elsewhere) {
    return (
      <div className="whole-page">
        <h1>{t("link.elsewhere")}</h1>
        <p>{t("link.elsewhereText")}</p>
      </div>
    );
  }
  if (agent === null) {
    return (
      <div className="workspace-loading" role="status" aria-label={t("common.loading")}>
        <h1 className="only-spoken">{t("app.workspace")}</h1>
        <Skeleton active title={false} />
      </div>
    );
  }
  return (
    <div className="workspace" data-call={call !== null}>
      <h1 className="only-spoken">{t("app.workspace")}</h1>
      <KeptStyles />
      <div className="workspace-left">
        <PhonePanel />
        {call && <ThreewayPanel call={call} />}
      </div>
      {call ? (
        <CallWork key={call.call_id} call={call} opened={opened} onOpen={setOpened} />
      ) : (
        <>
          <div className="workspace-middle">
            <IdleWorkspace onOpenCase={setOpened} />
          </div>
          {opened && <OpenedCase id={opened} onClose={() => setOpened(null)} />}
        </>
      )}
    </div>
  );
}

interface WorkProps {
  call: CallView;
  opened: string | null;
  onOpen: (id: string | null) => void;
}

function CallWork({ call, opened, onOpen }: WorkProps) {
  const [count, setCount] = useState(1);
  const popState = useScreenPop(call.call_id);
  const { pop } = popState;
  const subject: Subject = useMemo(
    () => ({ slot: `call:${call.call_id}${count > 1 ? `:${count}` : ""}`, callId: call.call_id, caseId: null }),
    [call.call_id, count],
  );
  const keeper = keeperOf(subject);
  const draft = useSyncExternalStore(keeper.subscribe, keeper.snapshot);
  const enterprise = pop?.enterprise?.id;
  const contact = pop?.contact?.id;
  const identity = useMemo<Edits>(
    () => (enterprise ? { enterprise_id: enterprise, contact_id: contact ?? null } : NOBODY),
    [enterprise, contact],
  );
  // The form takes as long to draw as all the rest: while the phone rings, it waits until who is calling is seen.
  const popped = useAfterPaint(pop !== null || popState.error !== null);
  const form = popped || call.state !== "ringing";

  return (
    <>
      <div className="workspace-middle">
        <ScreenPop
          call={call}
          pop={popState}
          enterpriseId={values(draft).enterprise_id}
          onIdentify={(found) => keeper.edit(found)}
          onOpenCase={onOpen}
        />
      </div>
      {opened && opened !== draft.base?.id ? (
        <OpenedCase id={opened} onClose={() => onOpen(null)} />
      ) : !form ? (
        <CaseToCome />
      ) : (
        <CasePanel
          key={subject.slot}
          subject={subject}
          identity={identity}
          onAnother={() => setCount(count + 1)}
          threewayCallId={call.specialist_joined ? call.call_id : null}
        />
      )}
    </>
  );
}

function CaseToCome() {
  const { t } = useTranslation();
  return (
    <section className="panel case" aria-busy>
      <header className="panel-head">
        <h2>{t("case.title")}</h2>
      </header>
    </section>
  );
}

function OpenedCase({ id, onClose }: { id: string; onClose: () => void }) {
  const subject = useMemo<Subject>(() => ({ slot: `case:${id}`, callId: null, caseId: id }), [id]);
  return (
    <CasePanel key={id} subject={subject} identity={NOBODY} onAnother={onClose} onBack={onClose} threewayCallId={null} />
  );
}
