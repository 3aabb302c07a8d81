// Bundles a TypeScript program and runs it in this process: `node scripts/run.mjs NAME [ARGUMENTS]`. Node strips types
// itself but cannot resolve `@/`. Bundling takes 20 ms, and packages stay outside.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { collectGarbageEarly, restartWithSmallReserves } from "../server/small-memory.mjs";
import { followParent } from "./forward-signals.mjs";

followParent();

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = ""] = process.argv.splice(2, 1);
if (["start", "worker"].includes(name)) {
  restartWithSmallReserves([fileURLToPath(import.meta.url), name, ...process.argv.slice(2)]);
  collectGarbageEarly();
}
/** Entry files of the commands. All other commands are `scripts/NAME.ts`. */
const ENTRIES = {
  start: "server/start.ts",
  worker: "server/worker.ts",
  simulator: "simulator/main.ts",
  demo: "scripts/demo/demo.ts",
  "demo-server": "scripts/demo/demo-server.ts",
  test: "scripts/ci/test.ts",
  "test-pooled": "scripts/ci/test-pooled.ts",
  "test-distributed": "scripts/ci/test-distributed.ts",
  "e2e-server": "scripts/ci/e2e-server.ts",
  bench: "scripts/bench/bench.ts",
  soak: "scripts/soak/soak.ts",
  mutants: "scripts/mutants/mutants.ts",
  "mutants-pure": "scripts/mutants/mutants-pure.ts",
};
const entry = ENTRIES[name] ?? `scripts/${name}.ts`;
const outfile = join(root, ".build", `${name}.mjs`);

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  write: false,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
  // The package `server-only` throws outside a React server build.
  alias: { "server-only": "./lib/testing/empty.ts" },
});
// Renames the finished file, because several processes of one command may start at once and would read incomplete
// bundles.
mkdirSync(dirname(outfile), { recursive: true });
const half = `${outfile}.${process.pid}`;
writeFileSync(half, outputFiles[0].contents);
renameSync(half, outfile);
// Source maps take 90 MB of a server's memory. To debug a server, start it with NODE_OPTIONS=--enable-source-maps.
if (!["start", "worker", "demo-server"].includes(name)) process.setSourceMapsEnabled(true);
process.argv[1] = outfile;
await import(pathToFileURL(outfile).href);
