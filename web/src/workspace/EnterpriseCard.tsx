import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ContactView, EnterpriseView } from "../api/types";
import { ContactForm } from "./ContactForm";

interface Props {
  enterprise: EnterpriseView;
  /** The one who calls, if the number tells. */
  contact: ContactView | null;
  linked: boolean;
  callerNumber: string;
  onContact: (contactId: string | null) => void;
  onChange: () => void;
}

export function EnterpriseCard({ enterprise, contact, linked, callerNumber, onContact, onChange }: Props) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const facts: [string, string | null][] = [
    [t("pop.creditCode"), enterprise.credit_code],
    [t("pop.industry"), enterprise.industry],
  ];
  return (
    <div className="enterprise" data-testid="enterprise-card">
      <div className="enterprise-head">
        <h3>{enterprise.name}</h3>
        <Button size="small" type="link" onClick={onChange} data-testid="change-enterprise">
          {t("pop.change")}
        </Button>
      </div>
      <span className="tags">
        <span className="tag brand">{t(`pop.kind.${enterprise.kind}`)}</span>
        {enterprise.size && <span className="tag">{t(`pop.size.${enterprise.size}`)}</span>}
        {linked && <span className="tag green">{t("pop.linked")}</span>}
      </span>
      <dl className="enterprise-summary">
        {facts.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
      <ul className="contacts" aria-label={t("pop.contacts")}>
        {enterprise.contacts.map((person) => (
          <li key={person.id} data-calling={person.id === contact?.id}>
            <strong>{person.name}</strong>
            {person.role && <span className="quiet">{person.role}</span>}
            <span className="contact-number">{person.numbers[0]?.number}</span>
            {person.preferred === "sms" && <span className="tag amber">{t("pop.prefersSms")}</span>}
            {person.id !== contact?.id && (
              <Button size="small" type="link" onClick={() => onContact(person.id)}>
                {t("pop.link")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {adding ? (
        <ContactForm
          enterpriseId={enterprise.id}
          number={callerNumber}
          onDone={(id) => {
            setAdding(false);
            if (id) onContact(id);
          }}
        />
      ) : (
        <Button size="small" type="link" className="add-contact" onClick={() => setAdding(true)} data-testid="add-contact">
          + {t("pop.addContact")}
        </Button>
      )}
    </div>
  );
}
