import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";

export const CALENDAR = ["calendar"];

export function useCalendar() {
  return useQuery({ queryKey: CALENDAR, queryFn: () => unwrap(api.GET("/api/calendar")) });
}
