import { notFound } from "@/lib/errors";
import { withHeaders } from "@/lib/http/response-headers";
import { problemOf } from "@/lib/problems/problem-response";
import { requestContext } from "@/lib/request/context";

/** Answers unknown routes of the machine API with a problem instead of a page, for every method. */
async function answer(request: Request): Promise<Response> {
  const context = requestContext(request.headers);
  const problem = await problemOf(notFound("route"), context);
  return withHeaders(problem, { requestId: context.requestId, isStale: false, rate: null });
}

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
