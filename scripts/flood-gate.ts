import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { addressKey } from "@/lib/address-key";
import { bearerOf } from "@/lib/auth/keys/bearer";
import { nameOfKnownKey } from "@/lib/auth/keys/find-key";
import { isKnownPerson } from "@/lib/auth/known-members";
import { TOKEN_HEADER } from "@/lib/gateway/headers";
import { readLeaseToken } from "@/lib/gateway/lease-token";
import { tokenIn } from "@/lib/gateway/query";
import { isGatewayAddress } from "@/lib/http/headers";
import { RequestBudgets } from "@/lib/http/request-budgets";
import { isLimited, personIn } from "./limit-load";
import { isMachine, pathOf, refuse } from "./refuse";

/**
 * What the requests of an address cost that show no known session or key: about a third of a core. Everybody behind a
 * proxy that `TRUSTED_PROXIES` doesn't name has one budget, so it is large, and signed-in people and services don't need it.
 */
const ADDRESS = { perSecond: 100, burst: 1_000 };
const COST = { page: 10, machine: 2, other: 1 };
/** Answers of 429 that a client may get for a path before its next request there is refused without any work. */
const REFUSALS = { perSecond: 10, burst: 20 };
/** Connections of an address that is no trusted proxy's; more are closed at once. */
const CONNECTIONS_MAX = 2_000;
/** A refusal is held back for this long, so that a client that ignores Retry-After is slow. Probes wait a second or more. */
const HOLD_MS = 500;
const PATH_CHARACTERS_MAX = 200;

const PROBES = new Set(["/healthz", "/readyz"]);

export type FloodClient = {
  readonly address: string;
  /** Whether the connection is a trusted proxy's, which other clients use too. */
  readonly isProxied: boolean;
};

/** Returns a name for the holder of a known session or key; `null` for a request that shows none. */
function holderOf(request: IncomingMessage): string | null {
  if (!isMachine(request)) {
    const person = personIn(request);
    return person !== null && isKnownPerson(person) ? `person/${person}` : null;
  }
  const { authorization = null, [TOKEN_HEADER]: token } = request.headers;
  const key = nameOfKnownKey(bearerOf(authorization));
  if (key !== null) return `key/${key}`;
  if (!isGatewayAddress(pathOf(request))) return null;
  const lease = tokenIn((request.url ?? "").split("?", 2)[1] ?? "") ?? String(token ?? "");
  const holder = readLeaseToken(lease, Date.now());
  return holder && `lease/${holder.keyId}`;
}

/**
 * Refuses floods before any work is done for them. A refusal costs a small part of an answer, and a client that sends
 * the next request as soon as it has one is slowed down.
 */
export class FloodGate {
  readonly #addresses = new RequestBudgets(ADDRESS);
  readonly #refusals = new RequestBudgets(REFUSALS);
  readonly #heldBack = new WeakSet<Socket>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns whether the request may go on; if not, it was answered */
  async admit(request: IncomingMessage, response: ServerResponse, client: FloodClient): Promise<boolean> {
    const path = pathOf(request);
    const holder = holderOf(request);
    const name = holder ?? addressKey(client.address);
    const refusalName = `${name} ${path.slice(0, PATH_CHARACTERS_MAX)}`;
    const nowMs = this.#now();
    const cost = isMachine(request) ? COST.machine : isLimited(request) ? COST.page : COST.other;
    const waitMs =
      this.#refusals.waitMs(refusalName, 1, nowMs) ||
      (holder === null ? this.#addresses.take(name, cost, nowMs) : 0);
    if (waitMs === 0) {
      response.once("finish", () => {
        if (response.statusCode === 429) this.#refusals.take(refusalName, 1, this.#now());
      });
      return true;
    }
    if (!(client.isProxied || (await this.#holdBack(request.socket)))) return false;
    if (PROBES.has(path)) return true;
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    refuse(request, response, { code: "rate_limited", retryAfterSeconds, trouble: "busy" });
    return false;
  }

  /** @returns whether the connection is still of use; one whose client sends more without waiting for an answer is closed */
  async #holdBack(socket: Socket): Promise<boolean> {
    if (this.#heldBack.has(socket)) {
      socket.destroy();
      return false;
    }
    this.#heldBack.add(socket);
    await delay(HOLD_MS);
    this.#heldBack.delete(socket);
    return !socket.destroyed;
  }
}

/** Closes the connections of an address beyond 2,000. @param isProxy whether an address is a trusted proxy's */
export function limitConnections(server: Server, isProxy: (address: string) => boolean): void {
  const counts = new Map<string, number>();
  server.on("connection", (socket) => {
    const { remoteAddress = "unknown" } = socket;
    if (isProxy(remoteAddress)) return;
    const key = addressKey(remoteAddress);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    socket.once("close", () => {
      const left = (counts.get(key) ?? 0) - 1;
      if (left > 0) counts.set(key, left);
      else counts.delete(key);
    });
    if (count > CONNECTIONS_MAX) socket.destroy();
  });
}
