import { readReadiness } from "@/lib/health/queries";

export const dynamic = "force-dynamic";

/** The process can do its work. Names of checks only, nothing of what they saw (S20). */
export async function GET() {
  const { isReady, checks, isStale } = await readReadiness();
  return Response.json(
    { status: isReady ? "ok" : "unavailable", checks, isStale },
    { status: isReady ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
