import { readChecks } from "@/lib/health/queries";

export const dynamic = "force-dynamic";

/** The process can do its work. Names of checks only, nothing of what they saw (S20). */
export async function GET() {
  const checks = await readChecks();
  const isReady = Object.values(checks).every(Boolean);
  return Response.json(
    { status: isReady ? "ok" : "unavailable", checks },
    { status: isReady ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
