import { randomUUID } from "node:crypto";
import type { Clock } from "../clock";
import { mulberry32, pick } from "../random";
import type { Connection, Opening } from "./connection";
import { STREAM_OPTIONS_DEFAULT, type StreamOptions } from "./stream-options";

/** @see docs/dingtalk/stream.md#open-a-connection */
const TICKET_LIFE_MS = 90_000;

type Ticket = { readonly opening: Opening; readonly expiresAt: number };

export type StreamState = ReturnType<typeof makeStreamState>;

/** Makes the store of tickets and connections of stream mode. */
export function makeStreamState(clock: Clock) {
  const tickets = new Map<string, Ticket>();
  const connections = new Map<string, Connection>();
  const options = new Map<string, StreamOptions>();
  const random = mulberry32(1);
  return {
    /** Open connections by id. */
    connections,
    options,
    optionsOf: (appKey: string): StreamOptions => options.get(appKey) ?? STREAM_OPTIONS_DEFAULT,
    issueTicket(opening: Opening): string {
      const ticket = randomUUID();
      tickets.set(ticket, { opening, expiresAt: clock.now() + TICKET_LIFE_MS });
      return ticket;
    },
    /** Returns the opening of a ticket once, or null for an unknown, used or expired ticket. */
    redeemTicket(ticket: string): Opening | null {
      const found = tickets.get(ticket);
      tickets.delete(ticket);
      return found && found.expiresAt > clock.now() ? found.opening : null;
    },
    /** Chooses one of an app's connections at random, or returns null if none takes the event. */
    chooseConnection(appKey: string, eventType: string): Connection | null {
      const suitable = [...connections.values()].filter(
        (connection) => connection.appKey === appKey && connection.takes(eventType),
      );
      return suitable.length > 0 ? pick(suitable, Math.floor(random() * suitable.length)) : null;
    },
    /** Resolves when no ping waits for an answer. */
    async settlePings(): Promise<void> {
      await Promise.all([...connections.values()].map((connection) => connection.settlePings()));
    },
    /** Closes all connections, and forgets tickets and options. */
    clear(): void {
      for (const connection of connections.values()) connection.kill();
      tickets.clear();
      options.clear();
    },
  };
}
