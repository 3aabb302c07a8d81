import pg from "pg";
import { afterAll } from "vitest";

/** Opens a superuser's connection, which row security doesn't restrict. */
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
  /** Start of the last try. */
  readonly started_on: Date | null;
  readonly output: unknown;
};

/** Lists a queue's jobs, or those of one key, oldest first. */
export async function storedJobs(admin: pg.Pool, queue: string, key?: string): Promise<StoredJob[]> {
  const { rows } = await admin.query<StoredJob>(
    `SELECT id, state, data, retry_count, start_after, started_on, output FROM pgboss.job
     WHERE name = $1 AND ($2::text IS NULL OR singleton_key = $2) ORDER BY created_on`,
    [queue, key ?? null],
  );
  return rows;
}
