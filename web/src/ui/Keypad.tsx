import { useState } from "react";
import { useTranslation } from "react-i18next";
import "./keypad.css";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SHOWN = 24;

interface Props {
  onDigit: (digit: string) => void;
  disabled?: boolean;
}

/** A telephone's keys; the computer's digit keys press them too while one of them has the focus. */
export function Keypad({ onDigit, disabled = false }: Props) {
  const { t } = useTranslation();
  const [pressed, setPressed] = useState("");

  function press(digit: string) {
    if (disabled) return;
    setPressed((before) => (before + digit).slice(-SHOWN));
    onDigit(digit);
  }

  return (
    <div className="keypad" role="group" aria-label={t("keypad.title")} data-testid="keypad">
      <output className="keypad-sent" aria-label={t("keypad.sent")}>
        {pressed}
      </output>
      {KEYS.map((key) => (
        <button
          key={key}
          type="button"
          className="keypad-key"
          disabled={disabled}
          aria-label={t("keypad.key", { key })}
          data-testid={`key-${key === "*" ? "star" : key === "#" ? "hash" : key}`}
          onClick={() => press(key)}
          onKeyDown={(event) => {
            if (KEYS.includes(event.key)) press(event.key);
          }}
        >
          {key}
        </button>
      ))}
    </div>
  );
}
