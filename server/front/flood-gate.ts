import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turnEnd } from "node:timers/promises";
import { isKnownPerson } from "@/lib/auth/known-members";
import { AppError } from "@/lib/errors";
import { addressKey } from "@/lib/limits/address-key";
import { FairQueue, type Sharer } from "@/lib/limits/fair-queue";
import { REFUSALS, UNKNOWN_CLIENTS } from "@/lib/limits/numbers";
import { TokenBuckets } from "@/lib/limits/token-buckets";
import { keyIn, personIn } from "./identify-holder";
import { isLimited } from "./limit-load";
import { isMachine, pathOf, refuse } from "./refuse";

const PATH_CHARACTERS_MAX = 200;

const PROBES = new Set(["/healthz", "/readyz"]);

export type FloodClient = {
  readonly address: string;
  /** Whether the connection is a trusted proxy's, which other clients use too. */
  readonly isProxied: boolean;
};

/** Returns a name for the holder of a known session or key; `null` for a request that shows none. */
function holderOf(request: IncomingMessage): string | null {
  if (isMachine(request)) {
    const key = keyIn(request);
    return key && `key/${key.keyId}`;
  }
  const person = personIn(request);
  return person !== null && isKnownPerson(person) ? `person/${person}` : null;
}

/** Clients take turns. */
const makeQueue = () =>
  new FairQueue({
    running: 1,
    waiting: REFUSALS.delayedMax,
    refusal: () => new AppError("unavailable", "too many refusals are held back"),
  });

/**
 * Refuses floods before any work is done for them. A refusal costs a small part of an answer, and a client that sends
 * the next request as soon as it has one is slowed down.
 */
export class FloodGate {
  readonly #addresses = new TokenBuckets(UNKNOWN_CLIENTS);
  readonly #refusals = new TokenBuckets(REFUSALS);
  readonly #heldBack = new WeakSet<Socket>();
  readonly #held = makeQueue();
  /** Of trusted proxies' clients. */
  readonly #proxied = makeQueue();
  readonly #now: () => number;
  readonly #wait: (ms: number) => Promise<unknown>;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now = () => performance.now(), wait: (ms: number) => Promise<unknown> = (ms) => delay(ms)) {
    this.#now = now;
    this.#wait = wait;
  }

  /** @returns whether the request may go on; if not, it was answered */
  async admit(request: IncomingMessage, response: ServerResponse, client: FloodClient): Promise<boolean> {
    const path = pathOf(request);
    const holder = holderOf(request);
    const name = holder ?? addressKey(client.address);
    const refusalName = `${name} ${path.slice(0, PATH_CHARACTERS_MAX)}`;
    const nowMs = this.#now();
    const cost = isMachine(request)
      ? UNKNOWN_CLIENTS.cost.machine
      : isLimited(request)
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
    // A client's probes take turns with its other requests.
    if (!(await this.#holdBack(request.socket, client, [name, isProbe ? path : ""]))) return false;
    if (isProbe) return true;
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    refuse(request, response, { code: "rate_limited", retryAfterSeconds, trouble: "busy" });
    return false;
  }

  /** @returns whether the connection is still of use; one whose client sends more without waiting for an answer is closed */
  async #holdBack(socket: Socket, { isProxied }: FloodClient, sharer: Sharer): Promise<boolean> {
    const close = () => void socket.destroy();
    // One in each turn of the event loop: others' requests come between.
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
