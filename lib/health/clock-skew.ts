import "server-only";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

/** DingTalk refuses signatures with a larger difference. */
export const SKEW_MS_MAX = 60_000;
/** A single answer may come from a cache or a node with a wrong clock, so the median counts. */
const SAMPLES_MIN = 3;
const SAMPLES_MAX = 9;
const PROBE_INTERVAL_MS = 60_000;

/** Asks DingTalk for its time. @returns milliseconds by which its clock is ahead; `null` without an answer */
type Probe = () => Promise<number | null>;

export type ClockSkewOptions = {
  /** A timer that doesn't keep the process alive. */
  readonly after?: (ms: number, call: () => void) => void;
  readonly report?: (isOff: boolean, skewMs: number | null) => void;
};

function logChange(isOff: boolean, skewMs: number | null): void {
  if (isOff) log.warn("this server's clock differs from DingTalk's; use NTP", { skewMs });
  else log.info("this server's clock agrees with DingTalk's again", { skewMs });
}

const isOff = (skewMs: number): boolean => Math.abs(skewMs) > SKEW_MS_MAX;

/** Measures by how much DingTalk's clock is ahead, from the `Date` of its answers. Used for a warning and a metric only. */
export class ClockSkew {
  readonly #latest: number[] = [];
  readonly #options: Required<ClockSkewOptions>;
  #isProbing = false;
  #isOff = false;

  constructor({
    after = (ms, call) => void setTimeout(call, ms).unref(),
    report = logChange,
  }: ClockSkewOptions = {}) {
    this.#options = { after, report };
  }

  /** Median of the latest answers, in milliseconds; `null` before three answers. */
  get skewMs(): number | null {
    if (this.#latest.length < SAMPLES_MIN) return null;
    return this.#latest.toSorted((a, b) => a - b)[Math.floor(this.#latest.length / 2)] ?? null;
  }

  /** @param skewMs milliseconds by which an answer's `Date` was ahead; `null` without a date */
  note(skewMs: number | null, probe: Probe): void {
    if (skewMs !== null) {
      this.#latest.push(skewMs);
      if (this.#latest.length > SAMPLES_MAX) this.#latest.shift();
      this.#report();
    }
    if (this.#isOff || isOff(skewMs ?? 0)) this.#probeLater(probe);
  }

  #report(): void {
    const { skewMs } = this;
    const isOffNow = skewMs !== null && isOff(skewMs);
    if (isOffNow === this.#isOff) return;
    this.#isOff = isOffNow;
    this.#options.report(isOffNow, skewMs);
  }

  /** A server without traffic would otherwise never notice that the clocks agree again. */
  #probeLater(probe: Probe): void {
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#options.after(PROBE_INTERVAL_MS, () => {
      this.#isProbing = false;
      void probe()
        .catch(() => null)
        .then((skewMs) => this.note(skewMs, probe));
    });
  }
}

export const clockSkew = (): ClockSkew => processWide("health.clock", () => new ClockSkew());
