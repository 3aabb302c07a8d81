import type pg from "pg";
import type { AppRef } from "@/lib/app-ref";
import { until } from "../bench/measuring/timing";
import { control } from "../simulator-process";

const LISTSUB = "topapi/v2/department/listsub";
const HELD_MS_MAX = 60_000;

/** The sync to stop, and where it runs. */
export type Place = {
  readonly admin: pg.Pool;
  readonly url: string;
  readonly app: AppRef;
  /** The new department whose row is written last. */
  readonly lastId: number;
  readonly departments: number;
};

/** A stopped sync. `release` waits until the killed worker's statements have ended. */
type Hold = { release(): Promise<void> };

type Report = { readonly total: number; readonly byOutcome: Readonly<Record<string, number>> };
const listCalls = (url: string) => control<Report>(url, `GET calls?path=${LISTSUB}&callsMax=0`);

/** Lets a part of all calls pass, and leaves the next ones without answer. */
async function holdReading({ url, departments }: Place, part: number): Promise<Hold> {
  await control(url, "DELETE calls");
  await control(url, "DELETE faults");
  const afterCalls = Math.floor(departments * part);
  await control(url, "POST faults", { path: LISTSUB, afterCalls, fault: { kind: "hang" } });
  await until("a call without an answer", async () => (await pendingCalls(url)) > 0, HELD_MS_MAX);
  return {
    async release() {
      await control(url, "DELETE faults");
      await until("the end of those calls", async () => (await pendingCalls(url)) === 0, HELD_MS_MAX);
    },
  };
}

const pendingCalls = async (url: string) => (await listCalls(url)).byOutcome["(pending)"] ?? 0;

/** Counts the application's statements on departments with this beginning. */
async function countStatements(admin: pg.Pool, beginning: string, isBlocked: boolean): Promise<number> {
  const { rows } = await admin.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'dingkeep_app' AND state = 'active'
     AND query LIKE $1 AND (NOT $2 OR wait_event_type = 'Lock')`,
    [`${beginning}%`, isBlocked],
  );
  return rows.length;
}

type Blocking = {
  readonly statement: string;
  readonly values: readonly unknown[];
  /** Beginning of the statement that is to be blocked. */
  readonly blocked: string;
};

/** Lets reading finish, and blocks the first statement that needs the lock of `statement`. */
async function holdStatement({ admin, url }: Place, { statement, values, blocked }: Blocking): Promise<Hold> {
  const blocker = await admin.connect();
  await blocker.query("BEGIN");
  await blocker.query(statement, [...values]);
  await control(url, "DELETE faults");
  await until(
    `a blocked ${blocked}`,
    async () => (await countStatements(admin, blocked, true)) > 0,
    HELD_MS_MAX,
  );
  return {
    async release() {
      await blocker.query("ROLLBACK");
      blocker.release();
      await until(
        `the end of ${blocked}`,
        async () => (await countStatements(admin, blocked, false)) === 0,
        HELD_MS_MAX,
      );
    },
  };
}

/** Stages of a sync, and how to stop it there. */
export const STAGES = {
  "begins to read": (place) => holdReading(place, 0),
  "has read most": (place) => holdReading(place, 0.7),
  "compares with the stored tree": (place) =>
    holdStatement(place, {
      statement: "LOCK TABLE department IN ACCESS EXCLUSIVE MODE",
      values: [],
      blocked: "SELECT department_id::text",
    }),
  writes: (place) =>
    holdStatement(place, {
      statement: `INSERT INTO department (organization_id, app_id, department_id, name, extra, first_seen_at, changed_at)
        VALUES ($1, $2, $3, 'blocked', '{}', now(), now())`,
      values: [place.app.organizationId, place.app.appId, place.lastId],
      blocked: "INSERT INTO department",
    }),
} as const satisfies Record<string, (place: Place) => Promise<Hold>>;

export type Stage = keyof typeof STAGES;
