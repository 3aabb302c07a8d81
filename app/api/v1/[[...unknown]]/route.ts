import { notFound } from "@/lib/errors";
import { dressed } from "@/lib/http/dressed";
import { problemOf } from "@/lib/http/problem";

/** Answers an address that is no route of the machine API with a problem instead of a page, whatever the method. */
async function answer(request: Request): Promise<Response> {
  const requestId = crypto.randomUUID();
  const acceptLanguage = request.headers.get("accept-language");
  const problem = await problemOf(notFound("route"), { requestId, acceptLanguage });
  return dressed(problem, { requestId, isStale: false, rate: null });
}

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
