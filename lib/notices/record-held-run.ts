import "server-only";
import { runSql, type Work } from "@/lib/db/run-sql";

type HeldRun = { readonly organizationId: string; readonly appId: string; readonly runId: string };

// The notice has the run's ID, so each run has at most one notice.
const BEGIN = `
  INSERT INTO app_notice (organization_id, id, app_id, state, since)
  VALUES ($1::uuid, $2::uuid, $3::uuid, 'held', $4::timestamptz) ON CONFLICT DO NOTHING`;

const END = `
  UPDATE app_notice SET ended_at = $3::timestamptz
  WHERE organization_id = $1::uuid AND id = $2::uuid AND state = 'held' AND ended_at IS NULL`;

export const recordHeldRun = (work: Work, { organizationId, appId, runId }: HeldRun, at: Date) =>
  runSql(work, BEGIN, [organizationId, runId, appId, at]);

export const endHeldRun = (work: Work, { organizationId, runId }: HeldRun, at: Date) =>
  runSql(work, END, [organizationId, runId, at]);
