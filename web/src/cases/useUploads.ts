import { useCallback, useState } from "react";
import { newId } from "../ui/newId";
import { refusal } from "./files";
import { upload } from "./upload";

export interface Sending {
  id: string;
  name: string;
  share: number;
  error: unknown;
}

/** Files on their way: each with its progress, and those that failed until they are dismissed. */
export function useUploads(caseId: string, limits: { held: number; most: number; mostBytes: number }, onSent: () => void) {
  const [sending, setSending] = useState<Sending[]>([]);
  const change = useCallback((id: string, part: Partial<Sending>) => {
    setSending((all) => all.map((one) => (one.id === id ? { ...one, ...part } : one)));
  }, []);
  const dismiss = useCallback((id: string) => setSending((all) => all.filter((one) => one.id !== id)), []);

  const send = useCallback(
    async (files: readonly File[]) => {
      const begun = files.map((file, index) => ({
        file,
        entry: {
          id: newId(),
          name: file.name,
          share: 0,
          error: refusal(file, limits.held + index, limits.most, limits.mostBytes),
        },
      }));
      setSending((all) => [...all, ...begun.map(({ entry }) => entry)]);
      for (const { file, entry } of begun) {
        if (entry.error !== null) continue;
        try {
          await upload(caseId, file, { id: entry.id, onProgress: (share) => change(entry.id, { share }) });
          dismiss(entry.id);
          onSent();
        } catch (error) {
          change(entry.id, { error });
        }
      }
    },
    [caseId, change, dismiss, limits.held, limits.most, limits.mostBytes, onSent],
  );
  return { sending, send, dismiss };
}
