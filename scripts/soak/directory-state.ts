import type { AppRef } from "@/lib/app-ref";
import type { MeasuredDatabase } from "../bench/measuring/measured-database";
import { control } from "../simulator-process";

export type Run = {
  readonly id: string;
  readonly state: string;
  readonly trigger: string;
  readonly resumesRunId: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly reason: string | null;
};

const RUNS = `
  SELECT id, state::text, trigger::text, resumes_run_id AS "resumesRunId", started_at AS "startedAt",
    finished_at AS "finishedAt", error ->> 'kind' AS reason
  FROM sync_run WHERE organization_id = $1 AND app_id = $2 ORDER BY number`;

/** Lists an app's runs, oldest first. */
export async function listRuns({ admin }: MeasuredDatabase, app: AppRef): Promise<Run[]> {
  return (await admin.query<Run>(RUNS, [app.organizationId, app.appId])).rows;
}

/** Returns the version of each row of an app, which changes with every write. */
export async function rowVersions({ admin }: MeasuredDatabase, app: AppRef): Promise<string> {
  const { rows } = await admin.query<{ versions: string | null }>(
    `SELECT string_agg(department_id || ':' || xmin || ':' || ctid, ',' ORDER BY department_id) AS versions
     FROM department WHERE organization_id = $1 AND app_id = $2`,
    [app.organizationId, app.appId],
  );
  return rows[0]?.versions ?? "";
}

type Department = { readonly id: number; readonly parentId: number | null; readonly name: string };

/** Returns a tree as text with one department per line, for comparison. */
export const treeText = (departments: readonly Department[]): string =>
  [...departments]
    .sort((a, b) => a.id - b.id)
    .map(({ id, parentId, name }) => JSON.stringify([id, parentId, name]))
    .join("\n");

/** Returns the stored tree as text. */
export async function storedTree({ admin }: MeasuredDatabase, app: AppRef): Promise<string> {
  const { rows } = await admin.query<Department>(
    `SELECT department_id::float8 AS id, parent_id::float8 AS "parentId", name FROM department
     WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL`,
    [app.organizationId, app.appId],
  );
  return treeText(rows);
}

/** Returns the simulator's tree as text. */
export const simulatedTree = async (url: string, corpId: string): Promise<string> =>
  treeText(await control<Department[]>(url, `GET organizations/${corpId}/departments`));
