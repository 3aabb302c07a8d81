import "server-only";
import { pool } from "@/lib/db/clients";
import { processWide } from "@/lib/process-wide";
import { ourShare } from "./egress/our-limiter";
import { hashedKey } from "./hashed-key";
import { RequestRates, type Taken } from "./request-rates";

const LEASE = `
  WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now)
  INSERT INTO request_minute AS m (key, minute, requests) SELECT $1, floor((now + $3::float8) / 60000), $2::int FROM clock
  ON CONFLICT (key, minute) DO UPDATE SET requests = m.requests + excluded.requests
  RETURNING minute::float8, requests, (SELECT now FROM clock)`;

const ourRates = () =>
  processWide(
    "limiter.requests",
    () =>
      new RequestRates({
        ...ourShare(),
        async lease(keyId, count, aheadMs) {
          const key = await hashedKey(`requests:${keyId}`);
          const { rows } = await pool().query<{ minute: number; requests: number; now: number }>(LEASE, [
            key,
            count,
            aheadMs,
          ]);
          if (!rows[0]) throw new Error("a lease has no row");
          return rows[0];
        },
      }),
  );

/**
 * Counts a request of a key against its requests a minute, over all servers together. The minutes are the clock's own,
 * by the database, and don't slide: two of them that follow each other may hold their requests close together.
 *
 * A server takes a few at a time ahead of need, so a request is mostly answered at once and without a query; a promise
 * comes only where there is none here. Never more than the minute's are let through; what a server has and doesn't use
 * is at most a tenth for all of them together, as long as they are few. While the database is away each server lets a
 * quarter of them through.
 *
 * @param keyId what names the key; only a keyed hash of it is stored
 * @returns what the `RateLimit` headers say, with whether the request may go on
 */
export const takeRequest = (keyId: string, perMinute: number): Taken | Promise<Taken> =>
  ourRates().take(keyId, perMinute);
