import { notFound } from "@/lib/errors";
import { swaggerAsset } from "@/lib/http/swagger-ui";
import { problemOf } from "@/lib/problems/problem-response";
import { requestContext } from "@/lib/request/context";

/** Serves the assets of the API reference page. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ asset: string }> },
): Promise<Response> {
  const { asset } = await params;
  const missing = () => problemOf(notFound("file"), requestContext(request.headers));
  return (await swaggerAsset(asset)) ?? missing();
}
