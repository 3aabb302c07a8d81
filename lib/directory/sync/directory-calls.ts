import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getDepartment, listSubDepartments } from "@/lib/dingtalk/departments";
import { getScopes } from "@/lib/dingtalk/scopes";
import type { DirectoryCalls } from "./reading";

/** The calls of one app. */
export function directoryCalls(dingtalk: Dingtalk, caller: DingtalkCaller): DirectoryCalls {
  return {
    scopeRoots: async (signal) => (await getScopes(dingtalk, caller, signal)).departmentIds,
    listSub: (departmentId, signal) => listSubDepartments(dingtalk, caller, { departmentId, signal }),
    get: (departmentId, signal) => getDepartment(dingtalk, caller, { departmentId, signal }),
  };
}

/** The same calls, each made only when `check` lets it. */
export function checkedCalls(calls: DirectoryCalls, check: () => Promise<void>): DirectoryCalls {
  return {
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
