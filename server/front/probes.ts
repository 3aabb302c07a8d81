import type { IncomingMessage, ServerResponse } from "node:http";
import { env } from "@/lib/env";
import { readReadiness } from "@/lib/health/readiness";
import { FOREIGN_POLICY, fixedHeaders } from "@/lib/http/security-headers";

type Answer = { readonly status: number; readonly body: object };

/** Returns whether this process can work. The body names checks without details (S20). */
async function readiness(): Promise<Answer> {
  const { isReady, checks, isStale } = await readReadiness();
  return { status: isReady ? 200 : 503, body: { status: isReady ? "ok" : "unavailable", checks, isStale } };
}

const PROBES: Readonly<Record<string, () => Promise<Answer>>> = {
  "/healthz": async () => ({ status: 200, body: { status: "ok" } }),
  "/readyz": readiness,
};

/**
 * Answers `/healthz` and `/readyz` before Next, so that probes work however busy pages are.
 *
 * @returns whether it answered
 */
export async function answerProbe(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { method, url = "/" } = request;
  const [path = ""] = url.split("?", 1);
  const probe = Object.hasOwn(PROBES, path) ? PROBES[path] : undefined;
  if (!probe || (method !== "GET" && method !== "HEAD")) return false;
  const { status, body } = await probe();
  response.writeHead(status, {
    ...fixedHeaders(env().NEXTAUTH_URL.startsWith("https:")),
    "content-security-policy": FOREIGN_POLICY,
    "content-type": "application/json",
    "cache-control": "no-store",
  });
  response.end(method === "HEAD" ? undefined : JSON.stringify(body));
  return true;
}
