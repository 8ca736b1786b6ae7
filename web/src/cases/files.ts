import { Problem } from "../api/problem";

/** What is known before a file is sent; null where nothing speaks against it. */
export function refusal(file: { size: number }, held: number, most: number, mostBytes: number): Problem | null {
  if (held >= most) return new Problem(409, "attachment.too_many", "");
  if (file.size > mostBytes) return new Problem(413, "file.too_large", "");
  if (file.size === 0) return new Problem(422, "attachment.broken", "");
  return null;
}

/** 1.4 MB, 12 kB. */
export function bytes(size: number): string {
  if (size >= 1024 * 1024) return `${(size / 1024 / 1024).toFixed(1)} MB`;
  return `${Math.max(1, Math.round(size / 1024))} kB`;
}
