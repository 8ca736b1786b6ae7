import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Mentions } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import type { NoteView } from "../api/types";
import { Failed } from "../ui/Failed";
import { newId } from "../ui/newId";

interface Props {
  caseId: string;
  /** The note that this one takes the place of; null for a new one. */
  corrects: NoteView | null;
  onDone: () => void;
  onCancel: () => void;
}

/** A note being written. Whoever is picked after an @ is notified; the text alone calls nobody. */
export function NoteForm({ caseId, corrects, onDone, onCancel }: Props) {
  const { t } = useTranslation();
  const [id, setId] = useState(() => newId());
  const [text, setText] = useState(corrects?.text ?? "");
  const [forUnits, setForUnits] = useState(corrects?.for_units ?? false);
  const [picked, setPicked] = useState<Record<string, string>>({});
  const [search, setSearch] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>(null);
  const people = useQuery({
    queryKey: ["case", caseId, "people", search, forUnits],
    queryFn: () =>
      unwrap(
        api.GET("/api/cases/{case_id}/people", {
          params: { path: { case_id: caseId }, query: { search: search ?? "", for_units: forUnits } },
        }),
      ),
    enabled: search !== null,
  });

  async function save() {
    setBusy(true);
    setRefused(null);
    const mentions = Object.entries(picked).flatMap(([user, name]) => (text.includes(`@${name}`) ? [user] : []));
    const body = { id, text, for_units: forUnits, mentions, corrects: corrects?.id ?? null };
    try {
      await unwrap(api.POST("/api/cases/{case_id}/notes", { params: { path: { case_id: caseId } }, body }));
      setText("");
      setPicked({});
      setId(newId());
      onDone();
    } catch (error) {
      setRefused(error);
    } finally {
      setBusy(false);
    }
  }
  return (
    <div className="note-form">
      <Mentions
        value={text}
        onChange={setText}
        onSearch={(word) => setSearch(word)}
        onSelect={(option) => setPicked((all) => ({ ...all, [option.key ?? ""]: option.value ?? "" }))}
        options={(people.data ?? []).map(({ id: user, name }) => ({ key: user, value: name, label: name }))}
        filterOption={false}
        loading={people.isFetching}
        notFoundContent={t("notes.nobody")}
        rows={3}
        maxLength={4000}
        placeholder={t("notes.placeholder")}
        aria-label={t("notes.title")}
        data-testid="note-text"
      />
      <div className="note-actions">
        <Checkbox checked={forUnits} onChange={(event) => setForUnits(event.target.checked)}>
          {t("notes.shareWithUnits")}
        </Checkbox>
        {corrects !== null && <Button onClick={onCancel}>{t("common.cancel")}</Button>}
        <Button type="primary" onClick={() => void save()} loading={busy} disabled={text.trim() === ""} data-testid="note-save">
          {corrects === null ? t("notes.add") : t("notes.saveCorrection")}
        </Button>
      </div>
      {refused !== null && <Failed error={refused} onRetry={() => void save()} />}
    </div>
  );
}
