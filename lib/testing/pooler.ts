import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@/server/ports";
import type { PostgresHome } from "@/server/postgres/data-location";

const HOST = "127.0.0.1";
const START_MS_MAX = 10_000;

/**
 * The pool is small, so that clients switch sessions often, but larger than the 12 bulk writes of a process. Idle
 * connections close soon, because each test file has its own database.
 */
const configuration = (port: number, server: URL, users: string) => `
[databases]
* = host=${server.hostname} port=${server.port}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 16
max_client_conn = 2000
server_idle_timeout = 3
`;

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, HOST, () => resolve(socket.destroy() !== null));
    socket.once("error", () => resolve(false));
  });

export type Pooler = {
  /** The application's database address through the pooler. */
  readonly url: string;
  stop(): void;
};

/**
 * Starts pgbouncer in transaction mode in front of every database of a PostgreSQL.
 *
 * @param program path of pgbouncer
 * @param appUrl the application's database address without the pooler
 */
export async function startPooler(
  program: string,
  appUrl: string,
  { account }: Pick<PostgresHome, "account">,
): Promise<Pooler> {
  const server = new URL(appUrl);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "dingkeep-pooler-"));
  const [file, users] = [join(folder, "pgbouncer.ini"), join(folder, "users.txt")];
  writeFileSync(users, `"${server.username}" "${decodeURIComponent(server.password)}"\n`, { mode: 0o600 });
  writeFileSync(file, configuration(port, server, users));
  // pgbouncer refuses to run as root, like PostgreSQL.
  if (account.uid !== undefined)
    for (const path of [folder, file, users]) chownSync(path, account.uid, account.gid ?? account.uid);
  const child = spawn(program, ["-q", file], {
    ...account,
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const deadline = Date.now() + START_MS_MAX;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("pgbouncer didn't start");
    await delay(50);
  }
  return {
    url: Object.assign(new URL(appUrl), { hostname: HOST, port: String(port) }).href,
    stop: () => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
