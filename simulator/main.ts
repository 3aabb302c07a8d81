import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { SIZES } from "./organization/generate-tree";
import {
  DEFAULT_APP_KEY,
  DEFAULT_APP_SECRET,
  DEFAULT_CORP_ID,
  DEFAULT_SUITE_KEY,
  startSimulator,
} from "./start-simulator";

/** As often as DingTalk, and only while the app has an event subscription. */
const SUITE_TICKET_EVERY_MS = 5 * 3_600_000;

const makeSecret = () => randomBytes(32).toString("base64url");

/**
 * Runs the simulator as a program. Prints one line of JSON when it is ready. Ends on SIGTERM and SIGINT.
 *
 *   --port 0 --host 127.0.0.1 --size small|company|group|<number> --seed 1 --corp-id …
 *   --calls-per-second 20  limit per app and API
 *   --app-key …            repeat for further apps, which get the same secret
 *   --churn-minutes 0      interval of small random changes to the organization; 0 for none
 *   --exit-with-input      ends when standard input closes, and so with the parent process
 *
 * SIMULATOR_APP_SECRET sets the app's secret, because all users of a machine can read the arguments of its processes.
 *
 * The app's key and secret also work at the unified token endpoint. The organization has authorized a third-party app
 * too, whose secret and suite ticket are new at each start.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      size: { type: "string", default: "small" },
      seed: { type: "string", default: "1" },
      "corp-id": { type: "string", default: DEFAULT_CORP_ID },
      "app-key": { type: "string", multiple: true, default: [DEFAULT_APP_KEY] },
      "calls-per-second": { type: "string", default: "20" },
      "churn-minutes": { type: "string", default: "0" },
      "exit-with-input": { type: "boolean", default: false },
    },
  });
  const { "corp-id": corpId, "app-key": appKeys } = values;
  const appSecret = process.env.SIMULATOR_APP_SECRET || DEFAULT_APP_SECRET;
  const [suiteSecret, suiteTicket] = [makeSecret(), makeSecret()];
  const size = values.size in SIZES ? (values.size as keyof typeof SIZES) : Number(values.size);
  const simulator = await startSimulator({
    port: Number(values.port),
    host: values.host,
    organizations: [{ corpId, size, seed: Number(values.seed) }],
    // As for every app created since 2021.
    settings: { legacyDepartmentApi: "closed" },
    limits: { appApiPerSecond: Number(values["calls-per-second"]) },
    robots: [
      { accessToken: randomBytes(32).toString("hex"), secret: `SEC${randomBytes(32).toString("hex")}` },
    ],
    apps: [
      ...appKeys.map((appKey) => ({ appKey, appSecret, corpId })),
      { appKey: DEFAULT_SUITE_KEY, appSecret: suiteSecret, suiteTicket, corpId, kind: "isv" },
    ],
  });
  simulator.control.repeatSuiteTickets(DEFAULT_SUITE_KEY, SUITE_TICKET_EVERY_MS);
  const churnMinutes = Number(values["churn-minutes"]);
  if (churnMinutes > 0) setInterval(() => simulator.scenarios.churn(), churnMinutes * 60_000).unref();
  const { departments } = simulator.control.getOrganization(corpId);
  const suite = { suiteKey: DEFAULT_SUITE_KEY, suiteSecret, suiteTicket };
  const ready = { url: simulator.url, appKey: appKeys[0], appSecret, corpId, ...suite, departments };
  process.stdout.write(`${JSON.stringify(ready)}\n`);

  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  // Ctrl-C reaches the whole process group, and the parent may still need the simulator for running calls.
  process.on("SIGINT", () => !values["exit-with-input"] && stop());
  if (values["exit-with-input"]) process.stdin.resume().once("end", stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
