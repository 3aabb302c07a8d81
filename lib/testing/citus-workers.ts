import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { expect, onTestFinished } from "vitest";

type Node = { readonly hostname: string; readonly port: string };

const adminUrl = (node?: Node) =>
  Object.assign(
    new URL(process.env.TEST_ADMIN_URL ?? ""),
    node && { hostname: node.hostname, port: node.port },
  ).href;

async function runQuery<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  // Ignored, because tests kill the server of the connection.
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const WORKERS =
  "SELECT nodename AS hostname, nodeport::text AS port FROM pg_dist_node WHERE shouldhaveshards ORDER BY 2";

export async function listWorkers(): Promise<readonly [Node, Node]> {
  const [first, second] = await runQuery<Node>(adminUrl(), WORKERS);
  if (!first || !second) throw new Error("these tests need two Citus workers");
  return [first, second];
}

const PLACEMENT = `SELECT nodename AS hostname, nodeport::text AS port FROM pg_dist_shard_placement
  WHERE shardid = get_shard_id_for_distribution_column('organization', $1::uuid)`;

/** Makes organizations until one has its shards on the given worker. */
export async function makeOn<T extends { readonly organizationId: string }>(
  worker: Node,
  make: () => Promise<T>,
): Promise<T> {
  for (;;) {
    const made = await make();
    const [place] = await runQuery<Node>(adminUrl(), PLACEMENT, [made.organizationId]);
    if (place?.hostname === worker.hostname && place.port === worker.port) return made;
  }
}

const SERVER = `SELECT current_setting('data_directory') AS data, setting AS bin,
  split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid FROM pg_config WHERE name = 'BINDIR'`;

/**
 * Kills a worker's PostgreSQL with SIGKILL, like a machine failure, until the end of the test. The worker must run on this
 * machine.
 *
 * @returns a function that restarts the worker earlier
 */
export async function killWorker(worker: Node): Promise<() => Promise<void>> {
  const [server] = await runQuery<{ data: string; bin: string; pid: number }>(adminUrl(worker), SERVER);
  if (!server) throw new Error("the worker has no postmaster.pid");
  const { uid, gid } = statSync(server.data);
  process.kill(server.pid, "SIGKILL");
  let isDown = true;
  const start = async () => {
    if (!isDown) return;
    // Retried, because orphaned sessions keep the server's shared memory until they notice its death.
    await expect
      .poll(() => {
        try {
          const log = join(server.data, "log");
          execFileSync(join(server.bin, "pg_ctl"), ["-D", server.data, "-l", log, "-w", "start"], {
            uid,
            gid,
            cwd: server.data,
            stdio: "ignore",
          });
          return true;
        } catch {
          return false;
        }
      })
      .toBe(true);
    isDown = false;
  };
  onTestFinished(start);
  return start;
}
