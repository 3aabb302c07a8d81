import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startSimulatorProcess } from "./simulator-process";

const SECRET = "a-secret-that-nobody-else-on-the-machine-may-read";

/** Returns the arguments of all processes, which every user of a Linux machine can read. */
function allArguments(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    });
}

test.runIf(process.platform === "linux")(
  "passes the app's secret to the simulator without showing it among the arguments of a process",
  async () => {
    const app = { appKey: "dingarguments", appSecret: SECRET };
    const simulator = await startSimulatorProcess({ size: "1", seed: "1", ...app });
    onTestFinished(simulator.stop);
    const answer = await fetch(`${simulator.url}/gettoken?appkey=${app.appKey}&appsecret=${SECRET}`);
    expect(await answer.json()).toMatchObject({ errcode: 0 });

    const all = allArguments();
    expect(all.some((text) => text.includes(app.appKey))).toBe(true);
    expect(all.filter((text) => text.includes(SECRET))).toEqual([]);
  },
);
