import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";

/** The pauses before a failed call is made again, in milliseconds: a little more than four minutes in all. */
export const PAUSES_MS: readonly number[] = [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000];

/** How many calls are replaced while they are aside. When more fail, DingTalk is away and others would fail too. */
const ASIDE_MAX = 20;

/** Faults that pass by themselves. Each call was repeated within seconds already. */
const PASSING: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "throttled",
  "temporary_fault",
  "host_unresolved",
  "unreachable",
  "timeout",
  "not_dingtalk",
]);

/** Said of the whole tree in one call, these mean that the answer is too large; it is read level by level then. */
const TOO_LARGE: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>(["temporary_fault", "timeout"]);

export type Patience = {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Default `PAUSES_MS`. */
  readonly pausesMs?: readonly number[];
};

/** A call whose last argument is a signal. */
type Call = (...asked: readonly unknown[]) => Promise<unknown>;

const signalOf = (asked: readonly unknown[]): AbortSignal => {
  const signal = asked.at(-1);
  if (!(signal instanceof AbortSignal)) throw new Error("a call to DingTalk was made without a signal");
  return signal;
};

/** Calls that are repeated over minutes, for a job for which nobody waits. */
export type PatientCalls<Calls> = Calls & {
  /** Calls `listener` whenever a call is put aside, so that another one may take its place. */
  readonly onAside: (listener: () => void) => void;
};

/**
 * Repeats each call that fails by a passing fault, over minutes. While a call pauses it is put aside: `atOnce` grows by
 * one, so that a department that fails again and again holds up no other.
 *
 * @throws what the call throws, once the pauses are used up or when the fault doesn't pass by itself
 */
export function patientCalls<Calls extends { readonly atOnce: (name: never) => number }>(
  calls: Calls,
  { sleep, pausesMs = PAUSES_MS }: Patience,
): PatientCalls<Calls> {
  let aside = 0;
  const listeners: (() => void)[] = [];

  const patient =
    (name: string, ask: Call): Call =>
    async (...asked) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await ask(...asked);
        } catch (error) {
          const pauseMs = pausesMs[tries];
          if (pauseMs === undefined || !isPassing(name, error)) throw error;
          aside += 1;
          for (const listener of listeners) listener();
          await sleep(Math.max(pauseMs, error.retryAfterMs ?? 0), signalOf(asked)).finally(() => {
            aside -= 1;
          });
        }
      }
    };
  const wrapped = Object.entries<unknown>({ ...calls }).map(([name, ask]) => [
    name,
    typeof ask === "function" ? patient(name, ask as Call) : ask,
  ]);
  return {
    // The same calls under the same names
    ...(Object.fromEntries(wrapped) as Calls),
    atOnce: (name: never) => calls.atOnce(name) + Math.min(aside, ASIDE_MAX),
    onAside: (listener) => void listeners.push(listener),
  };
}

const isPassing = (name: string, error: unknown): error is DingtalkError =>
  error instanceof DingtalkError &&
  PASSING.has(error.kind) &&
  !(name === "listAll" && TOO_LARGE.has(error.kind));
