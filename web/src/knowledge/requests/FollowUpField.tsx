import { Form, Input, Radio } from "antd";
import { useTranslation } from "react-i18next";
import { EntrySelect } from "./EntrySelect";
import { type FollowUp, missingOf, NEEDS } from "./followUp";
import "./requests.css";

interface Begins {
  /** What the request begins with. */
  question: string;
  /** Left out where the case's own answer is taken. */
  proposal?: string;
}

/** A form's item that asks, as a case is closed, whether the knowledge base should have answered it. */
export function FollowUpItem(begins: Begins) {
  const { t } = useTranslation();
  const rule = {
    validator: (_: unknown, value: Partial<FollowUp> | undefined) => {
      const missing = missingOf(value);
      return missing ? Promise.reject(new Error(t(`requests.followUp.missing.${missing}`))) : Promise.resolve();
    },
  };
  return (
    <Form.Item name="follow_up" label={t("requests.followUp.asks")} required rules={[rule]}>
      <FollowUpControl {...begins} />
    </Form.Item>
  );
}

interface Props extends Begins {
  id?: string;
  value?: Partial<FollowUp>;
  onChange?: (value: Partial<FollowUp>) => void;
}

function FollowUpControl({ id, value = {}, onChange, question, proposal }: Props) {
  const { t } = useTranslation();
  const change = (said: Partial<FollowUp>) => onChange?.({ ...value, ...said });
  return (
    <div className="follow-up">
      <Radio.Group
        id={id}
        value={value.need}
        options={NEEDS.map((need) => ({ value: need, label: t(`requests.followUp.need.${need}`) }))}
        onChange={({ target }) =>
          onChange?.(
            target.value === "none"
              ? { need: "none" }
              : { question, ...(proposal !== undefined && { proposal }), ...value, need: target.value as FollowUp["need"] },
          )
        }
        data-testid="follow-up"
      />
      {value.need === "amend" && (
        <EntrySelect value={value.entry_id ?? null} onChange={(entry_id, { number }) => change({ entry_id, entry_number: number })} />
      )}
      {(value.need === "new" || value.need === "amend") && (
        <>
          <Input
            value={value.question ?? ""}
            maxLength={1000}
            placeholder={t("requests.questionOf.gap")}
            aria-label={t("requests.questionOf.gap")}
            onChange={({ target }) => change({ question: target.value })}
            data-testid="follow-up-question"
          />
          {proposal !== undefined && (
            <Input.TextArea
              value={value.proposal ?? ""}
              autoSize={{ minRows: 2, maxRows: 8 }}
              maxLength={2000}
              placeholder={t("requests.proposal")}
              aria-label={t("requests.proposal")}
              onChange={({ target }) => change({ proposal: target.value })}
              data-testid="follow-up-proposal"
            />
          )}
          <span className="quiet">{t("requests.noPersons")}</span>
        </>
      )}
    </div>
  );
}
