import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { keyOf } from "@/lib/app-ref";
import { preventAppDeletion } from "@/lib/db/lock-app";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/keys-with-job";
import type { JobHandler } from "@/lib/jobs/queues";
import { sendJob } from "@/lib/jobs/send-job";
import { indexNames, type Name } from "./index-names";
import { FORM } from "./search-terms";

const BATCH = 2_000;

/** FOR SHARE until the terms are written, so that a concurrent sync renames a row either before or after. */
const DEPARTMENTS = `
  SELECT department_id::text AS id, name FROM department
  WHERE organization_id = $1 AND app_id = $2 AND ($3::bigint IS NULL OR department_id > $3) ORDER BY department_id LIMIT ${BATCH} FOR SHARE`;
const MEMBERS = `
  SELECT user_id AS id, name, job_number AS "jobNumber" FROM member
  WHERE organization_id = $1 AND app_id = $2 AND ($3::text IS NULL OR user_id > $3) AND erased_at IS NULL
  ORDER BY user_id LIMIT ${BATCH} FOR SHARE`;

type Row = { readonly id: string; readonly name: string; readonly jobNumber?: string | null };

const toName = (kind: Name["kind"], { id, name, jobNumber }: Row): Name => ({
  kind,
  id,
  name,
  ...(jobNumber && { also: [jobNumber] }),
});

async function indexBatch(client: ClientBase, app: AppRef, kind: Name["kind"], after: string | null) {
  if (!(await preventAppDeletion(client, app))) return null;
  const { rows } = await client.query<Row>(kind === "department" ? DEPARTMENTS : MEMBERS, [
    app.organizationId,
    app.appId,
    after,
  ]);
  await indexNames(
    client,
    app,
    rows.map((row) => toName(kind, row)),
  );
  return rows.length === BATCH ? (rows.at(-1)?.id ?? null) : null;
}

export async function indexDirectory(app: AppRef, signal?: AbortSignal): Promise<void> {
  for (const kind of ["department", "member"] as const) {
    let after: string | null = null;
    do {
      signal?.throwIfAborted();
      const from: string | null = after;
      after = await inOrganizationSql(app, (client) => indexBatch(client, app, kind, from), LIMITS.bulk);
    } while (after !== null);
  }
  await inOrganizationSql(app, (client) =>
    client.query("UPDATE dingtalk_app SET search_form = $3 WHERE organization_id = $1 AND id = $2", [
      app.organizationId,
      app.appId,
      FORM,
    ]),
  );
}

const OUTDATED = "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND search_form < $2";

/** Queues indexing for apps whose index is missing or has an older form. @returns how many apps there were */
export async function sweepSearch(organizationId: string): Promise<number> {
  const rows = await readTogether<{ id: string }>({ organizationId }, OUTDATED, [organizationId, FORM]);
  const apps = rows.map(({ id: appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "search.index", apps.map(keyOf));
  for (const app of apps)
    if (!waiting.has(keyOf(app))) await sendJob("search.index", app, { singletonKey: keyOf(app) });
  return rows.length;
}

export const indexDirectoryJob: JobHandler<"search.index"> = (app, { signal }) => indexDirectory(app, signal);
