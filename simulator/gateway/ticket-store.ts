import { randomBytes } from "node:crypto";
import type { App } from "../control-input";
import type { Settings } from "../settings";
import type { IssuedToken } from "./token-store";

type Ticket = { readonly value: string; readonly createdAt: number; expiresAt: number };

export type TicketStore = {
  /** Issues the app's ticket. The setting for repeated fetches of tokens applies to tickets too. */
  issue(request: { app: App; settings: Settings; now: number }): IssuedToken;
  /** Removes all tickets. */
  clear(): void;
};

/**
 * A ticket ends a day after it was created, however often it is fetched.
 *
 * @see docs/dingtalk/jsapi-tickets.md#ticket-lifetime
 */
const LIFE_MS_MAX = 24 * 3_600_000;

/** Makes a store with one ticket per app, shared by both hosts. */
export function makeTicketStore(): TicketStore {
  const tickets = new Map<string, Ticket>();
  const ends = (from: number, { createdAt }: Pick<Ticket, "createdAt">, settings: Settings) =>
    Math.min(from + settings.tokenLifetimeSeconds * 1_000, createdAt + LIFE_MS_MAX);
  return {
    issue({ app, settings, now }) {
      const held = tickets.get(app.appKey);
      const isLive = held !== undefined && held.expiresAt > now;
      const value = randomBytes(43).toString("base64url");
      const ticket =
        isLive && settings.repeatedFetch !== "new"
          ? held
          : { value, createdAt: now, expiresAt: ends(now, { createdAt: now }, settings) };
      if (settings.repeatedFetch === "extended") ticket.expiresAt = ends(now, ticket, settings);
      tickets.set(app.appKey, ticket);
      return { value: ticket.value, lifetimeSeconds: Math.ceil((ticket.expiresAt - now) / 1_000) };
    },
    clear: () => tickets.clear(),
  };
}
