import { type ChildProcess, spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "@/server/ports";
import { startDemoServers } from "./supervise-servers";

/** A server that answers with its pid, and ends with its parent. */
const SERVER = `
  process.on("disconnect", () => process.exit(0));
  require("node:http").createServer((_, response) => response.end(String(process.pid)))
    .listen(Number(process.env.PORT), "127.0.0.1", () => process.send("ready"));`;
/** A server that never finishes its start. */
const STARTING = `
  process.on("disconnect", () => process.exit(0));
  if (!process.connected) process.exit(0);
  setTimeout(() => {}, 60_000);`;

const run = (program: string, port: number): ChildProcess =>
  spawn(process.execPath, ["-e", program], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env, PORT: String(port) },
  });

const nth = <T>(list: readonly T[], at: number): T => {
  const found = list[at];
  if (found === undefined) throw new Error(`there is no number ${at}`);
  return found;
};

async function startServers(count: number, programAt: (start: number) => string) {
  const port = await freePort();
  const said: string[] = [];
  const started: ChildProcess[] = [];
  const servers = await startDemoServers({
    count,
    port,
    say: (sentence) => said.push(sentence),
    start: (own) => {
      const child = run(programAt(started.length), own);
      started.push(child);
      return child;
    },
  });
  onTestFinished(() => servers.stop());
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}`);
    return answer.ok ? Number(await answer.text()) : answer.status;
  };
  return { started, said, ask, servers };
}

test("restarts a server that is killed while it starts", async () => {
  // The second start follows the end of the first server, and never finishes.
  const { started, said, ask } = await startServers(1, (start) => (start === 1 ? STARTING : SERVER));
  nth(started, 0).kill("SIGKILL");
  await expect.poll(() => started).toHaveLength(2);
  nth(started, 1).kill("SIGKILL");
  await expect.poll(() => started).toHaveLength(3);

  await expect.poll(ask).toBe(nth(started, 2).pid);
  expect(said.at(-1)).toBe(`Server 1 is back: process ${nth(started, 2).pid}.`);
});

test("sends no requests to a server that is starting, and the others answer", async () => {
  const { started, ask } = await startServers(2, (start) => (start > 1 ? STARTING : SERVER));
  nth(started, 0).kill("SIGKILL");
  await expect.poll(() => started).toHaveLength(3);

  expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array(3).fill(nth(started, 1).pid));
});

test("stops a server that is starting when the demo ends", async () => {
  const { started, servers } = await startServers(1, (start) => (start === 1 ? STARTING : SERVER));
  nth(started, 0).kill("SIGKILL");
  await expect.poll(() => started).toHaveLength(2);
  await servers.stop();

  expect(nth(started, 1).exitCode).toBe(0);
});
