/** One call that was made to the simulated DingTalk. It holds no token and no secret. */
export type Call = {
  /** By the simulator's clock, in milliseconds since the epoch. */
  readonly at: number;
  readonly host: "oapi" | "api";
  readonly method: string;
  /** Without the leading slash. */
  readonly path: string;
  readonly appKey: string | null;
  readonly corpId: string | null;
  /** "ok", an error code, `fault:<kind>`, or null while the answer is pending. */
  outcome: string | null;
};

export type CallFilter = { readonly path?: string; readonly appKey?: string; readonly corpId?: string };

export type CallReport = {
  readonly total: number;
  readonly byPath: Readonly<Record<string, number>>;
  readonly byApp: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
  /** The most calls that were unanswered at one time, whatever the filter; without latency it is 1. */
  readonly inFlightMax: number;
  /** The most recent ones, oldest first. */
  readonly calls: readonly Call[];
};

export type CallLog = {
  begin(call: Omit<Call, "outcome">): Call;
  end(call: Call, outcome: string): void;
  report(filter?: CallFilter, callsMax?: number): CallReport;
  clear(): void;
};

/** A full synchronization of the largest organization fits several times. */
const CALLS_KEPT = 500_000;
const CALLS_REPORTED = 1_000;

export function makeCallLog(): CallLog {
  let calls: Call[] = [];
  let inFlight = 0;
  let inFlightMax = 0;
  return {
    begin(call) {
      const begun = { ...call, outcome: null };
      if (calls.length >= CALLS_KEPT) calls = calls.slice(CALLS_KEPT / 2);
      calls.push(begun);
      inFlight += 1;
      inFlightMax = Math.max(inFlightMax, inFlight);
      return begun;
    },
    end(call, outcome) {
      if (call.outcome === null) inFlight -= 1;
      call.outcome = outcome;
    },
    report(filter = {}, callsMax = CALLS_REPORTED) {
      const matching = calls.filter((call) => isMatching(call, filter));
      return {
        total: matching.length,
        byPath: countBy(matching, ({ path }) => path),
        byApp: countBy(matching, ({ appKey }) => appKey ?? "(none)"),
        byOutcome: countBy(matching, ({ outcome }) => outcome ?? "(pending)"),
        inFlightMax,
        calls: callsMax === 0 ? [] : matching.slice(-callsMax),
      };
    },
    clear() {
      calls = [];
      inFlightMax = inFlight;
    },
  };
}

function isMatching(call: Call, filter: CallFilter): boolean {
  return (
    (filter.path === undefined || isPathMatching(call.path, filter.path)) &&
    (filter.appKey === undefined || call.appKey === filter.appKey) &&
    (filter.corpId === undefined || call.corpId === filter.corpId)
  );
}

/** Whether a path is the one of a pattern, whose last `*` stands for any rest; leading slashes do not matter. */
export function isPathMatching(path: string, pattern: string): boolean {
  const wanted = pattern.replace(/^\//, "");
  return wanted.endsWith("*") ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
}

function countBy(calls: readonly Call[], keyOf: (call: Call) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[keyOf(call)] = (counts[keyOf(call)] ?? 0) + 1;
  return counts;
}
