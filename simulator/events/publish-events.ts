import type { App } from "../control-input";
import { merge } from "../settings";
import { isOfOrganization, type World } from "../world";
import { type EventDraft, makeEvent } from "./event";
import type { EventOptionsPatch } from "./event-options";
import { httpDelivery } from "./http-push";
import { inOrder, type Push } from "./push-queue";
import { isSubscribed } from "./subscriptions";

/** Sends events of an organization to every app that subscribes to them. */
export function publishEvents(world: World, corpId: string, drafts: readonly EventDraft[]): void {
  if (drafts.length === 0) return;
  for (const app of world.apps.values()) {
    const subscription = world.events.subscriptions.get(app.appKey);
    if (!subscription || !isOfOrganization(app, corpId) || app.disabled || !app.authorized) continue;
    pushEvents(
      world,
      app,
      drafts
        .filter(({ eventType }) => isSubscribed(subscription, eventType))
        .map((draft) => ({ ...draft, corpId })),
    );
  }
}

/** Sends events to one app, regardless of its subscribed types. */
export function pushEvents(
  world: World,
  { appKey }: App,
  drafts: readonly (EventDraft & { readonly corpId: string })[],
  overrides: EventOptionsPatch = {},
): Push[] {
  const options = merge(world.events.optionsOf(appKey), overrides);
  const bornAt = world.clock.now() + options.timestampOffsetMs;
  const delivery = httpDelivery(world, appKey, overrides);
  const events = drafts.map(({ corpId, ...draft }) => makeEvent(draft, corpId, bornAt));
  return inOrder(events, options.order).map((event) =>
    world.events.queue.add(appKey, event, { delivery, options }),
  );
}
