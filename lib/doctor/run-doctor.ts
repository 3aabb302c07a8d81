import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { withCallRecording } from "@/lib/calls/own-calls";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError, notFound } from "@/lib/errors";
import { DOCTOR_CHECKS_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { isUuid } from "@/lib/public-id";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import type { AppKind, AppState } from "@/prisma/generated/enums";
import { checkFurther } from "./further-checks";
import { notRun } from "./findings";
import { type Findings, groundByTest, groundByToken } from "./basic-checks";
import { countChecks, DOCTOR_CHECKS, type DoctorCheckName, type DoctorCounts, toChecks } from "./schema";

const HOUR_SECONDS = 60 * 60;
/** Each call is made once, and a host that is away is not waited for as long as elsewhere. */
const CALL_MS_MAX = 8_000;

const throttle = () =>
  processWide("doctor.checks", () => makeWindowLimiter("doctor_org", DOCTOR_CHECKS_PER_HOUR, HOUR_SECONDS));

/** What a test of the connection looks at by itself. */
const OF_THE_TEST: ReadonlySet<DoctorCheckName> = new Set<DoctorCheckName>([
  "reach",
  "credentials",
  "release",
]);

export type DoctorRequest = {
  readonly appId: string;
  /** `null`: everything. */
  readonly check: DoctorCheckName | null;
  /** Where the request came from, whose tests are counted. */
  readonly address: string;
};

/**
 * Makes the real calls of an app once, or those of one check, and keeps what they said in place of what was there.
 *
 * Everything begins with a test of the connection, and counts as one (S9). A broken app is looked at like any other:
 * that is what a doctor is for.
 *
 * @throws {AppError} `not_found`; `conflict` while the app is disabled; `rate_limited`
 */
export async function runDoctor(
  actor: Actor<"directory.sync">,
  { appId, check, address }: DoctorRequest,
): Promise<DoctorCounts> {
  const { organizationId } = actor;
  const { state, ...patient } = await readPatient(actor, appId);
  if (state === "disabled") throw new AppError("conflict", "the app is disabled");
  if (check !== null) await assertMayCheck(organizationId);

  const way = withCallRecording(ourDingtalk(), { organizationId, appId });
  const dingtalk = { ...way, triesMax: 1, timeoutMs: CALL_MS_MAX, totalMs: CALL_MS_MAX };
  const asking = { actor, appId, address };
  const isWhole = check === null || OF_THE_TEST.has(check);
  const ground = isWhole ? await groundByTest(asking) : await groundByToken(asking, dingtalk);
  const wants = (...names: DoctorCheckName[]) => check === null || names.includes(check);
  await checkFurther({ ...ground, ...patient, dingtalk, wants });

  const { findings } = ground;
  for (const name of DOCTOR_CHECKS) if (wants(name) && !findings.has(name)) findings.set(name, notRun());
  return countChecks(toChecks(await keep(actor, appId, findings)));
}

async function assertMayCheck(organizationId: string): Promise<void> {
  const waitMs = await throttle().take(organizationId);
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many checks", { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}

const PATIENT = `
  SELECT app.state, app.kind, o.keeps_personal AS "keepsPersonal",
    CASE WHEN d.full_at IS NOT NULL THEN d.members END AS held
  FROM dingtalk_app app
  JOIN organization o ON o.organization_id = app.organization_id
  LEFT JOIN directory d ON d.organization_id = app.organization_id AND d.app_id = app.id
  WHERE app.organization_id = $1 AND app.id = $2`;

type Patient = {
  readonly state: AppState;
  readonly kind: AppKind;
  readonly keepsPersonal: boolean;
  readonly held: number | null;
};

function readPatient({ organizationId }: Actor<"directory.sync">, appId: string): Promise<Patient> {
  if (!isUuid(appId)) throw notFound("app");
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<Patient>(PATIENT, [organizationId, appId]);
    if (!rows[0]) throw notFound("app");
    return rows[0];
  });
}

// The app may be gone meanwhile. What another one checked at the same time stays.
const KEEP = `
  INSERT INTO doctor_report (organization_id, app_id, checks, updated_at)
  SELECT organization_id, id, $3::jsonb, $4 FROM dingtalk_app WHERE organization_id = $1 AND id = $2
  ON CONFLICT (organization_id, app_id) DO UPDATE SET
    checks = doctor_report.checks || EXCLUDED.checks, updated_at = EXCLUDED.updated_at`;

const KEPT = "SELECT checks FROM doctor_report WHERE organization_id = $1 AND app_id = $2";

/** @returns everything that is kept now */
function keep({ organizationId }: Actor<"directory.sync">, appId: string, found: Findings): Promise<unknown> {
  const now = new Date();
  const checkedAt = now.toISOString();
  const checks = Object.fromEntries([...found].map(([name, finding]) => [name, { ...finding, checkedAt }]));
  const ids = [organizationId, appId];
  return inOrganizationSql({ organizationId }, async (client) => {
    await client.query(KEEP, [...ids, JSON.stringify(checks), now]);
    const { rows } = await client.query<{ checks: unknown }>(KEPT, ids);
    if (!rows[0]) throw notFound("app");
    return rows[0].checks;
  });
}
