import { randomUUID } from "node:crypto";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./database";

type Row = {
  readonly state: "queued" | "running" | "succeeded" | "failed" | "interrupted" | "cancelled";
  readonly departmentsSeen?: number;
  readonly error?: object;
};

/** DingTalk's error for a missing permission, as runs store it. */
export const MISSING_PERMISSION = {
  kind: "missing_permission",
  retry: "no",
  api: "topapi/v2/department/listsub",
  host: "oapi.dingtalk.com",
  code: "88",
  subCode: "60011",
  message: "没有调用该接口的权限",
  requestId: "15r6h9ngqnsk1",
  requiredScopes: ["qyapi_get_department_list"],
  callerIp: null,
} as const;

export function idsOf(appPath: string): [organizationId: string, appId: string] {
  const [, , organization = "", , appId = ""] = appPath.split("/");
  const organizationId = parsePublicId(organization);
  if (organizationId === null) throw new Error(`no organization in ${appPath}`);
  return [organizationId, appId];
}

/**
 * Inserts a run that starts now. An active run gets a job that is due in an hour, so that no worker takes it and the sweep
 * doesn't consider it lost.
 *
 * @param appPath `/o/…/apps/…`
 * @returns the run's path
 */
export function plantRun(appPath: string, { state, departmentsSeen = 12, error }: Row): Promise<string> {
  const [organizationId, appId] = idsOf(appPath);
  const id = randomUUID();
  const isUnderWay = state === "queued" || state === "running";
  return withDatabase(async (client) => {
    if (isUnderWay) {
      await client.query(
        "INSERT INTO pgboss.job (name, data, start_after) VALUES ('sync', $1, now() + interval '1 hour')",
        [JSON.stringify({ organizationId, appId, runId: id })],
      );
    }
    await client.query(
      `WITH app AS (UPDATE dingtalk_app SET runs_made = runs_made + 1, active_run_id = $4
         WHERE organization_id = $1 AND id = $2 RETURNING runs_made)
       INSERT INTO sync_run (organization_id, app_id, id, number, state, trigger, started_at, finished_at, stage,
         departments_seen, calls, is_complete, error)
       SELECT $1, $2, $3, runs_made, $5::"RunState", 'manual', now(), CASE WHEN $6 THEN NULL ELSE now() END,
         CASE WHEN $6 THEN 'read' END, $7, $7, $5 = 'succeeded', $8 FROM app`,
      [
        organizationId,
        appId,
        id,
        isUnderWay ? id : null,
        state,
        isUnderWay,
        departmentsSeen,
        error ? JSON.stringify(error) : null,
      ],
    );
    return `${appPath}/syncs/${id}`;
  });
}

/** Ends a run of `plantRun` as complete. */
export function endPlantedRun(appPath: string): Promise<void> {
  const [organizationId, appId] = idsOf(appPath);
  return withDatabase(async (client) => {
    await client.query(
      `UPDATE sync_run SET state = 'succeeded', finished_at = now(), stage = NULL, is_complete = true
       WHERE organization_id = $1 AND app_id = $2 AND state = 'running'`,
      [organizationId, appId],
    );
    await client.query(
      `UPDATE dingtalk_app SET active_run_id = NULL, last_seen_at = now() WHERE organization_id = $1 AND id = $2`,
      [organizationId, appId],
    );
  });
}

type State = { readonly state: string; readonly name: string; readonly reason?: object };

/** Sets an app's state, as a renewal or a run would. */
export function plantState(appPath: string, { state, name, reason }: State): Promise<void> {
  const [organizationId, appId] = idsOf(appPath);
  return withDatabase(async (client) => {
    await client.query(
      `UPDATE dingtalk_app SET state = $3::"AppState", name = $4, state_reason = $5
       WHERE organization_id = $1 AND id = $2`,
      [organizationId, appId, state, name, reason ? JSON.stringify(reason) : null],
    );
  });
}
