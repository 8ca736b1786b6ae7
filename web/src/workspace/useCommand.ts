import { App } from "antd";
import { useCallback, useState } from "react";
import { words } from "../app/words";
import type { Command } from "./messages";
import { sendCommand } from "./store";

/** Sends workspace commands one at a time; a refusal is said in words. */
export function useCommand(): { send: (command: Command) => Promise<boolean>; busy: string | null } {
  const { message } = App.useApp();
  const [busy, setBusy] = useState<string | null>(null);
  const send = useCallback(
    async (command: Command) => {
      setBusy(command.command);
      try {
        await sendCommand(command);
        return true;
      } catch (error) {
        void message.error(words(error));
        return false;
      } finally {
        setBusy(null);
      }
    },
    [message],
  );
  return { send, busy };
}
