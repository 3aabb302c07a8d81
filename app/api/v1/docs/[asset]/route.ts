import { notFound } from "@/lib/errors";
import { problemOf } from "@/lib/http/problem";
import { swaggerAsset } from "@/lib/http/swagger-ui";

/** What the reference's page loads. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ asset: string }> },
): Promise<Response> {
  const { asset } = await params;
  const acceptLanguage = request.headers.get("accept-language");
  const missing = () => problemOf(notFound("file"), { requestId: crypto.randomUUID(), acceptLanguage });
  return (await swaggerAsset(asset)) ?? missing();
}
