import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turnEnd } from "node:timers/promises";
import { addressKey } from "@/lib/limits/address-key";
import { CONNECTIONS_OF_ADDRESS } from "@/lib/limits/numbers";

const SETTLE_MS_MAX = 250;

/** Limits and paces the connections of a server. */
export class Connections {
  readonly #counts = new Map<string, number>();
  #accepted = 0;
  #settling: Promise<void> | null = null;
  readonly #now: () => number;

  /**
   * Closes connections of an address beyond 2,000.
   *
   * @param isProxy tells whether an address is a trusted proxy
   * @param now milliseconds of a monotonic clock
   */
  constructor(server: Server, isProxy: (address: string) => boolean, now = () => performance.now()) {
    this.#now = now;
    server.on("connection", (socket: Socket) => {
      this.#accepted += 1;
      this.#settling ??= this.#settle();
      const { remoteAddress = "unknown" } = socket;
      if (!isProxy(remoteAddress)) this.#count(socket, addressKey(remoteAddress));
    });
  }

  /**
   * Waits until all pending connections are accepted, at most 250 ms. Node accepts one connection per turn of the event
   * loop. If long work began while 1,000 connections are pending, the last client would wait 1,000 long turns.
   */
  async settled(): Promise<void> {
    if (this.#settling) await this.#settling;
  }

  async #settle(): Promise<void> {
    const untilMs = this.#now() + SETTLE_MS_MAX;
    let before: number;
    do {
      before = this.#accepted;
      // The end of this turn, and the end of the next one.
      await turnEnd();
      await turnEnd();
    } while (this.#accepted !== before && this.#now() < untilMs);
    this.#settling = null;
  }

  #count(socket: Socket, address: string): void {
    const counts = this.#counts;
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    socket.once("close", () => {
      const left = (counts.get(address) ?? 0) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
    if (count > CONNECTIONS_OF_ADDRESS) socket.destroy();
  }
}
