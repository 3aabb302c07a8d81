import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { closeNotifications } from "@/lib/db/notifications";
import { CLAIM_MS } from "@/lib/tokens/renewal/renewal-policy";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { seeded } from "../bench/measuring/sample-data";
import { bundleTokenReader, startTokenReader, type TokenReader } from "../bench/measuring/token-readers";
import { killOnce, prepareKills } from "./token-kills";

const KILLS = 3;

let simulator: Simulator;
let victimPath: string;
let warm: AppRef;
const survivors: TokenReader[] = [];
beforeAll(async () => {
  simulator = await startSimulator();
  warm = await prepareKills(simulator.url);
  victimPath = await bundleTokenReader();
  // Their clocks are ahead by the duration of a claim, so that a dead claim expires at once.
  for (let one = 0; one < 2; one += 1) {
    survivors.push(await startTokenReader(victimPath, simulator.url, CLAIM_MS));
  }
});
afterAll(async () => {
  for (const survivor of survivors) survivor.kill();
  await simulator.close();
  await closeNotifications();
});

test("readers get one token with one more call when the renewing process is killed at any moment", async () => {
  const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.info(`seed of the kills: ${seed}`);
  const random = seeded(seed);
  const url = simulator.url;
  for (let number = 0; number < KILLS; number += 1) {
    const kill = await killOnce({ url, victimPath, survivors, warm, random }, number);
    expect(kill.failures, `killed ${kill.when}, seed ${seed}`).toEqual([]);
  }
});
