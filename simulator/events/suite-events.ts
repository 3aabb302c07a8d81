import { randomBytes } from "node:crypto";
import type { App } from "../control-input";
import type { World } from "../world";
import type { EventDraft } from "./event";
import { pushEvents } from "./publish-events";
import type { Push } from "./push-queue";

/** An event about one organization of a third-party app. */
type SuiteDraft = EventDraft & { readonly corpId: string };

/**
 * Replaces a third-party app's ticket, and pushes the new one if the app has a subscription. The previous ticket is
 * invalid at once, whether or not the push succeeds.
 *
 * @see docs/dingtalk/third-party-apps.md#suite-ticket
 */
export function renewSuiteTicket(
  world: World,
  app: App,
  suiteTicket = randomBytes(32).toString("base64url"),
): Push | null {
  world.apps.set(app.appKey, { ...app, suiteTicket });
  if (!world.events.subscriptions.has(app.appKey)) return null;
  const data = { SuiteKey: app.appKey, SuiteTicket: suiteTicket };
  const [push] = pushEvents(world, app, [{ eventType: "suite_ticket", corpId: app.corpId, data }]);
  return push ?? null;
}

/** Renews a third-party app's ticket every `everyMs` while the app has a subscription; null ends this. */
export function repeatSuiteTickets(world: World, appKey: string, everyMs: number | null): void {
  const { ticketTimers, subscriptions } = world.events;
  ticketTimers.get(appKey)?.();
  ticketTimers.delete(appKey);
  if (everyMs === null) return;
  const cancel = world.clock.after(everyMs, () => {
    const app = world.apps.get(appKey);
    if (app && subscriptions.has(appKey)) renewSuiteTicket(world, app);
    repeatSuiteTickets(world, appKey, everyMs);
  });
  ticketTimers.set(appKey, cancel);
}

/**
 * Pushes what a change of a third-party app means to its organizations: authorizations that were given or withdrawn,
 * and an app that was stopped or started.
 *
 * @see docs/dingtalk/events.md#events-of-third-party-apps
 */
export function pushAppChange(world: World, before: App, after: App): void {
  if (after.kind !== "isv" || !world.events.subscriptions.has(after.appKey)) return;
  const drafts = [...authorizationEvents(before, after), ...stateEvents(before, after)];
  pushEvents(world, after, drafts);
}

const organizationsOf = (app: App): string[] => (app.authorized ? [app.corpId, ...app.customers] : []);

function authorizationEvents(before: App, after: App): SuiteDraft[] {
  const [had, has] = [organizationsOf(before), organizationsOf(after)];
  const given = has.filter((corpId) => !had.includes(corpId));
  const withdrawn = had.filter((corpId) => !has.includes(corpId));
  const draft = (eventType: string, corpId: string, more: Record<string, unknown> = {}): SuiteDraft => ({
    eventType,
    corpId,
    data: { SuiteKey: after.appKey, AuthCorpId: corpId, ...more },
  });
  const authCode = () => ({ AuthCode: randomBytes(16).toString("hex") });
  return [
    ...given.map((corpId) => draft("tmp_auth_code", corpId, authCode())),
    ...withdrawn.map((corpId) => draft("suite_relieve", corpId)),
  ];
}

function stateEvents(before: App, after: App): SuiteDraft[] {
  if (before.disabled === after.disabled) return [];
  const eventType = after.disabled ? "org_micro_app_stop" : "org_micro_app_restore";
  return organizationsOf(after).map((corpId) => ({
    eventType,
    corpId,
    data: { SuiteKey: after.appKey, AuthCorpId: corpId, AgentId: 1, AppId: 1 },
  }));
}
