import type { uiZh } from "./ui.zh";

export const uiEn: typeof uiZh = {
  table: {
    filters: "Filters",
    clear: "Clear filters",
    columns: "Columns shown",
    total: "{{count}} in all",
    pages: "Pages",
    previous: "Previous",
    next: "Next",
    failed: "The list could not be loaded",
    noMatch: "Nothing matches",
    noMatchHint: "Widen the filters, or clear them.",
  },
  form: {
    invalid: "Not valid here: {{what}}",
    unsaved: "There are unsaved changes",
    unsavedText: "If you leave now, they are lost.",
    leave: "Leave without saving",
    stay: "Stay here",
    required: "Fill this in",
  },
  confirm: { reason: "Reason", needReason: "Give a reason; it goes into the audit log." },
  import: {
    template: "Download a template",
    drop: "Click to choose a file, or drop it here",
    sending: "Uploading {{name}}…",
    checking: "Uploaded; checking {{name}} row by row…",
    failed: "The import failed; nothing was written",
    again: "Import another file",
    download: "Download the result (CSV)",
    line: "Line",
    outcome: "Result",
    subject: "Subject",
    message: "Note",
    outcomes: { created: "Created", updated: "Updated", unchanged: "Unchanged", skipped: "Skipped", failed: "Failed" },
  },
};
