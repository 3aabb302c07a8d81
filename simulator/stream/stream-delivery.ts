import { type AttemptResult, type Delivery } from "../events/push-queue";
import type { World } from "../world";
import { eventFrame } from "./frames";

/** Returns the delivery of events over one of the app's connections, chosen at random for each attempt and copy. */
export function streamDelivery(world: World, appKey: string): Delivery {
  const { stream, clock } = world;
  async function deliver(frame: ReturnType<typeof eventFrame>, eventType: string): Promise<AttemptResult> {
    const connection = stream.chooseConnection(appKey, eventType);
    return connection ? connection.deliver(frame) : { ok: false, reason: "no_connection" };
  }
  return {
    send({ event }) {
      const frame = eventFrame(event, appKey, clock.now());
      const copies = 1 + world.events.optionsOf(appKey).duplicates;
      return Promise.all(Array.from({ length: copies }, () => deliver(frame, event.eventType)));
    },
    retryAfterMs() {
      const { redeliverAfterMs, redeliveriesMax } = stream.optionsOf(appKey);
      return Array.from({ length: redeliveriesMax }, () => redeliverAfterMs);
    },
    // Stream mode has no list of failed callbacks, so the event is lost.
    giveUp() {},
  };
}
