// Bundles one of our TypeScript programs and runs it in this process: `node scripts/run.mjs NAME [ARGUMENTS]`.
// Node strips types by itself but can't follow `@/`; esbuild takes 20 ms and keeps packages outside.
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [name = ""] = process.argv.splice(2, 1);
const entry = name === "simulator" ? "simulator/main.ts" : `scripts/${name}.ts`;
const outfile = join(root, ".build", `${name}.mjs`);

await build({
  absWorkingDir: root,
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node24",
  packages: "external",
  sourcemap: "inline",
  logLevel: "warning",
  // `server-only` throws outside a React server build.
  alias: { "server-only": "./lib/testing/empty.ts" },
});
process.setSourceMapsEnabled(true);
process.argv[1] = outfile;
await import(pathToFileURL(outfile).href);
