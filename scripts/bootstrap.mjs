// The first step of every command: `node scripts/bootstrap.mjs NAME [ARGUMENTS]`. Installs missing dependencies, then
// runs the command with the Node version among them. Runs on Node 20 with nothing installed.
import { followParent, run } from "./forward-signals.mjs";
import { generatePrismaClient } from "./generate-prisma-client.mjs";
import { installDependencies } from "./install-dependencies.mjs";
import { inRoot, nodeBinary } from "./project-files.mjs";

const NODE_MAJOR = 24;

followParent();
await installDependencies();
generatePrismaClient();

const args = [inRoot("scripts", "run.mjs"), ...process.argv.slice(2)];
if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) {
  process.argv.splice(1, process.argv.length, ...args);
  await import("./run.mjs");
} else {
  const bin = inRoot("node_modules", ".bin");
  const env = {
    ...process.env,
    PATH: `${bin}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}`,
  };
  const { code } = await run(nodeBinary(), args, { env });
  process.exit(code);
}
