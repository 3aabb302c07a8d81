import "server-only";
import { AppError, ERROR_STATUS, type ErrorCode } from "@/lib/errors";
import { type FaultTranslator, faultWords } from "@/lib/i18n/fault-words";
import { chooseLocale, type Locale } from "@/lib/i18n/locales";
import { translate } from "@/lib/i18n/translate";
import { log } from "@/lib/log";

/** A field of what was sent that doesn't fit. Never its value. */
export type WrongField = { readonly path: string; readonly message: string };

type Asked = { readonly requestId: string; readonly acceptLanguage: string | null };

/** Input that doesn't fit a schema, with the fields. */
export class InvalidInput extends AppError {
  readonly fields: readonly WrongField[];

  constructor(fields: readonly WrongField[]) {
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
  return new AppError("internal", "an unexpected failure");
}

/**
 * A failure as RFC 9457 has it, in the caller's language: `code` to branch on, DingTalk's own words where it was
 * DingTalk's, and what to do about it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export async function problemOf(thrown: unknown, { requestId, acceptLanguage }: Asked): Promise<Response> {
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
    ...(fault && {
      dingtalk: {
        code: fault.code,
        subCode: fault.subCode,
        message: fault.message,
        requestId: fault.requestId,
      },
      hint: await hintOf(fault, locale),
    }),
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

async function hintOf(fault: NonNullable<AppError["fault"]>, locale: Locale): Promise<string> {
  const t = await translate(locale, "fault");
  const { title, body } = faultWords(t as FaultTranslator, fault);
  const say = await translate(locale, "api");
  return say("hint", { title, body });
}
