// Runs on Node 20 with nothing but the dependencies installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hashOf, inRoot, nodeBinary, root } from "./project-files.mjs";

/** Generates the database client if the schema or the lock file, which sets Prisma's version, has changed. */
export function generatePrismaClient() {
  const schema = hashOf(inRoot("prisma", "schema.prisma"), inRoot("package-lock.json"));
  const stamp = inRoot("prisma", "generated", ".schema");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === schema) return;
  // An interrupted run leaves an incomplete client, which must not count even if the schema is changed back.
  rmSync(stamp, { force: true });
  const node = nodeBinary();
  const prisma = spawnSync(node, [inRoot("node_modules", "prisma", "build", "index.js"), "generate"], {
    cwd: root,
    encoding: "utf8",
    // `generate` needs no engine, but would download one if none is set.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: node, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  });
  if (prisma.status !== 0) {
    console.error(`prisma generate failed:\n${prisma.stdout}${prisma.stderr}`);
    process.exit(1);
  }
  mkdirSync(inRoot("prisma", "generated"), { recursive: true });
  writeFileSync(stamp, schema);
}
