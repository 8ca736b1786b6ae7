/** Which columns are put away: those the user chose, else the extra ones. A column new with a later version shows. */
export function hiddenOf(kept: string | null, columns: readonly { key: string; extra?: boolean }[]): string[] {
  const away = kept?.split(",");
  return columns.filter(({ key, extra }) => (away ? away.includes(key) : extra)).map(({ key }) => key);
}

/** `hidden` with `key` shown or put away; the last column stays. */
export function toggleColumn(hidden: readonly string[], key: string, known: readonly string[]): string[] {
  if (hidden.includes(key)) return hidden.filter((one) => one !== key);
  return known.length - hidden.length > 1 ? [...hidden, key] : [...hidden];
}

/** Where the arrow keys lead from row `at` of `count`: -1 is no row. */
export function rowAfterKey(key: string, at: number, count: number): number {
  if (count === 0) return -1;
  switch (key) {
    case "ArrowDown":
      return Math.min(count - 1, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return at;
  }
}
