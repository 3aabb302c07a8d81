import { v7 as uuidv7 } from "uuid";
import { parsePublicId } from "@/lib/public-id";
import { withDatabase } from "./database";

/** Inserts calls into an organization's log. */
export const plantCalls = (organization: string, calls: number) =>
  withDatabase((client) =>
    client.query(
      `INSERT INTO logged_call (organization_id, id, at, app_id, method, path, outcome, status, attempts, duration_ms, bytes)
       SELECT $1, overlay(gen_random_uuid()::text PLACING $3 FROM 1 FOR 8)::uuid, now(), gen_random_uuid(), 'GET', 'v1.0/contact/' || n, 'ok', 200, 1, 1, 1
       FROM generate_series(1, $2::int) AS n`,
      // An id begins with the call's time
      [parsePublicId(organization.split("/")[2] ?? ""), calls, uuidv7().slice(0, 8)],
    ),
  );
