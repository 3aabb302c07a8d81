import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { v7 as newId } from "uuid";
import { keyIdOf, open, parseKeyRing, seal } from "@/lib/crypto/envelope";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { SEALED_PLACES } from "@/lib/key-rotation/sealed-places";
import { secretPlace } from "@/lib/secrets/app-secret";
import { makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import { freePort } from "../free-port";
import type { MeasuredDatabase } from "../measuring/measured-database";
import type { Measured, Part } from "../measuring/part";
import { plantKey } from "../measuring/plant-key";
import { type Program, startProgram } from "../measuring/program";
import { durationText, median, ratioText } from "../measuring/report";
import { changeSecrets } from "./change-secrets";

const ORGANIZATIONS = 100;
const APPS = 1_000;
const CLIENTS = 8;
const WINDOW_MS = 2_000;
const WINDOWS_BEFORE = 5;
const RATIO_MIN = 0.9;

type Server = { readonly program: Program; readonly pool: Pool };
type App = { readonly organization: TestOrganization; readonly appId: string };

/** Apps whose secrets the old key sealed, as many in each organization. @returns one of each */
async function makeSealed(oldKey: string): Promise<App[]> {
  const ring = parseKeyRing([oldKey]);
  const made: App[] = [];
  for (let number = 0; number < ORGANIZATIONS; number += 1) {
    const organization = await makeOrganization();
    const { organizationId } = organization;
    const ids = Array.from({ length: APPS }, () => newId());
    const sealed = ids.map((id) => seal(ring, secretPlace(organizationId, id), `secret of ${id}`));
    await inOrganizationSql(
      { organizationId },
      (client) =>
        client.query(
          `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, updated_at)
           SELECT $1, id, 'bench', id::text, sealed, '', 'disabled', now() FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed)`,
          [organizationId, ids, sealed],
        ),
      LIMITS.bulk,
    );
    made.push({ organization, appId: ids[0] ?? "" });
  }
  return made;
}

async function startServer(ENCRYPTION_KEYS: string): Promise<Server> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "warn", ENCRYPTION_KEYS };
  const program = await startProgram("start", `${address}/healthz`, env);
  return { program, pool: new Pool(address, { connections: CLIENTS }) };
}

/** A token for the first app of as many organizations as there are clients, which each ask for theirs by a key. */
async function makeRequests(apps: readonly App[], oldKey: string) {
  const ring = parseKeyRing([oldKey]);
  return Promise.all(
    apps.slice(0, CLIENTS).map(async ({ organization: { organizationId }, appId }) => {
      const place = { organizationId, table: "app_token", column: "sealed_token", row: appId };
      await inOrganizationSql({ organizationId }, async (client) => {
        await client.query("UPDATE dingtalk_app SET state = 'verified', sync_every_hours = 0 WHERE id = $1", [
          appId,
        ]);
        await client.query(
          `INSERT INTO app_token (organization_id, app_id, version, sealed_token, changed_at, obtained_at, expires_at, renew_at)
           VALUES ($1, $2, 1, $3, now(), now(), now() + interval '2 hours', now() + interval '110 minutes')`,
          [organizationId, appId, seal(ring, place, `token of ${appId}`)],
        );
      });
      const key = await plantKey(organizationId);
      return { path: `/api/v1/apps/${appId}/token`, headers: { authorization: `Bearer ${key}` } };
    }),
  );
}

type Load = {
  readonly answered: () => number;
  readonly failures: string[];
  readonly end: () => Promise<void>;
};

/** Clients that ask both servers in turn, each as soon as it was answered. */
function startLoad(servers: readonly Server[], requests: Awaited<ReturnType<typeof makeRequests>>): Load {
  let answered = 0;
  const over = new AbortController();
  const failures: string[] = [];
  const clients = requests.map(async ({ path, headers }, index) => {
    for (let turn = index; !over.signal.aborted; turn += 1) {
      const server = servers[turn % servers.length];
      if (!server) throw new Error("there is no server");
      try {
        const { statusCode, body } = await server.pool.request({ method: "GET", path, headers });
        await body.dump();
        if (statusCode !== 200) failures.push(`answered with ${statusCode}`);
      } catch (error) {
        failures.push(String(error));
      }
      answered += 1;
    }
  });
  const end = async () => {
    over.abort();
    await Promise.all(clients);
  };
  return { answered: () => answered, failures, end };
}

/** Answers a second, one number for each window, until `isOver`. */
async function ratesUntil(load: Load, isOver: () => boolean): Promise<number[]> {
  const rates: number[] = [];
  while (!isOver()) {
    const [before, startedAt] = [load.answered(), performance.now()];
    await delay(WINDOW_MS);
    rates.push(((load.answered() - before) * 1_000) / (performance.now() - startedAt));
  }
  return rates;
}

const ratesOf = (load: Load, windows: number) => {
  let left = windows;
  return ratesUntil(load, () => left-- === 0);
};

type Rotation = { readonly isOver: () => boolean; readonly code: () => number | null };

function startRotation(ENCRYPTION_KEYS: string): Rotation {
  const child = spawn(process.execPath, ["scripts/run.mjs", "keys-rotate"], {
    stdio: "inherit",
    env: { ...process.env, ENCRYPTION_KEYS },
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return { isOver: () => child.exitCode !== null || child.signalCode !== null, code: () => child.exitCode };
}

/** Opens every value there is with the new key alone. @returns how many it opens, and what is wrong */
async function openAll(
  { admin }: MeasuredDatabase,
  newKey: string,
): Promise<{ opened: number; wrong: string[] }> {
  const ring = parseKeyRing([newKey]);
  const wrong: string[] = [];
  let opened = 0;
  for (const { table, column, row } of SEALED_PLACES) {
    const { rows } = await admin.query<{ organizationId: string; row: string; sealed: Buffer }>(
      `SELECT organization_id AS "organizationId", ${row}::text AS row, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL`,
    );
    for (const { sealed, ...place } of rows) {
      try {
        open(ring, { ...place, table, column }, sealed);
        opened += 1;
      } catch {
        wrong.push(`${table}.${column} of ${place.row} is sealed with ${keyIdOf(sealed)}`);
      }
    }
  }
  return { opened, wrong };
}

type Measurement = {
  readonly database: MeasuredDatabase;
  readonly servers: readonly Server[];
  readonly apps: readonly App[];
  /** The new one and the old one, as ENCRYPTION_KEYS has them. */
  readonly entries: readonly [string, string];
};

async function measure({ database, servers, apps, entries }: Measurement) {
  const load = startLoad(servers, await makeRequests(apps, entries[1]));
  await ratesOf(load, 1);
  const before = await ratesOf(load, WINDOWS_BEFORE);
  const refs = apps.map(({ organization, appId }) => ({ ...organization, appId }));
  const changing = await changeSecrets(refs, parseKeyRing(entries));
  const startedAt = performance.now();
  const rotation = startRotation(entries.join(","));
  const during = await ratesUntil(load, rotation.isOver);
  const tookMs = performance.now() - startedAt;
  const changed = await changing.end();
  const after = await ratesOf(load, WINDOWS_BEFORE);
  await load.end();
  const { opened, wrong } = await openAll(database, entries[0]);
  const failures = [
    ...load.failures,
    ...changed.failures,
    ...wrong,
    ...(rotation.code() === 0 ? [] : [`keys:rotate ended with ${rotation.code()}`]),
  ];
  return { before, during, after, tookMs, opened, changes: changed.count, failures };
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  // The old one is that of this process, which sealed whatever else there is.
  const entries = [`new:${randomBytes(32).toString("base64")}`, env().ENCRYPTION_KEYS[0] ?? ""] as const;
  const apps = await makeSealed(entries[1]);
  const servers: Server[] = [];
  try {
    for (let number = 0; number < 2; number += 1) servers.push(await startServer(entries.join(",")));
    const { before, during, after, tookMs, opened, changes, failures } = await measure({
      database,
      servers,
      apps,
      entries,
    });
    const rate = (rates: readonly number[]) => median(rates);
    const ratio = rate(during) / rate(before);
    const rowOf = (what: string, rates: readonly number[]) => [
      what,
      rate(rates).toFixed(0),
      ratioText(rate(rates), rate(before)),
    ];
    return {
      failures: [
        ...failures.slice(0, 10),
        ...(ratio < RATIO_MIN ? [`while keys are rotated ${ratio.toFixed(2)} of the answers a second`] : []),
      ],
      section: {
        title: "Keys",
        about:
          `${(ORGANIZATIONS * APPS).toLocaleString("en")} sealed values of ${ORGANIZATIONS} organizations are sealed anew by \`npm run keys:rotate\`, ` +
          `while ${CLIENTS} clients ask two servers for the tokens of their apps by key, each as soon as it was answered, and secrets are changed; all of it on one machine. ` +
          `The middle one of windows of ${WINDOW_MS / 1_000} s.`,
        head: ["", "answers a second", "ratio"],
        rows: [rowOf("before", before), rowOf("while sealing anew", during), rowOf("afterwards", after)],
        notes: [
          `It took ${durationText(tookMs)}, ${changes.toLocaleString("en")} secrets were changed meanwhile, and ${failures.length} requests, changes or values failed. ` +
            `The new key alone then opened ${opened.toLocaleString("en")} values.`,
        ],
      },
    };
  } finally {
    for (const { program, pool } of servers) {
      await program.end("SIGTERM");
      await pool.destroy();
    }
  }
}

/** What the servers' work suffers from while every secret is sealed anew. */
export const keys: Part = { name: "keys", run };
