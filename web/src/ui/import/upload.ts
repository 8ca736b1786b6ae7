import { offline, toProblem } from "../../api/problem";

interface Options {
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
  /** Instead of what the browser takes it for. */
  type?: string;
}

/** Sends one file to `path` as its body; by XMLHttpRequest, because fetch tells no progress. Rejects with a Problem. */
export function uploadFile<T>(path: string, file: File, { onProgress, signal, type }: Options): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("X-Requested-With", "hotline");
    request.setRequestHeader("Content-Type", type ?? (file.type || "application/octet-stream"));
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response as T);
      else reject(toProblem(request.status, request.response));
    };
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
