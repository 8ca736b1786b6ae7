import { useMutation } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import type { ContactView, EnterpriseView } from "../api/types";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { useGuardedClose } from "../ui/form/useGuardedClose";
import { SideDrawer } from "../ui/SideDrawer";
import { StatusTag } from "../ui/StatusTag";
import { type ContactEntry, ContactForm } from "./ContactForm";

interface Props {
  enterprise: EnterpriseView;
  canWrite: boolean;
  canUnmask: boolean;
}

export function Contacts({ enterprise, canWrite, canUnmask }: Props) {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<ContactView | "new" | null>(null);
  const [form] = Form.useForm<ContactEntry>();
  const close = useGuardedClose(form, () => setEdited(null));
  return (
    <div>
      {canWrite && (
        <Button className="add-contact" type="primary" onClick={() => setEdited("new")} data-testid="contact-add">
          {t("enterprises.addContact")}
        </Button>
      )}
      {enterprise.contacts.length === 0 && (
        <EmptyState title={t("enterprises.noContacts")} hint={t("enterprises.noContactsHint")} />
      )}
      <ul className="contact-cards">
        {enterprise.contacts.map((contact) => (
          <li key={contact.id} className="card">
            <ContactCard
              enterpriseId={enterprise.id}
              contact={contact}
              canUnmask={canUnmask}
              onEdit={canWrite ? () => setEdited(contact) : undefined}
            />
          </li>
        ))}
      </ul>
      <SideDrawer
        open={edited !== null}
        title={t(edited === "new" ? "enterprises.addContact" : "enterprises.editContact")}
        onClose={close}
        testId="contact-drawer"
      >
        {edited !== null && (
          <ContactForm
            form={form}
            enterprise={enterprise}
            contact={edited === "new" ? undefined : edited}
            onDone={() => setEdited(null)}
          />
        )}
      </SideDrawer>
    </div>
  );
}

interface CardProps {
  enterpriseId: string;
  contact: ContactView;
  canUnmask: boolean;
  onEdit?: () => void;
}

function ContactCard({ enterpriseId, contact, canUnmask, onEdit }: CardProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const unmask = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/enterprises/{enterprise_id}/contacts/{contact_id}/unmask", {
          params: { path: { enterprise_id: enterpriseId, contact_id: contact.id } },
        }),
      ),
  });
  // A number that was added or removed since is shown as the page knows it now: masked.
  const whole = new Map(unmask.data?.numbers.map((number) => [number.id, number.number]));
  return (
    <div data-testid="contact">
      <div className="contact-head">
        <strong>{contact.name}</strong>
        <span className="quiet">{contact.role}</span>
        {contact.preferred === "sms" && <StatusTag tone="amber">{t("pop.prefersSms")}</StatusTag>}
        <span className="contact-tools">
          {canUnmask && contact.numbers.length > 0 && !unmask.data && (
            <Button size="small" onClick={() => setAsking(true)} data-testid="contact-unmask">
              {t("enterprises.unmask")}
            </Button>
          )}
          {onEdit && (
            <Button size="small" onClick={onEdit} data-testid="contact-edit">
              {t("enterprises.edit")}
            </Button>
          )}
        </span>
      </div>
      <ul className="contact-numbers">
        {contact.numbers.length === 0 && <li className="quiet">{t("enterprises.noNumber")}</li>}
        {contact.numbers.map((number) => (
          <li key={number.id}>
            <Number whole={whole.get(number.id)} masked={number.number} />
            <span className="quiet">{t(`enterprises.purpose.${number.purpose}`)}</span>
          </li>
        ))}
      </ul>
      <ConfirmWithReason
        open={asking}
        title={t("enterprises.unmaskTitle", { name: contact.name })}
        text={t("enterprises.unmaskText")}
        okText={t("enterprises.unmask")}
        onConfirm={() => unmask.mutateAsync()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

/** A whole number leads to its calls; a masked one leads nowhere, since nobody can look for it. */
function Number({ whole, masked }: { whole: string | undefined; masked: string }) {
  if (whole === undefined) return <span className="code">{masked}</span>;
  return (
    <Link className="code" to={`/calls?search=${encodeURIComponent(whole)}`} data-testid="whole-number">
      {whole}
    </Link>
  );
}
