import type { NoticeRow } from "./notices";

/** The page of what a notice is about; null where there is none. */
export function pageOf(notice: Pick<NoticeRow, "subject_kind" | "subject_id" | "subject_number">): string | null {
  switch (notice.subject_kind) {
    case "case":
      return `/cases/${encodeURIComponent(notice.subject_number || notice.subject_id)}`;
    case "call":
      return `/calls?call=${encodeURIComponent(notice.subject_id)}`;
    case "missed_calls":
    case "voicemail":
      return "/calls";
    case "unit":
      return `/units/${encodeURIComponent(notice.subject_id)}`;
    case "knowledge":
      return `/knowledge/${encodeURIComponent(notice.subject_id)}`;
    case "kb_request":
      return `/knowledge/requests/${encodeURIComponent(notice.subject_id)}`;
    case "enterprise":
      return `/enterprises/${encodeURIComponent(notice.subject_id)}`;
  }
}
