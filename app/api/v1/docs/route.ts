import { swaggerPage } from "@/lib/http/swagger-ui";
import { chooseLocale } from "@/lib/i18n/locales";
import { translate } from "@/lib/i18n/translate";
import { NONCE_HEADER } from "@/lib/request/internal-headers";

/** The interactive reference of the machine API. Public. */
export async function GET(request: Request): Promise<Response> {
  const locale = chooseLocale(undefined, request.headers.get("accept-language"));
  const t = await translate(locale, "api");
  const nonce = request.headers.get(NONCE_HEADER) ?? "";
  return new Response(swaggerPage({ nonce, locale, title: `${t("reference.title")} – Dingkeep` }), {
    headers: { "content-type": "text/html; charset=utf-8", "content-language": locale },
  });
}
