import { mayScrape, readMetrics } from "@/lib/metrics/queries";

export const dynamic = "force-dynamic";

/** For Prometheus, with `METRICS_TOKEN`; without it there is no such page, and a wrong one finds none either (S20). */
export async function GET(request: Request) {
  const headers = { "cache-control": "no-store" };
  if (!mayScrape(request.headers.get("authorization"))) return new Response(null, { status: 404, headers });
  const { text, contentType } = await readMetrics();
  return new Response(text, { headers: { ...headers, "content-type": contentType } });
}
