import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turnEnd } from "node:timers/promises";
import { isKnownSession } from "@/lib/auth/known-sessions";
import { AppError } from "@/lib/errors";
import { addressKey } from "@/lib/limits/address-key";
import { FairQueue, type Sharer } from "@/lib/limits/fair-queue";
import { REFUSALS, UNKNOWN_CLIENTS } from "@/lib/limits/numbers";
import { TokenBuckets } from "@/lib/limits/token-buckets";
import { keyIn, personIn } from "./identify-holder";
import { refuse } from "./refuse";
import { isMachine, isPageRequest, pathOf } from "./request-kind";

const PATH_CHARACTERS_MAX = 200;

const PROBES = new Set(["/healthz", "/readyz"]);

export type FloodClient = {
  readonly address: string;
  /** True if the connection belongs to a trusted proxy, which carries other clients too. */
  readonly isProxied: boolean;
};

/** Returns a name for the holder of a known session or API key, or `null`. */
function holderOf(request: IncomingMessage): string | null {
  if (isMachine(request)) {
    const key = keyIn(request);
    return key && `key/${key.keyId}`;
  }
  const person = personIn(request);
  return person !== null && isKnownSession(person) ? `person/${person}` : null;
}

/** Clients take turns. */
const makeQueue = () =>
  new FairQueue({
    running: 1,
    waiting: REFUSALS.delayedMax,
    refusal: () => new AppError("unavailable", "too many refusals are delayed"),
  });

/**
 * Refuses floods before any work is done for them. A refusal costs a small part of an answer, and a client that sends
 * its next request immediately is slowed down.
 */
export class FloodGate {
  readonly #addresses = new TokenBuckets(UNKNOWN_CLIENTS);
  readonly #refusals = new TokenBuckets(REFUSALS);
  readonly #heldBack = new WeakSet<Socket>();
  readonly #held = makeQueue();
  /** Delayed refusals for clients of trusted proxies. */
  readonly #proxied = makeQueue();
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<unknown>;

  /** @param now milliseconds of a monotonic clock */
  constructor(now = () => performance.now(), wait: (ms: number) => Promise<unknown> = (ms) => delay(ms)) {
    this.#now = now;
    this.#wait = wait;
  }

  /**
   * Admits a request or refuses it with 429.
   *
   * @returns whether the request continues; if not, it was answered
   */
  async admit(request: IncomingMessage, response: ServerResponse, client: FloodClient): Promise<boolean> {
    const path = pathOf(request);
    const holder = holderOf(request);
    const name = holder ?? addressKey(client.address);
    const refusalName = `${name} ${path.slice(0, PATH_CHARACTERS_MAX)}`;
    const nowMs = this.#now();
    const cost = isMachine(request)
      ? UNKNOWN_CLIENTS.cost.machine
      : isPageRequest(request)
        ? UNKNOWN_CLIENTS.cost.page
        : UNKNOWN_CLIENTS.cost.other;
    const waitMs =
      this.#refusals.waitMs(refusalName, 1, nowMs) ||
      (holder === null ? this.#addresses.take(name, cost, nowMs) : 0);
    if (waitMs === 0) {
      response.once("finish", () => {
        if (response.statusCode === 429) this.#refusals.take(refusalName, 1, this.#now());
      });
      return true;
    }
    const isProbe = PROBES.has(path);
    // Probes of a client take turns with its other requests.
    if (!(await this.#holdBack(request.socket, client, [name, isProbe ? path : ""]))) return false;
    if (isProbe) return true;
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    refuse(request, response, { code: "rate_limited", retryAfterSeconds, outage: "busy" });
    return false;
  }

  /**
   * Delays a refusal. A client that sends more without waiting for the answer is disconnected.
   *
   * @returns whether the connection is still open
   */
  async #holdBack(socket: Socket, { isProxied }: FloodClient, sharer: Sharer): Promise<boolean> {
    const close = () => void socket.destroy();
    // One refusal per turn of the event loop, so that other requests run in between.
    if (isProxied) await this.#proxied.run(sharer, () => turnEnd()).catch(close);
    else if (this.#heldBack.has(socket)) close();
    else {
      this.#heldBack.add(socket);
      await this.#wait(REFUSALS.delayMs);
      await this.#held.run(sharer, () => this.#wait(REFUSALS.spacingMs)).catch(close);
      this.#heldBack.delete(socket);
    }
    return !socket.destroyed;
  }
}
