import { createHash } from "node:crypto";
import { once } from "node:events";
import { callerOf } from "../dingtalk-caller";

/**
 * A separate process that reads an app's token as the product does: `reader-process ORGANIZATION APP READERS`.
 * Prints `ready`, waits for a line, reads with all readers at once, and prints the hashes of their tokens.
 */
async function main(): Promise<void> {
  const [organizationId = "", appId = "", readers = "1"] = process.argv.slice(2);
  const caller = await callerOf({ organizationId }, appId);
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  const tokens = await Promise.all(Array.from({ length: Number(readers) }, () => caller.token.current()));
  const hashes = tokens.map((token) => createHash("sha256").update(token.reveal()).digest("hex"));
  process.stdout.write(`${JSON.stringify({ readers: tokens.length, tokens: [...new Set(hashes)] })}\n`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
