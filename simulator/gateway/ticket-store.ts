import { randomBytes } from "node:crypto";
import type { App, Settings } from "../schemas";
import type { IssuedToken } from "./token-store";

type Ticket = { readonly value: string; readonly createdAt: number; expiresAt: number };

export type TicketStore = {
  /** Gives the app's ticket; what a repeated fetch gives is the same switch as for tokens. */
  issue(request: { app: App; settings: Settings; now: number }): IssuedToken;
  /** Ends all. */
  clear(): void;
};

/** However often it is fetched, a ticket ends a day after it was made (reference 2). */
const LIFE_MS_MAX = 24 * 3_600_000;

/** One ticket for each app, whichever host is asked (reference 2). */
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
