import type { RunDetail } from "./queries";
import type { RunProgress } from "./run-states";

/** A run as the browser follows it. */
export const toProgress = (run: RunDetail, nowMs: number = Date.now()): RunProgress => ({
  state: run.state,
  stage: run.stage,
  departmentsSeen: run.departmentsSeen,
  departmentsExpected: run.departmentsExpected,
  membersSeen: run.membersSeen,
  calls: run.calls,
  callsByApi: run.callsByApi,
  callsExpected: run.callsExpected,
  throttles: run.throttles,
  startedAtMs: run.startedAt?.getTime() ?? null,
  nowMs,
});
