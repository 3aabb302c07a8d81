import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@/server/ports";
import type { PostgresHome } from "@/server/postgres/home";

const HOST = "127.0.0.1";
const START_MS_MAX = 10_000;

/**
 * Few connections for many clients, so that a session is nobody's for long, but more than the 12 bulk writes of a process,
 * which would leave none for requests. Those of a database that no test uses any more are given up soon, for each test
 * file has one of its own.
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

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, HOST, () => resolve(socket.destroy() !== null));
    socket.once("error", () => resolve(false));
  });

export type Pooler = {
  /** The application's address through it. */
  readonly url: string;
  stop(): void;
};

/**
 * Starts pgbouncer in transaction mode in front of every database of a PostgreSQL.
 *
 * @param program its path
 * @param appUrl the application's address without it
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
  // Like PostgreSQL, it refuses root.
  if (account.uid !== undefined)
    for (const path of [folder, file, users]) chownSync(path, account.uid, account.gid ?? account.uid);
  const child = spawn(program, ["-q", file], {
    ...account,
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const deadline = Date.now() + START_MS_MAX;
  while (!(await answers(port))) {
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
