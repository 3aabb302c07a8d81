import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { withCallRecording } from "@/lib/calls/own-calls";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError, notFound } from "@/lib/errors";
import { DOCTOR_CHECKS_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import type { AppKind, AppState } from "@/prisma/generated/enums";
import { checkByTest, checkByToken, type Findings } from "./connection-checks";
import { runFurtherChecks } from "./directory-checks";
import { checkEvents } from "./events-check";
import { notRun } from "./findings";
import { countChecks, DOCTOR_CHECKS, type DoctorCheckName, type DoctorCounts, toChecks } from "./schema";

const HOUR_SECONDS = 60 * 60;
/** Shorter than elsewhere, because a user waits. */
const CALL_MS_MAX = 8_000;

const throttle = () =>
  processWide("doctor.checks", () => makeWindowLimiter("doctor_org", DOCTOR_CHECKS_PER_HOUR, HOUR_SECONDS));

const IN_CONNECTION_TEST: ReadonlySet<DoctorCheckName> = new Set<DoctorCheckName>([
  "reach",
  "credentials",
  "release",
]);

export type DoctorRequest = {
  readonly appId: string;
  /** `null` for all checks. */
  readonly check: DoctorCheckName | null;
  readonly address: string;
};

/**
 * Runs all checks of an app or one, and stores the results. All together count as one connection test (S9).
 * @throws {AppError} `not_found`; `conflict` while the app is disabled; `rate_limited`
 */
export async function runDoctor(
  actor: Actor<"directory.sync">,
  { appId, check, address }: DoctorRequest,
): Promise<DoctorCounts> {
  const { organizationId } = actor;
  const { state, ...app } = await readApp(actor, appId);
  if (state === "disabled") throw new AppError("conflict", "the app is disabled");
  if (check !== null) await assertMayCheck(organizationId);

  const way = withCallRecording(ourDingtalk(), { organizationId, appId });
  const dingtalk = { ...way, triesMax: 1, timeoutMs: CALL_MS_MAX, totalMs: CALL_MS_MAX };
  const context = { actor, appId, address };
  const isFullRun = check === null || IN_CONNECTION_TEST.has(check);
  const basic = isFullRun ? await checkByTest(context) : await checkByToken(context, dingtalk);
  const wants = (...names: DoctorCheckName[]) => check === null || names.includes(check);
  await runFurtherChecks({ ...basic, ...app, dingtalk, wants });

  const { findings } = basic;
  if (wants("events")) findings.set("events", await checkEvents(actor, appId));
  for (const name of DOCTOR_CHECKS) if (wants(name) && !findings.has(name)) findings.set(name, notRun());
  return countChecks(toChecks(await storeFindings(actor, appId, findings)));
}

async function assertMayCheck(organizationId: string): Promise<void> {
  const waitMs = await throttle().take(organizationId);
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many checks", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}

const READ_APP = `
  SELECT app.state, app.kind, o.keeps_personal AS "keepsPersonal",
    CASE WHEN d.full_at IS NOT NULL THEN d.members END AS "storedMembers"
  FROM dingtalk_app app
  JOIN organization o ON o.organization_id = app.organization_id
  LEFT JOIN directory d ON d.organization_id = app.organization_id AND d.app_id = app.id
  WHERE app.organization_id = $1 AND app.id = $2`;

type CheckedApp = {
  readonly state: AppState;
  readonly kind: AppKind;
  readonly keepsPersonal: boolean;
  readonly storedMembers: number | null;
};

function readApp({ organizationId }: Actor<"directory.sync">, appId: string): Promise<CheckedApp> {
  if (!isUuid(appId)) throw notFound("app");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<CheckedApp>(READ_APP, [organizationId, appId]);
    if (!rows[0]) throw notFound("app");
    return rows[0];
  });
}

// Stores nothing if the app was deleted. Keeps other checks, which may have run at the same time.
const STORE = `
  INSERT INTO doctor_report (organization_id, app_id, checks, updated_at)
  SELECT organization_id, id, $3::jsonb, $4 FROM dingtalk_app WHERE organization_id = $1 AND id = $2
  ON CONFLICT (organization_id, app_id) DO UPDATE SET
    checks = doctor_report.checks || EXCLUDED.checks, updated_at = EXCLUDED.updated_at`;

const READ_REPORT = "SELECT checks FROM doctor_report WHERE organization_id = $1 AND app_id = $2";

/** @returns all stored checks */
function storeFindings(
  { organizationId }: Actor<"directory.sync">,
  appId: string,
  found: Findings,
): Promise<unknown> {
  const now = new Date();
  const checkedAt = now.toISOString();
  const checks = Object.fromEntries([...found].map(([name, finding]) => [name, { ...finding, checkedAt }]));
  const ids = [organizationId, appId];
  return inOrganizationSql({ organizationId }, async (client) => {
    await client.query(STORE, [...ids, JSON.stringify(checks), now]);
    const { rows } = await client.query<{ checks: unknown }>(READ_REPORT, ids);
    if (!rows[0]) throw notFound("app");
    return rows[0].checks;
  });
}
