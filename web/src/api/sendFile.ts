import { offline, toProblem } from "./problem";

/** POSTs bytes as the body, since fetch tells no progress. Rejects with a Problem. */
export function sendFile<T>(url: string, body: Blob, onProgress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-Requested-With", "hotline");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 201) resolve(request.response as T);
      else reject(toProblem(request.status, request.response));
    };
    request.onerror = () => reject(offline());
    request.onabort = () => reject(offline());
    request.send(body);
  });
}
