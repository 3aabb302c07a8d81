import "server-only";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

/** DingTalk refuses signatures that are further off. */
export const SKEW_MS_MAX = 60_000;
/** One answer of a cache or a wrong node says nothing: the middle one of the latest counts, once there are three. */
const SAMPLES_MIN = 3;
const SAMPLES_MAX = 9;
/** While an answer contradicts our clock, DingTalk is asked for the time this often. */
const PROBE_INTERVAL_MS = 60_000;

/** Asks DingTalk for the time. @returns by how much its clock is ahead of ours in milliseconds; `null` without an answer */
type Probe = () => Promise<number | null>;

/** What a test replaces. */
export type ClockSkewOptions = {
  /** Calls later, without keeping the process alive. */
  readonly after?: (ms: number, call: () => void) => void;
  readonly tell?: (isOff: boolean, skewMs: number | null) => void;
};

function tellOperator(isOff: boolean, skewMs: number | null): void {
  if (isOff) log.warn("this server's clock differs from DingTalk's; set it by NTP", { skewMs });
  else log.info("this server's clock agrees with DingTalk's again", { skewMs });
}

const isOff = (skewMs: number): boolean => Math.abs(skewMs) > SKEW_MS_MAX;

/** How far DingTalk's clock is ahead of ours, by the `Date` of its answers. A warning and a metric, and no more. */
export class ClockSkew {
  readonly #latest: number[] = [];
  readonly #options: Required<ClockSkewOptions>;
  #isProbing = false;
  #isOff = false;

  constructor({
    after = (ms, call) => void setTimeout(call, ms).unref(),
    tell = tellOperator,
  }: ClockSkewOptions = {}) {
    this.#options = { after, tell };
  }

  /** The middle of the latest answers, in milliseconds; `null` while there are fewer than three. */
  get skewMs(): number | null {
    if (this.#latest.length < SAMPLES_MIN) return null;
    return this.#latest.toSorted((a, b) => a - b)[Math.floor(this.#latest.length / 2)] ?? null;
  }

  /** @param skewMs by how much an answer's `Date` was ahead of our clock; `null` without one */
  note(skewMs: number | null, probe: Probe): void {
    if (skewMs !== null) {
      this.#latest.push(skewMs);
      if (this.#latest.length > SAMPLES_MAX) this.#latest.shift();
      this.#tell();
    }
    if (this.#isOff || isOff(skewMs ?? 0)) this.#probeLater(probe);
  }

  #tell(): void {
    const { skewMs } = this;
    const isOffNow = skewMs !== null && isOff(skewMs);
    if (isOffNow === this.#isOff) return;
    this.#isOff = isOffNow;
    this.#options.tell(isOffNow, skewMs);
  }

  /** Without traffic of its own a server would never learn that its clock, or DingTalk's answer, is right again. */
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

/** The process's own. */
export const clockSkew = (): ClockSkew => processWide("health.clock", () => new ClockSkew());
