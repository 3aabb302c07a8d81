import { expect } from "vitest";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Redacted } from "@/lib/redacted";

/**
 * Returns the token once the process remembers it, which shows in the same object being returned twice. The NOTIFY of
 * the process's own renewal clears the first memory.
 */
export async function untilCached({ token }: DingtalkCaller): Promise<Redacted> {
  await expect.poll(async () => (await token.current()) === (await token.current())).toBe(true);
  return token.current();
}
