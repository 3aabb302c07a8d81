import { expect } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "../start-simulator";
import { openReceiver } from "./callback-receiver";
import { openSimulator } from "./open-simulator";

export const RENAME = { op: "rename_department", id: 1, name: "新集团" } as const;

/** Starts a simulator, and a receiver that the default app subscribes. */
export async function openSubscribed(
  input: { shape?: "legacy"; ownerKey?: "corp_id"; eventTypes?: string[] } = {},
) {
  const [simulator, receiver] = [await openSimulator(), await openReceiver()];
  const { control } = simulator;
  const { url, token, aesKey } = receiver;
  const check = await control.subscribeEvents(DEFAULT_APP_KEY, { url, token, aesKey, ...input });
  expect(check).toEqual({ ok: true });
  receiver.received.length = 0;
  return {
    control,
    receiver,
    simulator,
    /** Renames the root, which makes one event, and waits for its push. */
    async rename() {
      control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
      await control.settleEvents();
    },
    async advance(ms: number) {
      control.advanceClock(ms);
      await control.settleEvents();
    },
  };
}
