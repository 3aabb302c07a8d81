import "server-only";
import type { ClientBase } from "pg";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withTimeBudget } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { type TwoWayPage, toTwoWayPage } from "@/lib/pagination/two-way-page";
import { firstIdAt } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import type { CallOutcome } from "./call";
import { OWN } from "./filters";
import { keptSinceMs } from "./log/prune-calls";
import type { CallsQuery } from "./schema";

export type LoggedCall = {
  readonly id: string;
  readonly at: Date;
  readonly appId: string;
  /** `null` for Dingkeep's own calls. */
  readonly keyId: string | null;
  readonly method: string;
  readonly path: string;
  readonly outcome: CallOutcome;
  readonly status: number | null;
  readonly errcode: string | null;
  readonly attempts: number;
  readonly durationMs: number;
  readonly bytes: number;
  readonly requestId: string | null;
};

export type CallPage = TwoWayPage<string> & { readonly calls: readonly LoggedCall[] };

const PAGE_SIZE = 50;
/** Time limit of a search (S26). */
const SEARCH_MS = 2_000;

const COLUMNS = `id, at, app_id AS "appId", key_id AS "keyId", method, path, outcome, status, errcode, attempts,
  duration_ms AS "durationMs", bytes::float8, request_id AS "requestId"`;

/** Returns the conditions and their values. Typed text is never a pattern (S26). */
function conditionsOf(
  { app, key, outcome, path, request, before, after }: CallsQuery,
  organizationId: string,
) {
  const values: unknown[] = [organizationId, firstIdAt(keptSinceMs(Date.now()))];
  const conditions = ["organization_id = $1", "id >= $2"];
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  add(app, (place) => `app_id = ${place}`);
  if (key === OWN) conditions.push("key_id IS NULL");
  else add(key, (place) => `key_id = ${place}`);
  add(outcome, (place) => `outcome = ${place}`);
  add(request, (place) => `request_id = ${place}`);
  add(path, (place) => `position(lower(${place}) in lower(path)) > 0`);
  add(after ?? before, (place) => `id ${after === undefined ? "<" : ">"} ${place}`);
  return { values, where: conditions.join(" AND ") };
}

async function find(client: ClientBase, organizationId: string, query: CallsQuery): Promise<LoggedCall[]> {
  const { values, where } = conditionsOf(query, organizationId);
  const order = query.after === undefined ? "DESC" : "ASC";
  const { rows } = await client.query<LoggedCall>(
    `SELECT ${COLUMNS} FROM logged_call WHERE ${where} ORDER BY id ${order} LIMIT ${PAGE_SIZE + 1}`,
    values,
  );
  return rows;
}

/** Lists the calls of the last 30 days that match the query, newest first, 50 per page. */
export async function listCalls(
  { organizationId }: Actor<"call.read">,
  query: CallsQuery = {},
  timeoutMs = SEARCH_MS,
): Promise<Result<CallPage, "too_slow">> {
  try {
    const rows = await inOrganizationSql({ organizationId }, (client) =>
      find(withTimeBudget(client, timeoutMs), organizationId, query),
    );
    const { rows: calls, ...neighbors } = toTwoWayPage(rows, ({ id }) => id, {
      ...query,
      size: PAGE_SIZE,
    });
    return ok({ calls, ...neighbors });
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}

export type CallNames = {
  /** All API keys, including revoked ones. */
  readonly keys: readonly { readonly id: string; readonly name: string }[];
  readonly droppedCalls: number;
};

export async function readCallNames({ organizationId }: Actor<"call.read">): Promise<CallNames> {
  const since = new Date(keptSinceMs(Date.now())).toISOString().slice(0, 10);
  return inOrganizationSql({ organizationId }, async (client) => {
    const keys = await client.query<{ id: string; name: string }>(
      "SELECT id, name FROM api_key WHERE organization_id = $1 ORDER BY name, id",
      [organizationId],
    );
    const gaps = await client.query<{ calls: number }>(
      "SELECT coalesce(sum(calls), 0)::int AS calls FROM call_gap WHERE organization_id = $1 AND day >= $2::date",
      [organizationId, since],
    );
    return { keys: keys.rows, droppedCalls: gaps.rows[0]?.calls ?? 0 };
  });
}
