import { create } from "zustand";
import type { Command } from "./messages";
import { DeskSocket } from "./socket";
import { type DeskEvent, type DeskState, missed, reduce, START } from "./state";

interface Desk extends DeskState {
  /** The agent chose the browser and waits for the service to say so: the phone may start already. */
  signingIn: boolean;
  /** Another tab of this browser is the desk. */
  elsewhere: boolean;
}

export const useDesk = create<Desk>(() => ({ ...START, signingIn: false, elsewhere: false }));

let socket: DeskSocket | null = null;

function happened(event: DeskEvent): void {
  useDesk.setState((state) => reduce(state, event));
}

/** Opens the link; `onLost` is told of each loss. Returns the undo. */
export function openDesk(onLost: () => void): () => void {
  const url = new URL("/api/desk/socket", window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = new DeskSocket(url.href, {
    opened: () => happened({ kind: "opened" }),
    closed: () => {
      happened({ kind: "closed" });
      onLost();
    },
    message: (message) => {
      const gap = missed(useDesk.getState(), message);
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
    useDesk.setState({ ...START, signingIn: false });
  };
}

/** Sends a command; rejects with a Problem. */
export function tellDesk(command: Command): Promise<void> {
  if (socket === null) return Promise.reject(new Error("the desk is not open"));
  return socket.command(command);
}
