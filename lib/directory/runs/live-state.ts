import "server-only";
import { createHash } from "node:crypto";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { isUnderWay, type LiveRun, type LiveState } from "./run-states";

type Row = {
  readonly appId: string;
  /** Everything that a page shows of the app, except the counters of a run. */
  readonly facts: unknown;
  readonly run: Omit<LiveRun, "nowMs"> | null;
};

const READ = `
  SELECT a.id AS "appId",
    jsonb_build_array(a.id, a.name, a.state, a.state_since, a.state_reason, a.probe_at, a.sync_every_hours, a.last_seen_at,
      r.id, r.state, r.started_at, held.ids, t.version, t.expires_at, t.renew_at, t.last_error_at, d.revision) AS facts,
    CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('id', r.id, 'number', r.number, 'state', r.state,
      'stage', r.stage, 'departmentsSeen', r.departments_seen, 'departmentsExpected', b.departments_seen,
      'membersSeen', r.members_seen, 'calls', r.calls, 'callsByApi', r.calls_by_api,
      'callsExpected', CASE WHEN r.resumes_run_id IS NULL THEN b.calls_by_api END, 'throttles', r.throttles,
      'startedAtMs', floor(extract(epoch FROM r.started_at) * 1000)) END AS run
  FROM dingtalk_app a
  LEFT JOIN app_token t ON t.organization_id = a.organization_id AND t.app_id = a.id
  LEFT JOIN directory d ON d.organization_id = a.organization_id AND d.app_id = a.id
  LEFT JOIN LATERAL (SELECT * FROM sync_run WHERE organization_id = a.organization_id AND app_id = a.id
    ORDER BY number DESC LIMIT 1) r ON true
  LEFT JOIN LATERAL (SELECT departments_seen, calls_by_api FROM sync_run WHERE organization_id = a.organization_id
    AND app_id = a.id AND is_complete AND number < r.number AND (mode = 'verify') = (r.mode = 'verify')
    ORDER BY number DESC LIMIT 1) b ON true
  LEFT JOIN LATERAL (SELECT jsonb_agg(id ORDER BY number) AS ids FROM sync_run WHERE organization_id = a.organization_id
    AND app_id = a.id AND state = 'held') held ON true
  WHERE a.organization_id = $1 AND ($2::uuid IS NULL OR a.id = $2) ORDER BY a.id`;

/** Returns what open pages poll: a stamp that changes when the page is outdated, and the progress of active runs. */
export async function getLiveState(
  { organizationId }: Actor<"directory.read">,
  appId: string | null = null,
  nowMs: number = Date.now(),
): Promise<LiveState> {
  if (appId !== null && !isUuid(appId)) throw notFound("app");
  const rows = await readTogether<Row>({ organizationId }, READ, [organizationId, appId]);
  if (appId !== null && rows.length === 0) throw notFound("app");
  const runs = rows.flatMap(({ appId: id, run }): [string, LiveRun][] =>
    run && isUnderWay(run.state) ? [[id, { ...run, nowMs }]] : [],
  );
  const facts = JSON.stringify(rows.map((row) => row.facts));
  const stamp = createHash("sha256").update(facts).digest("base64url").slice(0, 16);
  return { stamp, runs: Object.fromEntries(runs) };
}
