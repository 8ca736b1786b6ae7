import { useQuery } from "@tanstack/react-query";
import { loadUnits, UNITS } from "../../units/units";

export interface TreeNode {
  id: string;
  pId: string | null;
  value: string;
  title: string;
}

export function useUnits() {
  return useQuery({ queryKey: [...UNITS, "pick"], queryFn: () => loadUnits(), staleTime: 300_000 });
}
