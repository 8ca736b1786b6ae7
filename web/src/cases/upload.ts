import { apiUrl } from "../api/client";
import { offline, toProblem } from "../api/problem";
import type { AttachmentView } from "../api/types";

interface UploadOptions {
  /** Made once for a file, so that one sent again is not there twice. */
  id: string;
  kind?: string;
  onProgress: (share: number) => void;
}

/** Sends one file as the body, since fetch tells no progress. Rejects with a Problem. */
export function upload(caseId: string, file: File, { id, kind = "other", onProgress }: UploadOptions): Promise<AttachmentView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", apiUrl(`/api/cases/${caseId}/attachments`, { name: file.name, id, kind }));
    request.setRequestHeader("X-Requested-With", "hotline");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201) resolve(request.response as AttachmentView);
      else reject(toProblem(request.status, request.response));
    };
    request.onerror = () => reject(offline());
    request.onabort = () => reject(offline());
    request.send(file);
  });
}
