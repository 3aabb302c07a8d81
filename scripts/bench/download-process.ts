import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** A process that downloads `URL` on `CONNECTIONS` connections for `SECONDS`, and prints the counts as JSON. */
const { URL: url = "", HEADERS = "{}", CONNECTIONS, SECONDS } = process.env;
const headers = JSON.parse(HEADERS) as Record<string, string>;
const agent = new Agent({ keepAlive: true });
const endsAtMs = performance.now() + Number(SECONDS) * 1_000;
const PAUSE_MS = 1_000;

/**
 * Downloads the file once.
 *
 * @returns whether the answer was 200 and complete
 */
const download = () =>
  new Promise<boolean>((resolve) => {
    const sent = request(url, { agent, headers }, (response) => {
      response.resume();
      response.once("close", () => resolve(response.complete && response.statusCode === 200));
    });
    sent.once("error", () => resolve(false)).end();
  });

let [answered, failed] = [0, 0];
async function downloadAgain(): Promise<void> {
  while (performance.now() < endsAtMs) {
    const isWhole = await download();
    answered += 1;
    if (isWhole) continue;
    failed += 1;
    await delay(PAUSE_MS);
  }
}
await Promise.all(Array.from({ length: Number(CONNECTIONS) }, downloadAgain));
agent.destroy();
process.stdout.write(JSON.stringify({ answered, failed }));
