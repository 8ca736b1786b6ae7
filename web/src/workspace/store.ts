import { create } from "zustand";
import type { Command } from "./messages";
import { WorkspaceSocket } from "./socket";
import { type WorkspaceEvent, type WorkspaceState, missed, reduce, START } from "./state";

interface Workspace extends WorkspaceState {
  /** The agent chose the browser and waits for the service to say so: the phone may start already. */
  signingIn: boolean;
  /** Another tab of this browser is the workspace. */
  elsewhere: boolean;
}

export const useWorkspace = create<Workspace>(() => ({ ...START, signingIn: false, elsewhere: false }));

let socket: WorkspaceSocket | null = null;

function happened(event: WorkspaceEvent): void {
  useWorkspace.setState((state) => reduce(state, event));
}

/** Opens the link; `onLost` is told of each loss. Returns the undo. */
export function openWorkspace(onLost: () => void): () => void {
  const url = new URL("/api/workspace/socket", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = new WorkspaceSocket(url.href, {
    opened: () => happened({ kind: "opened" }),
    closed: () => {
      happened({ kind: "closed" });
      onLost();
    },
    message: (message) => {
      const gap = missed(useWorkspace.getState(), message);
      happened({ kind: "message", message, now: Date.now() });
      // Where the link is lost on the way, the next one begins with a snapshot anyhow.
      if (gap) mine.command({ command: "resync" }).catch(() => undefined);
    },
  });
  socket = mine;
  mine.start();
  return () => {
    mine.close();
    if (socket === mine) socket = null;
    useWorkspace.setState({ ...START, signingIn: false });
  };
}

/** Sends a command; rejects with a Problem. */
export function sendCommand(command: Command): Promise<void> {
  if (socket === null) return Promise.reject(new Error("the workspace is not open"));
  return socket.command(command);
}
