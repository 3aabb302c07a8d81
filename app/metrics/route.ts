import { mayScrape, readMetrics } from "@/lib/metrics/queries";

export const dynamic = "force-dynamic";

/** Prometheus metrics, with `METRICS_TOKEN` as bearer token. Any other request gets a 404 (S20). */
export async function GET(request: Request) {
  const headers = { "cache-control": "no-store" };
  if (!mayScrape(request.headers.get("authorization"))) return new Response(null, { status: 404, headers });
  const { text, contentType } = await readMetrics();
  return new Response(text, { headers: { ...headers, "content-type": contentType } });
}
