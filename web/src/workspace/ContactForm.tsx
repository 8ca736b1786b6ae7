import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { words } from "../app/words";
import { refreshScreenPop } from "./popState";

interface Props {
  enterpriseId: string;
  number: string;
  /** The new contact's id, or null when nothing was made. */
  onDone: (contactId: string | null) => void;
}

interface Entered {
  name: string;
  role?: string;
  number?: string;
}

export function ContactForm({ enterpriseId, number, onDone }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: ({ name, role, number: given }: Entered) =>
      unwrap(
        api.POST("/api/enterprises/{enterprise_id}/contacts", {
          params: { path: { enterprise_id: enterpriseId } },
          body: { name, role: role ?? "", numbers: given ? [{ number: given }] : [] },
        }),
      ),
    onSuccess: (contact) => {
      refreshScreenPop();
      void client.invalidateQueries({ queryKey: ["enterprise", enterpriseId] });
      onDone(contact.id);
    },
    onError: (error) => void message.error(words(error)),
  });
  return (
    <Form
      className="quick-form"
      layout="vertical"
      initialValues={{ number: dialable(number) }}
      onFinish={(entered: Entered) => add.mutate(entered)}
    >
      <Form.Item name="name" label={t("pop.contactName")} rules={[{ required: true, whitespace: true, message: t("pop.needName") }]}>
        <Input maxLength={100} autoComplete="off" data-testid="contact-name" />
      </Form.Item>
      <Form.Item name="role" label={t("pop.contactRole")}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name="number" label={t("pop.contactNumber")}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <div className="quick-form-foot">
        <Button size="small" type="primary" htmlType="submit" loading={add.isPending} data-testid="contact-save">
          {t("common.save")}
        </Button>
        <Button size="small" onClick={() => onDone(null)}>
          {t("common.cancel")}
        </Button>
      </div>
    </Form>
  );
}

/** A number that can be dialled again; a masked or missing one is not written into the book. */
export function dialable(number: string): string {
  return /^\+?[0-9]{3,20}$/.test(number) ? number : "";
}
