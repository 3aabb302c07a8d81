import { parseArgs } from "node:util";
import { SIZES } from "./schemas";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID, startSimulator } from "./start-simulator";

/**
 * The simulator as a program. Prints one line of JSON when it is ready, and ends on SIGTERM and SIGINT.
 *
 *   --port 0  --host 127.0.0.1  --size small|company|group|<number>  --seed 1
 *   --corp-id …  --app-key …  and the app's secret in SIMULATOR_APP_SECRET: everybody on a machine can read
 *   the arguments of its processes
 *   --exit-with-input  ends when its standard input closes: with whoever started it, however that one ends
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      host: { type: "string", default: "127.0.0.1" },
      size: { type: "string", default: "small" },
      seed: { type: "string", default: "1" },
      "corp-id": { type: "string", default: DEFAULT_CORP_ID },
      "app-key": { type: "string", default: DEFAULT_APP_KEY },
      "exit-with-input": { type: "boolean", default: false },
    },
  });
  const { "corp-id": corpId, "app-key": appKey } = values;
  const appSecret = process.env.SIMULATOR_APP_SECRET || DEFAULT_APP_SECRET;
  const size = values.size in SIZES ? (values.size as keyof typeof SIZES) : Number(values.size);
  const simulator = await startSimulator({
    port: Number(values.port),
    host: values.host,
    organizations: [{ corpId, size, seed: Number(values.seed) }],
    apps: [{ appKey, appSecret, corpId }],
  });
  const { departments } = simulator.control.getOrganization(corpId);
  process.stdout.write(`${JSON.stringify({ url: simulator.url, appKey, appSecret, corpId, departments })}\n`);

  const stop = () => void simulator.close().then(() => process.exit(0));
  process.once("SIGTERM", stop);
  // Ctrl-C reaches the whole group at once; whoever started this one may still need it for its running calls.
  process.on("SIGINT", () => !values["exit-with-input"] && stop());
  if (values["exit-with-input"]) process.stdin.resume().once("end", stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
