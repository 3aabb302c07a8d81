import { isPathMatching } from "../calls";
import type { App, Fault } from "../schemas";
import type { World } from "../world";

/** What a call meets besides its answer. */
export type Faults = {
  /** In the order of the rules. */
  readonly before: readonly Extract<Fault, { kind: "latency" | "change" }>[];
  /** What comes instead of the answer, if anything. */
  readonly instead: Exclude<Fault, { kind: "latency" | "change" }> | null;
};

/** Finds the faults of a call, and counts them as acted. The first rule that replaces the answer is the last one. */
export function findFaults(world: World, call: { path: string; app: App | null }): Faults {
  const before: Faults["before"][number][] = [];
  for (const active of world.faults) {
    const { path, appKey, corpId, afterCalls, times, fault } = active.rule;
    if (path !== undefined && !isPathMatching(call.path, path)) continue;
    if (appKey !== undefined && call.app?.appKey !== appKey) continue;
    if (corpId !== undefined && call.app?.corpId !== corpId) continue;
    active.matched += 1;
    if (active.matched <= afterCalls || active.acted >= (times ?? Number.POSITIVE_INFINITY)) continue;
    active.acted += 1;
    if (fault.kind !== "latency" && fault.kind !== "change") return { before, instead: fault };
    before.push(fault);
  }
  return { before, instead: null };
}
