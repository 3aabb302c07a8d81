import type { App } from "../control-input";
import { merge } from "../settings";
import { streamDelivery } from "../stream/stream-delivery";
import { isOfOrganization, type World } from "../world";
import { type DingtalkEvent, type EventDraft, makeEvent } from "./event";
import type { EventOptionsPatch } from "./event-options";
import { httpDelivery } from "./http-push";
import { inOrder, type Push } from "./push-queue";
import { isSubscribed } from "./subscriptions";
import { toSyncRows } from "./sync-http";

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

function withSyncRows(world: World, app: App, event: DingtalkEvent): DingtalkEvent[] {
  const syncRows = toSyncRows(world, app, event);
  return syncRows.length > 0 ? [{ ...event, syncRows }] : [];
}

/** Sends events to one app, regardless of its subscribed types. */
export function pushEvents(
  world: World,
  app: App,
  drafts: readonly (EventDraft & { readonly corpId: string })[],
  overrides: EventOptionsPatch = {},
): Push[] {
  const { appKey } = app;
  const options = merge(world.events.optionsOf(appKey), overrides);
  const bornAt = world.clock.now() + options.timestampOffsetMs;
  const isStream = world.events.subscriptions.get(appKey)?.way === "stream";
  const delivery = isStream ? streamDelivery(world, appKey) : httpDelivery(world, appKey, overrides);
  const isSync = world.events.findHttp(appKey)?.mode === "sync_http";
  const events = drafts.flatMap(({ corpId, ...draft }) => {
    const event = makeEvent(draft, corpId, bornAt);
    return isSync ? withSyncRows(world, app, event) : [event];
  });
  return inOrder(events, options.order).map((event) =>
    world.events.queue.add(appKey, event, { delivery, options }),
  );
}
