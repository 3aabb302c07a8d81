import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import { env } from "@/lib/env";
import { metrics } from "./registry";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Reports whether the request carries `METRICS_TOKEN`; always false while none is configured (S20). */
export function mayScrape(authorization: string | null): boolean {
  const token = env().METRICS_TOKEN;
  if (token === undefined) return false;
  return timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`));
}

export async function readMetrics(): Promise<{ readonly text: string; readonly contentType: string }> {
  const { registry } = metrics();
  return { text: await registry.metrics(), contentType: registry.contentType };
}
