import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { parseKeyRing, seal } from "@/lib/crypto/envelope";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { freePort } from "@/server/ports";
import type { SealedApp } from "./keys-sealed-values";
import { plantKey } from "./measuring/fixtures";
import { type Program, startProgram } from "./measuring/program";

export const CLIENTS = 8;
export const WINDOW_MS = 2_000;

export type Server = { readonly program: Program; readonly pool: Pool };

export async function startServer(ENCRYPTION_KEYS: string): Promise<Server> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "warn", ENCRYPTION_KEYS };
  const program = await startProgram("start", `${address}/healthz`, env);
  return { program, pool: new Pool(address, { connections: CLIENTS }) };
}

/** Creates a token for the first app of as many organizations as there are clients, and each client's request. */
export async function makeRequests(apps: readonly SealedApp[], oldKey: string) {
  const ring = parseKeyRing([oldKey]);
  return Promise.all(
    apps.slice(0, CLIENTS).map(async ({ organization: { organizationId }, appId }) => {
      const place = { organizationId, table: "app_token", column: "sealed_token", row: appId };
      await inOrganizationSql({ organizationId }, async (client) => {
        await client.query(
          "UPDATE dingtalk_app SET state = 'verified', sync_every_hours = 0 WHERE organization_id = $1 AND id = $2",
          [organizationId, appId],
        );
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

export type Load = {
  readonly answered: () => number;
  readonly failures: string[];
  readonly end: () => Promise<void>;
};

/** Starts clients that read from both servers in turn without pauses. */
export function startLoad(
  servers: readonly Server[],
  requests: Awaited<ReturnType<typeof makeRequests>>,
): Load {
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

/** Returns the answers per second of each window, until `isOver` returns true. */
export async function ratesUntil(load: Load, isOver: () => boolean): Promise<number[]> {
  const rates: number[] = [];
  while (!isOver()) {
    const [before, startedAt] = [load.answered(), performance.now()];
    await delay(WINDOW_MS);
    rates.push(((load.answered() - before) * 1_000) / (performance.now() - startedAt));
  }
  return rates;
}

export const ratesOf = (load: Load, windows: number) => {
  let left = windows;
  return ratesUntil(load, () => left-- === 0);
};
