import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { readLease } from "@/lib/tokens/lease/read-lease";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { tokenReader } from "@/lib/tokens/test-support/test-dingtalk";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import type { ReadAnswer, ReadRequest } from "./token-readers";

/**
 * A process that reads leases as a server does. Each input line names an app and a number of simultaneous readers; the
 * output line has the hashed results. The argument sets how many milliseconds its clock is ahead.
 */
const aheadMs = Number(process.argv[2] ?? 0);
const service = makeTokenService({ ...ourDingtalk(), now: () => Date.now() + aheadMs });

async function read({ organizationId, appId, readers }: ReadRequest): Promise<ReadAnswer> {
  const actor = tokenReader({ organizationId });
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(
    Array.from({ length: readers }, () => readLease(actor, appId, { service })),
  );
  const seen = outcomes.map((outcome) => {
    if (outcome.status === "rejected") return `failed: ${String(outcome.reason)}`;
    const { accessToken, version } = outcome.value;
    return `${version} ${createHash("sha256").update(accessToken.reveal()).digest("hex")}`;
  });
  return { seen: [...new Set(seen)], tookMs: performance.now() - startedAt };
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    void read(JSON.parse(line) as ReadRequest).then((answer) =>
      process.stdout.write(`${JSON.stringify(answer)}\n`),
    );
  })
  .on("close", () => process.exit(0));
process.stdout.write("ready\n");
