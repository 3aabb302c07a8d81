import { z } from "zod";
import type { Route } from "../control-route";
import type { Push } from "./push-queue";

const ticketInput = z.strictObject({ suiteTicket: z.string().min(1).optional() });
const intervalInput = z.strictObject({ everyMs: z.number().int().positive().nullable() });

/** Routes of the control for subscriptions and events. */
export const EVENT_ROUTES: Readonly<Record<string, Route>> = {
  "GET apps/:/subscription": ({ control, parts: [appKey = ""] }) => control.findSubscription(appKey),
  "PUT apps/:/subscription": ({ control, parts: [appKey = ""], body }) =>
    control.subscribeEvents(appKey, body),
  "PUT apps/:/stream-subscription": ({ control, parts: [appKey = ""], body }) =>
    control.subscribeStream(appKey, body),
  "DELETE apps/:/subscription": ({ control, parts: [appKey = ""] }) => control.unsubscribeEvents(appKey),
  "GET apps/:/event-options": ({ control, parts: [appKey = ""] }) => control.readEventOptions(appKey),
  "PATCH apps/:/event-options": ({ control, parts: [appKey = ""], body }) =>
    control.setEventOptions(appKey, body),
  "DELETE apps/:/event-options": ({ control, parts: [appKey = ""] }) => control.resetEventOptions(appKey),
  "POST apps/:/events": ({ control, parts: [appKey = ""], body }) => control.pushEvent(appKey, body),
  "POST apps/:/events/release": ({ control, parts: [appKey = ""] }) => ({
    released: control.releaseEvents(appKey),
  }),
  "POST apps/:/suite-tickets": ({ control, parts: [appKey = ""], body }) =>
    control.pushSuiteTicket(appKey, ticketInput.parse(body).suiteTicket),
  "PUT apps/:/suite-tickets": ({ control, parts: [appKey = ""], body }) =>
    control.repeatSuiteTickets(appKey, intervalInput.parse(body).everyMs),
  "GET apps/:/failed-events": ({ control, parts: [appKey = ""] }) => control.listFailedEvents(appKey),
  "GET pushes": ({ control, query }) => control.listPushes(filterOf(query)),
  "POST pushes/settle": ({ control }) => control.settleEvents(),
};

function filterOf(query: URLSearchParams) {
  const [appKey, eventType] = [query.get("appKey"), query.get("eventType")];
  const state = query.get("state") as Push["state"] | null;
  return { ...(appKey && { appKey }), ...(eventType && { eventType }), ...(state && { state }) };
}
