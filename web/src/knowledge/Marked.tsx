import type { components } from "../api/generated";

/** A text with what was found in it. */
export function Marked({ parts, text }: { parts: components["schemas"]["TextPart"][] | undefined; text: string }) {
  if (!parts?.length) return <>{text}</>;
  return <>{parts.map((part, at) => (part.hit ? <mark key={at}>{part.text}</mark> : <span key={at}>{part.text}</span>))}</>;
}
