import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { setZone } from "../ui/zone";
import { api, unwrap } from "./client";
import { isProblem } from "./problem";
import type { Permission, SessionUser, SessionView } from "./types";

const KEY = ["session"];

/** Who is logged in and what the log-in still asks for: undefined while unknown, null when nobody. */
export function useSession() {
  return useQuery({
    queryKey: KEY,
    queryFn: async (): Promise<SessionView | null> => {
      try {
        // The zone too: no page is drawn before the session is known.
        const [view] = await Promise.all([
          unwrap(api.GET("/api/session")),
          readZone(),
        ]);
        return view;
      } catch (error) {
        if (isProblem(error) && (error.status === 401 || error.status === 403)) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

/** Learn the hotline's time zone. */
export async function readZone(): Promise<void> {
  const { time_zone } = await unwrap(api.GET("/api/public/clock"));
  setZone(time_zone);
}

export function useLogIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; password: string }) =>
      unwrap(api.POST("/api/session", { body })),
    onSuccess: (view) => client.setQueryData(KEY, view),
  });
}

/** Takes the session as a step of the log-in has left it. */
export function useSessionView() {
  const client = useQueryClient();
  return (view: SessionView) => client.setQueryData(KEY, view);
}

/** Nobody is logged in, and nothing that was read is kept. `clear()` would drop the page's own watch on the session. */
export function forgetSession(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
  client.setQueryData(KEY, null);
}

export function useLogOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/session")),
    onSettled: () => forgetSession(client),
  });
}

export function may(user: SessionUser | null | undefined, permission: Permission): boolean {
  return user?.permissions.includes(permission) ?? false;
}
