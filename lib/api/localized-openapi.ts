import type { Locale } from "@/lib/i18n/locales";
import { translate } from "@/lib/i18n/translate";
import { processWide } from "@/lib/process-wide";
import type { JsonSchema } from "./json-schema";
import { openApiOf } from "./openapi";

const cache = () => processWide("api.openapi", () => new Map<Locale, Promise<JsonSchema>>());

async function make(locale: Locale): Promise<JsonSchema> {
  const t = await translate(locale, "api");
  return openApiOf({
    title: t("reference.title"),
    about: t("reference.about"),
    scope: (scope) => t("reference.scope", { scope }),
    event: (type) => t(`event.${type}`),
    operation: (name) => t(`operation.${name}`),
  });
}

export function openApiIn(locale: Locale): Promise<JsonSchema> {
  const cached = cache().get(locale) ?? make(locale);
  cache().set(locale, cached);
  return cached;
}
