import { notFound } from "@/lib/errors";
import { problemOf } from "@/lib/http/problem";

/** What isn't a route of the machine API, whatever the method: a problem, and no page. */
const answer = (request: Request): Promise<Response> =>
  problemOf(notFound("route"), {
    requestId: crypto.randomUUID(),
    acceptLanguage: request.headers.get("accept-language"),
  });

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
