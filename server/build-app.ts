import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = [
  "app",
  "lib",
  "messages",
  "public",
  "next.config.ts",
  "proxy.ts",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "package-lock.json",
  "prisma/schema.prisma",
];
const STAMP = join(".next", "dingkeep-sources");

/** Returns whether a path is part of what the application is built from. Tests are not. */
export const isBuildSource = (path: string): boolean =>
  !/\.test\.tsx?$/.test(path) && SOURCES.some((source) => path === source || path.startsWith(`${source}/`));

function addTo(hash: ReturnType<typeof createHash>, path: string): void {
  const entries = existsSync(path) ? readdirSync(path, { withFileTypes: true }) : [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) addTo(hash, inner);
    else if (isBuildSource(inner)) hash.update(inner).update(readFileSync(inner));
  }
}

/** Returns a hash of all sources of the application. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const source of SOURCES.filter((name) => existsSync(name))) {
    if (/\.\w+$/.test(source)) hash.update(source).update(readFileSync(source));
    else addTo(hash, source);
  }
  return hash.digest("hex");
}

/** Returns whether `.next` was built from the current sources. */
export const isBuilt = (): boolean => existsSync(STAMP) && readFileSync(STAMP, "utf8") === fingerprint();

/**
 * Builds the application unless it was already built from the current sources.
 *
 * @param output file descriptor for the build's output, `inherit` or `ignore`
 * @returns the exit code of `next build`; 0 when the build was up to date
 */
export async function buildApp(output: number | "inherit" | "ignore" = "inherit"): Promise<number> {
  if (isBuilt()) return 0;
  const sources = fingerprint();
  const next = join("node_modules", "next", "dist", "bin", "next");
  const env = { ...process.env, NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1" };
  const errors = typeof output === "number" ? output : "inherit";
  const child = spawn(process.execPath, [next, "build"], { stdio: ["ignore", output, errors], env });
  // An interrupted start must not leave the build running.
  const end = () => child.kill();
  process.once("exit", end);
  const code = await new Promise<number>((resolve) => child.on("exit", (status) => resolve(status ?? 1)));
  process.off("exit", end);
  if (code === 0) writeFileSync(STAMP, sources);
  return code;
}
