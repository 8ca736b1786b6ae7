import { api, listPage, unwrap } from "../../api/client";
import type { components } from "../../api/generated";
import { FLOWS } from "../flows";

type View = components["schemas"];
export type Replay = View["ReplayView"];
export type ReplayedCall = View["ReplayCallView"];
export type ShiftCount = View["ShiftCount"];
export type QueueLoad = View["QueueLoad"];

export const replaysOf = (id: string) => [...FLOWS, id, "replays"];

const path = (flow_id: string, replay_id: string) => ({ path: { flow_id, replay_id } });

export function loadReplays(flow_id: string) {
  return unwrap(api.GET("/api/flows/{flow_id}/replays", { params: { path: { flow_id } } }));
}

export function startReplay(flow_id: string, body: View["ReplayStart"]) {
  return unwrap(api.POST("/api/flows/{flow_id}/replays", { params: { path: { flow_id } }, body }));
}

export function stopReplay(flow_id: string, replay_id: string) {
  return unwrap(api.POST("/api/flows/{flow_id}/replays/{replay_id}/stop", { params: path(flow_id, replay_id) }));
}

export function loadReplayedCalls(flow_id: string, replay_id: string, query: Record<string, string | number>) {
  return listPage(
    api.GET("/api/flows/{flow_id}/replays/{replay_id}/calls", { params: { ...path(flow_id, replay_id), query } }),
  );
}

export type PathNode = View["ReplayPathNode"];

export function loadPaths(flow_id: string, replay_id: string, call_id: string) {
  const params = { path: { flow_id, replay_id, call_id } };
  return unwrap(api.GET("/api/flows/{flow_id}/replays/{replay_id}/calls/{call_id}", { params }));
}
