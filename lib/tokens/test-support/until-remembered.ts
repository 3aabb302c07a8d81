import { expect } from "vitest";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Redacted } from "@/lib/redacted";

/**
 * The token, once the process remembers it: then the very object is given again. The notice of a renewal of
 * its own is heard after it, so that may take two reads.
 */
export async function untilCached({ token }: DingtalkCaller): Promise<Redacted> {
  await expect.poll(async () => (await token.current()) === (await token.current())).toBe(true);
  return token.current();
}
