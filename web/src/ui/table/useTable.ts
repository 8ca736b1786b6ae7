import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { isProblem } from "../../api/problem";
import type { Page } from "../../api/types";
import { type AddressSpec, changeAddress, queryOfAddress, readAddress } from "./address";

const ROWS = 50;

interface Options<T> extends AddressSpec {
  /** Part of the query's key, and the name under which the column settings are kept. */
  name: string;
  load: (query: Record<string, string | number>) => Promise<Page<T>>;
  rows?: number;
}

/** A list that the server pages, filters and sorts, as its address says. */
export function useTable<T>({ name, load, rows = ROWS, ...spec }: Options<T>) {
  const [params, setParams] = useSearchParams();
  const address = readAddress(params, spec);
  const asked = queryOfAddress(address, rows);
  // Cursors lead forward only: the way back is remembered. A page opened by its address has none but the first.
  const [trail, setTrail] = useState<string[]>([]);
  const query = useQuery({
    queryKey: [name, "list", asked],
    queryFn: () => load(asked).catch((error: unknown) => firstPage(error, asked, load)),
    placeholderData: keepPreviousData,
  });
  const go = (change: Parameters<typeof changeAddress>[1], replace = true) =>
    setParams(changeAddress(params, change), { replace });
  return {
    name,
    address,
    query,
    filter: (filters: Record<string, string>) => {
      setTrail([]);
      go({ filters });
    },
    clear: () => {
      setTrail([]);
      go({ filters: Object.fromEntries(spec.filters.map((filter) => [filter, ""])) });
    },
    sortBy: (sort: string) => {
      setTrail([]);
      go({ sort });
    },
    next: () => {
      if (!query.data?.next) return;
      setTrail([...trail, address.cursor]);
      go({ cursor: query.data.next }, false);
    },
    previous: () => {
      setTrail(trail.slice(0, -1));
      go({ cursor: trail.at(-1) ?? "" }, false);
    },
  };
}

/** An address with a cursor of another list, or with a broken one, shows the first page. */
function firstPage<T>(error: unknown, { cursor, ...asked }: Record<string, string | number>, load: Options<T>["load"]): Promise<Page<T>> {
  if (cursor === undefined || !isProblem(error, "input.cursor")) throw error;
  return load(asked);
}

export type TableState<T> = ReturnType<typeof useTable<T>>;
