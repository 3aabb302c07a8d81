import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { CallsAtOnce } from "@/lib/dingtalk/calls-at-once";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getDepartment, listSubDepartments } from "@/lib/dingtalk/departments";
import { getScopes } from "@/lib/dingtalk/scopes";
import type { DirectoryCalls } from "./reading";

/** DingTalk's limit of its standard edition, for a caller that says nothing of its own. */
const CALLS_PER_SECOND = 20;

/** The calls of one app, as many at once as its rate needs at the latency that they turn out to have. */
export function directoryCalls(way: Dingtalk, caller: DingtalkCaller): DirectoryCalls {
  const atOnce = new CallsAtOnce(caller.callsPerSecond ?? CALLS_PER_SECOND);
  const dingtalk: Dingtalk = {
    ...way,
    onAttempt(attempt) {
      atOnce.observe(attempt.durationMs);
      way.onAttempt(attempt);
    },
  };
  return {
    atOnce: () => atOnce.count,
    scopeRoots: async (signal) => (await getScopes(dingtalk, caller, signal)).departmentIds,
    listSub: (departmentId, signal) => listSubDepartments(dingtalk, caller, { departmentId, signal }),
    get: (departmentId, signal) => getDepartment(dingtalk, caller, { departmentId, signal }),
  };
}

/** The same calls, each made only when `check` lets it. */
export function checkedCalls(calls: DirectoryCalls, check: () => Promise<void>): DirectoryCalls {
  return {
    atOnce: calls.atOnce,
    scopeRoots: async (signal) => {
      await check();
      return calls.scopeRoots(signal);
    },
    listSub: async (departmentId, signal) => {
      await check();
      return calls.listSub(departmentId, signal);
    },
    get: async (departmentId, signal) => {
      await check();
      return calls.get(departmentId, signal);
    },
  };
}
