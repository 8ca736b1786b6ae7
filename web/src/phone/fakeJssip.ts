/** What the phone uses of JsSIP, for tests of the phone alone. */

type Listener = (event: unknown) => void;

/** What JsSIP's own emitters do: all that the phone needs of them. */
class Emitter {
  private readonly listeners: [string, Listener][] = [];
  on(name: string, listener: Listener) {
    this.listeners.push([name, listener]);
  }
  emit(name: string, event: unknown = {}) {
    for (const [which, listener] of this.listeners) if (which === name) listener(event);
  }
}

export class Agent extends Emitter {
  start() {}
  call() {
    throw new SyntaxError("Failed to construct 'RTCPeerConnection'");
  }
}

/** A call that comes in. */
export class Ring extends Emitter {
  remote_identity = { uri: { user: "1003" } };
  answered = false;
  /** The status it was ended with; 0 where none was given. */
  ended: number | null = null;
  replaced: unknown[] = [];
  /** Holds `replaceTrack` up. */
  swap: Promise<void> = Promise.resolve();
  connection = {
    getSenders: () => [
      {
        replaceTrack: async (track: unknown) => {
          this.replaced.push(track);
          await this.swap;
        },
      },
    ],
  };
  receiveRequest() {}
  answer() {
    if (this.unusable) throw new SyntaxError("Failed to construct 'RTCPeerConnection'");
    this.answered = true;
  }
  /** The browser makes no connection of the configuration. */
  unusable = false;
  terminate({ status_code = 0 }: { status_code?: number } = {}) {
    this.ended = status_code;
    this.emit(this.answered ? "ended" : "failed", { cause: "Terminated", originator: "local" });
  }
}
