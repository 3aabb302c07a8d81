import pg from "pg";
import { afterAll } from "vitest";

/** The superuser's look at everything, also at what lies outside row security. */
export function openAdmin() {
  const admin = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 1 });
  admin.on("error", () => {});
  afterAll(() => admin.end());
  return admin;
}

export type StoredJob = {
  readonly id: string;
  readonly state: string;
  readonly data: unknown;
  readonly retry_count: number;
  readonly start_after: Date;
  /** Of its last try. */
  readonly started_on: Date | null;
  readonly output: unknown;
};

/** A queue's jobs, or those under one key, the oldest first. */
export async function storedJobs(admin: pg.Pool, queue: string, key?: string): Promise<StoredJob[]> {
  const { rows } = await admin.query<StoredJob>(
    `SELECT id, state, data, retry_count, start_after, started_on, output FROM pgboss.job
     WHERE name = $1 AND ($2::text IS NULL OR singleton_key = $2) ORDER BY created_on`,
    [queue, key ?? null],
  );
  return rows;
}
