import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { startSimulatorProcess } from "./simulator";

const SECRET = "a-secret-that-nobody-else-on-the-machine-may-read";

/** The arguments of every process, as everybody on a Linux machine can read them. */
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
  "the simulator knows the app's secret, and no process has it among its arguments",
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
