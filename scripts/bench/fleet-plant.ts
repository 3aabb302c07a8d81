import type pg from "pg";
import { v7 as newId } from "uuid";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { nextDueAt } from "@/lib/directory/runs/schedule";
import { sender } from "@/lib/jobs/boss";
import { joinLiveProcesses } from "@/lib/key-rotation/live-processes";
import { Redacted } from "@/lib/redacted";
import { secretContext } from "@/lib/secrets/app-secret";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import { sealToken } from "@/lib/tokens/store/stored-token";
import { control, type SimulatorProcess, startSimulatorProcess } from "../simulator-process";

const CORP = "dingbenchfleet";
export const APPS_EACH = 3;
export const EVERY_HOURS = 6;
const BROKEN_SHARE = 0.05;
const RENEWALS_PER_SECOND = 12;
/** No app renews more often than this, which is six times in ten minutes. */
const RENEWAL_SECONDS_MIN = 100;
/** Renewal starts at most this long before the end of a token that lives more than twice as long. */
const RENEWED_BEFORE_SECONDS = 12 * 60;
const ROWS = 5_000;
const CALLS_AT_ONCE = 50;

/** 30,000 apps that are synced every six hours have 1.4 scheduled syncs per second. */
const SYNCS_PER_SECOND = 1.4;
/** The first minutes of an hour have no scheduled syncs. */
const MINUTES_WITHOUT_SYNCS = 5;

export type FleetApp = AppRef & {
  readonly appKey: string;
  readonly appSecret: string;
  /** True if DingTalk has another secret for the app. */
  readonly isBroken: boolean;
  readonly renewAt: Date;
  /** First time at which the app's scheduled sync is due. */
  readonly syncAt: Date;
};

export type Fleet = { readonly apps: readonly FleetApp[]; readonly dingtalk: SimulatorProcess };

export type FleetPlan = {
  readonly organizations: number;
  /** Nothing is due before this time. */
  readonly idleUntil: Date;
  /** Scheduled syncs are due from `idleUntil` to this time. */
  readonly liveUntil: Date;
};

/** Moves a time out of the minutes of an hour without scheduled syncs. */
export function whenSyncsAreDue(time: Date): Date {
  const late = new Date(time);
  if (late.getUTCMinutes() < MINUTES_WITHOUT_SYNCS) late.setUTCMinutes(MINUTES_WITHOUT_SYNCS, 0, 0);
  return late;
}

/** Returns the number of syncs that are due during the measurement. */
function countSyncs({ idleUntil, liveUntil }: FleetPlan): number {
  let seconds = 0;
  for (let atMs = idleUntil.getTime(); atMs < liveUntil.getTime(); atMs += 1_000)
    if (new Date(atMs).getUTCMinutes() >= MINUTES_WITHOUT_SYNCS) seconds += 1;
  return Math.round(seconds * SYNCS_PER_SECOND);
}

/**
 * Makes the apps of a fleet, some of which DingTalk refuses. Renewals are spread evenly from the end of the idle time.
 *
 * @param everySeconds interval between renewals of an app's token
 */
function makeApps(plan: FleetPlan, everySeconds: number): FleetApp[] {
  const all = plan.organizations * APPS_EACH;
  const startMs = plan.idleUntil.getTime();
  // Apps with a sync are spread over all organizations.
  const syncEvery = Math.max(1, Math.floor(all / countSyncs(plan)));
  const now = new Date();
  let organizationId = "";
  return Array.from({ length: all }, (_, index) => {
    if (index % APPS_EACH === 0) organizationId = newId();
    const number = String(index).padStart(8, "0");
    return {
      organizationId,
      ...makeSchedule(plan, { isDue: index % syncEvery === 0, now }),
      appKey: `dingfleet${number}`,
      appSecret: `secret-of-fleet-${number}`,
      isBroken: index % (1 / BROKEN_SHARE) === 0,
      // Neighbors get distant times, like apps that were connected on different days.
      renewAt: new Date(startMs + ((index * 7_919) % all) * ((everySeconds * 1_000) / all)),
    };
  });
}

/** Makes an app id whose schedule, which is derived from the id, is due during the measurement, or only after it. */
function makeSchedule(
  { idleUntil, liveUntil }: FleetPlan,
  { isDue, now }: { readonly isDue: boolean; readonly now: Date },
): Pick<FleetApp, "appId" | "syncAt"> {
  for (;;) {
    const appId = newId();
    const syncAt = nextDueAt(appId, EVERY_HOURS, now) ?? now;
    if (isDue ? syncAt >= idleUntil && syncAt < liveUntil : syncAt >= liveUntil) return { appId, syncAt };
  }
}

/** Returns the interval between renewals that gives enough per second, and the token lifetime for that interval. */
function renewalTimes(apps: number): { everySeconds: number; lifeSeconds: number } {
  const healthy = apps * (1 - BROKEN_SHARE);
  const everySeconds = Math.max(RENEWAL_SECONDS_MIN, Math.round(healthy / RENEWALS_PER_SECOND));
  const isHalf = everySeconds < RENEWED_BEFORE_SECONDS;
  return { everySeconds, lifeSeconds: isHalf ? everySeconds * 2 : everySeconds + RENEWED_BEFORE_SECONDS };
}

/** Creates a fleet of organizations and apps with live tokens, and makes the apps known to the simulator. */
export async function plantFleet(admin: pg.Pool, plan: FleetPlan): Promise<Fleet> {
  const { everySeconds, lifeSeconds } = renewalTimes(plan.organizations * APPS_EACH);
  const apps = makeApps(plan, everySeconds);
  const dingtalk = await startSimulatorProcess({
    size: "small",
    seed: "1",
    appKey: "dingfleet",
    appSecret: "secret",
  });
  await control(dingtalk.url, "POST organizations", { corpId: CORP, size: 3 });
  await control(dingtalk.url, "PATCH settings", { tokenLifetimeSeconds: lifeSeconds });
  const tokens = await connectAll(dingtalk.url, apps);
  // Records the sealing key, as the first server of an installation does. Otherwise the measured start would read every
  // sealed value.
  const { leave } = await joinLiveProcesses();
  const organizationIds = [...new Set(apps.map(({ organizationId }) => organizationId))];
  for (const ids of chunksOf(organizationIds)) {
    await admin.query("INSERT INTO organization_ids (id) SELECT unnest($1::uuid[])", [ids]);
    await admin.query(
      "INSERT INTO organization (organization_id, name) SELECT id, 'Fleet' FROM unnest($1::uuid[]) AS id",
      [ids],
    );
  }
  for (const part of chunksOf(apps)) await plantApps(admin, part, { tokens, lifeSeconds });
  await leave();
  await admin.query("ANALYZE");
  return { apps, dingtalk };
}

type Tokens = ReadonlyMap<string, string>;

/**
 * Makes the apps known to the simulator.
 *
 * @returns the tokens of those that it accepts
 */
async function connectAll(url: string, apps: readonly FleetApp[]): Promise<Tokens> {
  const tokens = new Map<string, string>();
  const waiting = apps.values();
  const work = async () => {
    for (const { appId, appKey, appSecret, isBroken } of waiting) {
      const known = isBroken ? `another-${appSecret}` : appSecret;
      await control(url, "POST apps", { appKey, appSecret: known, corpId: CORP });
      if (isBroken) continue;
      const query = new URLSearchParams({ appkey: appKey, appsecret: appSecret });
      const answer = (await (await fetch(`${url}/gettoken?${query}`)).json()) as { access_token?: string };
      if (!answer.access_token) throw new Error("the simulator gave no token");
      tokens.set(appId, answer.access_token);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
  return tokens;
}

async function plantApps(
  admin: pg.Pool,
  apps: readonly FleetApp[],
  { tokens, lifeSeconds }: { readonly tokens: Tokens; readonly lifeSeconds: number },
): Promise<void> {
  const now = new Date();
  const owners = apps.map(({ organizationId }) => organizationId);
  const ids = apps.map(({ appId }) => appId);
  await admin.query(
    `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, verified_at,
       sync_every_hours, runs_made, search_form, updated_at)
     SELECT owner, id, 'Fleet', key, secret, 'test', 'verified', now(), $5, 1, 1000, now()
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[]) AS app (owner, id, key, secret)`,
    [
      owners,
      ids,
      apps.map(({ appKey }) => appKey),
      apps.map(({ organizationId, appId, appSecret }) =>
        Buffer.from(sealSecret(secretContext(organizationId, appId), new Redacted(appSecret))),
      ),
      EVERY_HOURS,
    ],
  );
  // A finished run, so that no scheduled time counts as missed.
  await admin.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, finished_at)
     SELECT owner, gen_random_uuid(), id, 1, 'cancelled', 'first', now()
     FROM unnest($1::uuid[], $2::uuid[]) AS app (owner, id)`,
    [owners, ids],
  );
  await admin.query(
    `INSERT INTO app_token (organization_id, app_id, version, sealed_token, changed_at, obtained_at, expires_at, renew_at,
       attempted_at)
     SELECT owner, id, 1, token, $6, $6, $5, renew_at, '{}'
     FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::timestamptz[]) AS app (owner, id, token, renew_at)`,
    [
      owners,
      ids,
      apps.map((app) => sealed(app, tokens)),
      apps.map(({ renewAt }) => renewAt),
      new Date(now.getTime() + lifeSeconds * 1_000),
      now,
    ],
  );
  await sender().insert(
    "token.renew",
    apps.map((app) => jobAt(app, app.renewAt)),
  );
  await sender().insert(
    "sync.due",
    apps.map((app) => jobAt(app, app.syncAt)),
  );
}

/** A broken app has an old token, which DingTalk no longer accepts. */
const sealed = (app: FleetApp, tokens: Tokens) =>
  Buffer.from(sealToken(app, new Redacted(tokens.get(app.appId) ?? "of-another-secret")));

function jobAt(app: FleetApp, startAfter: Date) {
  const { organizationId, appId } = app;
  return { data: { organizationId, appId }, startAfter, singletonKey: keyOf(app) };
}

function chunksOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / ROWS) }, (_, at) =>
    all.slice(at * ROWS, (at + 1) * ROWS),
  );
}
