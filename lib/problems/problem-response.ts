import "server-only";
import { AppError, ERROR_STATUS, type ErrorCode } from "@/lib/errors";
import { type FaultTranslator, faultWords } from "@/lib/i18n/fault-words";
import { chooseLocale, type Locale } from "@/lib/i18n/locales";
import { translate } from "@/lib/i18n/translate";
import { log } from "@/lib/log";

export type InvalidField = { readonly path: string; readonly message: string };

type Caller = { readonly requestId: string; readonly acceptLanguage: string | null };

export class InvalidInput extends AppError {
  readonly fields: readonly InvalidField[];

  constructor(fields: readonly InvalidField[]) {
    super("invalid_input", "the request doesn't fit the route's schema");
    this.fields = fields;
  }
}

function toAppError(error: unknown, requestId: string): AppError {
  if (error instanceof AppError) {
    if (error.status >= 500) log.warn("request failed", { requestId, error });
    return error;
  }
  log.error("request failed", { requestId, error });
  return new AppError("internal", "unexpected failure");
}

/**
 * Returns a problem in the caller's language, with a remedy if DingTalk caused it. Logs statuses from 500 on.
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export async function problemOf(thrown: unknown, { requestId, acceptLanguage }: Caller): Promise<Response> {
  const error = toAppError(thrown, requestId);
  const locale = chooseLocale(undefined, acceptLanguage);
  const t = await translate(locale, "api");
  const code: ErrorCode = error.code;
  const { fault, detail, retryAfterSeconds } = error;
  const body = {
    type: `urn:dingkeep:problem:${code}`,
    title: t(`problem.${code}`),
    status: ERROR_STATUS[code],
    code,
    ...(detail !== undefined && { detail }),
    requestId,
    ...(error instanceof InvalidInput && { errors: error.fields }),
    ...(fault && (await describeFault(fault, locale))),
  };
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: {
      "content-type": "application/problem+json",
      "content-language": locale,
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
      ...(code === "unauthenticated" && { "www-authenticate": "Bearer" }),
    },
  });
}

async function describeFault(fault: NonNullable<AppError["fault"]>, locale: Locale) {
  const { code, subCode, requestId } = fault;
  const t = await translate(locale, "fault");
  const { title, body } = faultWords(t as FaultTranslator, fault);
  const say = await translate(locale, "api");
  const message = fault.message === "" ? title : fault.message;
  return { dingtalk: { code, subCode, message, requestId }, hint: say("hint", { title, body }) };
}
