import { apiUrl } from "../api/client";
import { sendFile } from "../api/sendFile";
import type { AttachmentView } from "../api/types";

interface UploadOptions {
  /** Made once for a file, so that one sent again is not there twice. */
  id: string;
  kind?: string;
  onProgress: (share: number) => void;
}

/** Sends one file. Rejects with a Problem. */
export function upload(caseId: string, file: File, { id, kind = "other", onProgress }: UploadOptions): Promise<AttachmentView> {
  return sendFile(apiUrl(`/api/cases/${caseId}/attachments`, { name: file.name, id, kind }), file, onProgress);
}
