import { join } from "node:path";
import { build } from "esbuild";

const root = process.cwd();

export type BundleSource = { readonly file: string } | { readonly text: string };

/** Bundles TypeScript with imports of `@/…` like `scripts/run.mjs`. @returns the path of the bundle */
export async function bundle(source: BundleSource): Promise<string> {
  const outfile = join(root, ".build", `test-${process.pid}-${crypto.randomUUID()}.mjs`);
  await build({
    absWorkingDir: root,
    ...("file" in source
      ? { entryPoints: [source.file] }
      : { stdin: { contents: source.text, resolveDir: root, loader: "ts" } }),
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    packages: "external",
    logLevel: "warning",
    alias: { "server-only": "./lib/testing/empty.ts" },
  });
  return outfile;
}
