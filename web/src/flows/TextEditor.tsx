import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  text: string;
  readOnly: boolean;
  /** The line to show; 0 for none. */
  line: number;
  onChange: (text: string) => void;
}

/** The document as YAML, with its lines numbered. */
export function TextEditor({ text, readOnly, line, onChange }: Props) {
  const { t } = useTranslation();
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split("\n");
  useEffect(() => {
    const box = area.current;
    if (!box || line === 0) return;
    const all = box.value.split("\n");
    const start = all.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    box.focus();
    box.setSelectionRange(start, start + (all[line - 1]?.length ?? 0));
    box.scrollIntoView({ block: "nearest" });
  }, [line]);
  return (
    <div className="flow-text">
      <p className="quiet">{t("flows.textHint")}</p>
      <div className="flow-text-box">
        <pre aria-hidden="true">{lines.map((_, at) => at + 1).join("\n")}</pre>
        <textarea
          ref={area}
          value={text}
          readOnly={readOnly}
          rows={lines.length + 1}
          wrap="off"
          spellCheck={false}
          aria-label={t("flows.text")}
          onChange={(event) => onChange(event.target.value)}
          data-testid="flow-text"
        />
      </div>
    </div>
  );
}
