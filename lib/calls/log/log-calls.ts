import "server-only";
import { v7 as newId } from "uuid";
import { pool } from "@/lib/db/connection-pools";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { metrics } from "@/lib/metrics/registry";
import { processWide } from "@/lib/process-wide";
import type { Call } from "../call";
import { pathTemplate } from "./path-template";

const WRITE_EVERY_MS = 1_000;
const BATCH = 500;
/** Buffer limits of a process and of one organization. Further calls are dropped. */
export const BUFFERED_MAX = { all: 20_000, ofOne: 5_000 } as const;

const TEXT_CHARACTERS_MAX = 300;

/** Inserts nothing if the organization has been deleted. */
const INSERT = `
  INSERT INTO logged_call (organization_id, id, at, app_id, key_id, method, path, outcome, status, errcode, attempts,
    duration_ms, bytes, request_id)
  SELECT o.organization_id, c.* FROM organization o, unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::uuid[],
    $6::text[], $7::text[], $8::text[], $9::int[], $10::text[], $11::int[], $12::int[], $13::bigint[], $14::text[]) AS c
  WHERE o.organization_id = $1`;

const ADD_GAP = `
  INSERT INTO call_gap AS g (organization_id, day, calls)
  SELECT organization_id, $2::date, $3::int FROM organization WHERE organization_id = $1
  ON CONFLICT (organization_id, day) DO UPDATE SET calls = g.calls + excluded.calls`;

type CallBuffer = {
  calls: Map<string, Call[]>;
  count: number;
  /** Numbers of dropped calls that are not stored in `call_gap` yet, by organization. */
  readonly lost: Map<string, number>;
  timer: NodeJS.Timeout | undefined;
  writing: Promise<void> | undefined;
};

const buffer = () =>
  processWide<CallBuffer>("calls.log", () => ({
    calls: new Map(),
    count: 0,
    lost: new Map(),
    timer: undefined,
    writing: undefined,
  }));

function dropCalls(organizationId: string, calls: number): void {
  const { lost } = buffer();
  lost.set(organizationId, (lost.get(organizationId) ?? 0) + calls);
  metrics().callsNotLogged.inc(calls);
}

export function logCall(call: Call): void {
  const state = buffer();
  const { organizationId } = call;
  const calls = state.calls.get(organizationId) ?? [];
  if (state.count >= BUFFERED_MAX.all || calls.length >= BUFFERED_MAX.ofOne) dropCalls(organizationId, 1);
  else {
    state.calls.set(organizationId, calls);
    calls.push(call);
    state.count += 1;
  }
  if (calls.length === BATCH) void writeWhenQuiet();
  else writeSoon();
}

function writeSoon(): void {
  buffer().timer ??= setTimeout(() => void writeWhenQuiet(), WRITE_EVERY_MS).unref();
}

/** Requests have priority: nothing is written while they wait for a database connection. */
async function writeWhenQuiet(): Promise<void> {
  const state = buffer();
  clearTimeout(state.timer);
  state.timer = undefined;
  if (pool().waitingCount === 0) await writeCalls();
  if (state.count > 0 || state.lost.size > 0) writeSoon();
}

/** Writes all buffered calls. Calls that can't be written are dropped and counted. */
export async function writeCalls(): Promise<void> {
  const state = buffer();
  await state.writing;
  state.writing = writeAll(state).finally(() => {
    state.writing = undefined;
  });
  await state.writing;
}

async function writeAll(state: CallBuffer): Promise<void> {
  const { calls } = state;
  Object.assign(state, { calls: new Map(), count: 0 });
  for (const organizationId of new Set([...calls.keys(), ...state.lost.keys()]))
    await writeOne(organizationId, calls.get(organizationId) ?? []);
}

async function writeOne(organizationId: string, calls: readonly Call[]): Promise<void> {
  const { lost } = buffer();
  const lostNow = lost.get(organizationId) ?? 0;
  lost.delete(organizationId);
  const day = new Date().toISOString().slice(0, 10);
  try {
    await inOrganizationSql({ organizationId }, async (client) => {
      if (calls.length > 0) await client.query(INSERT, [organizationId, ...columnsOf(calls)]);
      if (lostNow > 0) await client.query(ADD_GAP, [organizationId, day, lostNow]);
    });
  } catch (error) {
    log.warn("calls were not logged", { organizationId, calls: calls.length, error });
    if (calls.length > 0) dropCalls(organizationId, calls.length);
    if (lostNow > 0) lost.set(organizationId, (lost.get(organizationId) ?? 0) + lostNow);
  }
}

const truncate = (text: string): string =>
  text.slice(0, TEXT_CHARACTERS_MAX).toWellFormed().replaceAll("\0", "");
const toInt32 = (number: number): number => Math.max(0, Math.min(Math.round(number), 2 ** 31 - 1));

function columnsOf(calls: readonly Call[]): unknown[][] {
  return [
    calls.map(({ atMs }) => newId({ msecs: Math.round(atMs) })),
    calls.map(({ atMs }) => new Date(atMs)),
    calls.map(({ appId }) => appId),
    calls.map(({ keyId }) => keyId),
    calls.map(({ method }) => truncate(method)),
    calls.map(({ path, host }) => truncate(pathTemplate(path, host))),
    calls.map(({ outcome }) => outcome),
    calls.map(({ status }) => status),
    calls.map(({ errcode }) => errcode && truncate(errcode)),
    calls.map(({ attempts }) => toInt32(attempts)),
    calls.map(({ durationMs }) => toInt32(durationMs)),
    calls.map(({ bytes }) => Math.max(0, Math.round(bytes))),
    calls.map(({ requestId }) => requestId && truncate(requestId)),
  ];
}
