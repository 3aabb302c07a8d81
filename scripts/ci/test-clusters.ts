import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { postgresHome } from "@/server/postgres/data-location";
import { stopServer } from "@/server/postgres/server";

/**
 * Clusters of single tests. The folder is outside the project, because PostgreSQL's user may be unable to enter that.
 */
const FOLDER = join(
  tmpdir(),
  `dingkeep-${createHash("sha256").update(process.cwd()).digest("hex").slice(0, 16)}`,
);

/** Creates the folder of a test's own cluster. The test removes the folder around it. */
export function makeClusterFolder(): string {
  mkdirSync(FOLDER, { recursive: true });
  const place = mkdtempSync(join(FOLDER, "cluster-"));
  for (const path of [FOLDER, place]) chmodSync(path, 0o755);
  const folder = join(place, "data");
  mkdirSync(folder);
  return folder;
}

/** Stops servers that ended tests have left, and removes their clusters. */
export async function removeTestClusters(): Promise<void> {
  if (!existsSync(FOLDER)) return;
  const home = postgresHome(FOLDER);
  const pidFiles = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter(
    (path) => basename(path) === "postmaster.pid",
  );
  await Promise.allSettled(
    pidFiles.map((path) => stopServer({ ...home, data: join(FOLDER, dirname(path)) })),
  );
  rmSync(FOLDER, { recursive: true, force: true, maxRetries: 10 });
}
