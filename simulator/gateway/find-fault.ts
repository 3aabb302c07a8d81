import { isPathMatching } from "../calls";
import type { App } from "../control-input";
import type { Fault, FaultRule } from "../faults";
import type { World } from "../world";
import { bodyFields, type SimulatorRequest } from "./read-request";

type EarlyFault = Extract<Fault, { kind: "latency" | "change" | "change_app" }>;

/** Faults of a call. */
export type Faults = {
  /** In the order of the rules. */
  readonly before: readonly EarlyFault[];
  /** Replaces the answer, if set. */
  readonly instead: Exclude<Fault, EarlyFault> | null;
};

/** The calling app, if it can be identified. */
type Caller = { readonly app: App | null };

/** Finds the faults of a call, and counts them. A rule that replaces the answer ends the search. */
export function findFaults(world: World, request: SimulatorRequest, caller: Caller): Faults {
  const before: EarlyFault[] = [];
  for (const active of world.faults) {
    const { afterCalls, times, fault } = active.rule;
    if (!isMeant(active.rule, request, caller)) continue;
    active.matched += 1;
    if (active.matched <= afterCalls || active.acted >= (times ?? Number.POSITIVE_INFINITY)) continue;
    active.acted += 1;
    if (!isEarly(fault)) return { before, instead: fault };
    before.push(fault);
  }
  return { before, instead: null };
}

const isEarly = (fault: Fault): fault is EarlyFault =>
  fault.kind === "latency" || fault.kind === "change" || fault.kind === "change_app";

function isMeant(rule: FaultRule, request: SimulatorRequest, { app }: Caller): boolean {
  if (rule.path !== undefined && !isPathMatching(request.path, rule.path)) return false;
  if (rule.appKey !== undefined && app?.appKey !== rule.appKey) return false;
  if (rule.corpId !== undefined && app?.corpId !== rule.corpId) return false;
  if (rule.deptId !== undefined && !names(request, DEPARTMENT_NAMES, String(rule.deptId))) return false;
  return rule.userid === undefined || names(request, PERSON_NAMES, rule.userid);
}

/** Parameter names of department ids and userids at the various endpoints. */
const DEPARTMENT_NAMES = ["dept_id", "id", "department_id", "deptId"];
const PERSON_NAMES = ["userid", "userId"];

function names({ query, body }: SimulatorRequest, parameters: readonly string[], value: string): boolean {
  const fields = bodyFields(body);
  return parameters.some((name) => {
    const given = fields.get(name) ?? query.get(name);
    return (typeof given === "string" || typeof given === "number") && `${given}` === value;
  });
}
