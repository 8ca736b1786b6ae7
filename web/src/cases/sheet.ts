/** Where a case sheet is had, in the language of whoever reads it. */

type SheetLanguage = "zh" | "en";

export function sheetLanguage(language: string): SheetLanguage {
  return language.startsWith("zh") ? "zh" : "en";
}

export function sheetPdf(caseId: string, language: SheetLanguage): string {
  return `/api/cases/${caseId}/sheet.pdf?language=${language}`;
}
