import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEdit } from "../admin/useEdit";
import { ConfirmWithReason } from "../ui/ConfirmWithReason";
import { EmptyState } from "../ui/EmptyState";
import { ServiceForm } from "../ui/form/ServiceForm";
import { SideDrawer } from "../ui/SideDrawer";
import { changeSynonyms, createSynonyms, KNOWLEDGE, loadSynonyms, removeSynonyms, type SynonymGroup, SYNONYMS } from "./knowledge";

/** Words that mean the same, kept by those who publish. */
export function Synonyms({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const edit = useEdit(SYNONYMS, KNOWLEDGE);
  const [chosen, setChosen] = useState<SynonymGroup | "new" | null>(null);
  const [removing, setRemoving] = useState(false);
  const [part, setPart] = useState("");
  const groups = useQuery({ queryKey: SYNONYMS, queryFn: loadSynonyms, enabled: open });
  const rows = groups.data ?? [];
  const shown = rows.filter(({ words }) => words.some((word) => word.includes(part.trim())));
  const one = chosen === "new" ? null : chosen;

  async function save({ words }: { words: string[] }) {
    await edit(one === null ? createSynonyms(words) : changeSynonyms(one, words));
    setChosen(null);
  }
  return (
    <SideDrawer open={open} title={t("knowledge.synonyms")} onClose={onClose} testId="synonyms">
      {chosen === null ? (
        <>
          <p className="quiet">{t("knowledge.synonymsDo")}</p>
          <div className="knowledge-head">
            <Button icon={<PlusOutlined />} onClick={() => setChosen("new")} data-testid="synonyms-new">
              {t("knowledge.synonymsNew")}
            </Button>
            <Input allowClear value={part} placeholder={t("knowledge.synonymsFind")} onChange={({ target }) => setPart(target.value)} />
          </div>
          {groups.isSuccess && rows.length === 0 && <EmptyState title={t("knowledge.synonymsNone")} hint={t("knowledge.synonymsDo")} />}
          <ul className="entry-versions form-note">
            {shown.map((row) => (
              <li key={row.id}>
                <Button type="link" size="small" onClick={() => setChosen(row)}>
                  {row.words.join(" = ")}
                </Button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <ServiceForm<{ words: string[] }>
          initial={{ words: one?.words ?? [] }}
          fields={["words"]}
          owner={{ "knowledge.synonym": "words" }}
          onSave={save}
          onCancel={() => setChosen(null)}
        >
          <Form.Item
            name="words"
            label={t("knowledge.synonymWords")}
            extra={t("knowledge.synonymWordsHint")}
            rules={[{ required: true, type: "array", min: 2, message: t("knowledge.synonymTwo") }]}
          >
            <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={["，", ",", "、"]} data-testid="synonym-words" />
          </Form.Item>
          {one !== null && (
            <Form.Item>
              <Button danger onClick={() => setRemoving(true)} data-testid="synonyms-remove">
                {t("knowledge.synonymsRemove")}
              </Button>
            </Form.Item>
          )}
        </ServiceForm>
      )}
      {one !== null && (
        <ConfirmWithReason
          open={removing}
          title={t("knowledge.synonymsRemove")}
          text={t("knowledge.synonymsRemoveText", { words: one.words.join(" = ") })}
          okText={t("knowledge.synonymsRemove")}
          danger
          onConfirm={() => edit(removeSynonyms(one)).then(() => setChosen(null))}
          onClose={() => setRemoving(false)}
        />
      )}
    </SideDrawer>
  );
}
