/** A call to the simulated DingTalk. Contains no token and no secret. */
export type Call = {
  /** Milliseconds since the epoch by the simulator's clock. */
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
  /** Largest number of simultaneous unanswered calls, regardless of the filter. Without latency it is 1. */
  readonly inFlightMax: number;
  /** The most recent calls, oldest first. */
  readonly calls: readonly Call[];
};

export type CallLog = {
  begin(call: Omit<Call, "outcome">): Call;
  end(call: Call, outcome: string): void;
  report(filter?: CallFilter, callsMax?: number): CallReport;
  clear(): void;
};

/** Enough for several full syncs of the largest organization. */
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

/** Returns whether a path matches a pattern, in which a final `*` matches the rest. Leading slashes are ignored. */
export function isPathMatching(path: string, pattern: string): boolean {
  const wanted = pattern.replace(/^\//, "");
  return wanted.endsWith("*") ? path.startsWith(wanted.slice(0, -1)) : path === wanted;
}

function countBy(calls: readonly Call[], keyOf: (call: Call) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[keyOf(call)] = (counts[keyOf(call)] ?? 0) + 1;
  return counts;
}
