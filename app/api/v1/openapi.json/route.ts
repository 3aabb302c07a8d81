import { openApiIn } from "@/lib/api/localized-openapi";
import { chooseLocale } from "@/lib/i18n/locales";

/** The machine API as OpenAPI 3.1. Public. */
export async function GET(request: Request): Promise<Response> {
  const locale = chooseLocale(undefined, request.headers.get("accept-language"));
  return Response.json(await openApiIn(locale), {
    headers: { "cache-control": "no-cache", "content-language": locale, vary: "accept-language" },
  });
}
