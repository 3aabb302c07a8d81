import { isIP } from "node:net";
import { err, ok, type Result } from "@/lib/result";
import { classifyCode, classifyStatus, type Verdict } from "./classify-error";
import { DingtalkError, type DingtalkUpstream } from "./errors";
import { hideSecrets } from "./hide-secrets";
import { BANNED, isBanPage, isBanStatus, PAGE_CHARACTERS_MAX } from "./ip-ban";
import { fieldOf, objectOf, textOf, textsOf } from "./read-fields";
import { isJsonObject, type JsonObject, parseJson } from "./read-json";
import { retryAfterMs } from "./retry-after";

export type RawAnswer = {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  /** From the header `x-acs-request-id`. */
  readonly requestId: string | null;
  readonly text: string;
};

export type AnswerContext = {
  readonly api: string;
  readonly host: "oapi" | "api";
  readonly hostName: string;
  readonly isTokenCall: boolean;
  /** Removed from all texts. */
  readonly secrets: readonly string[];
  /** Returns path, query and body as sent, which an error page may quote. */
  readonly sent: () => string;
  readonly nowMs: number;
};

const MESSAGE_CHARACTERS_MAX = 1_000;
const CODE_CHARACTERS_MAX = 200;
const BODY_START_CHARACTERS = 80;
const WRAPPER_CODES = new Set(["88", "15"]);

/**
 * Distinguishes successes, refusals and answers that are not DingTalk's.
 *
 * On the older host `errcode` decides, since even refusals have HTTP status 200. The new host refuses with an HTTP
 * status and `{code, message, requestid}`, which some gateways capitalize.
 *
 * @returns the answer's object, whose other fields are not checked yet
 * @see docs/dingtalk/errors.md#error-forms
 */
export function interpretAnswer(raw: RawAnswer, context: AnswerContext): Result<JsonObject, DingtalkError> {
  const parsed = parseJson(raw.text);
  if (!parsed.ok) return err(failedReading(parsed.error, raw, context));
  if (!isJsonObject(parsed.value)) return err(failure(shapeless(raw), raw, context));

  const body = parsed.value;
  const errcode = textOf(fieldOf(body, "errcode"));
  if (errcode === "0") {
    return raw.status < 300 ? ok(body) : err(failure(shapeless(raw), raw, context));
  }
  if (errcode !== null) return err(refusedByOldHost(errcode, body, raw, context));
  if (isBanStatus(body)) return err(failure(BANNED, raw, context));

  const isSuccess = raw.status >= 200 && raw.status < 300;
  if (isSuccess && context.host === "api") return ok(body);
  if (!isSuccess && isNewHostRefusal(body)) return err(refusedByNewHost(body, raw, context));
  return err(failure(shapeless(raw), raw, context));
}

/** @param missing paths of fields, without values */
export function incompleteAnswer(
  missing: string,
  answer: JsonObject,
  [raw, context]: readonly [RawAnswer, AnswerContext],
): DingtalkError {
  const hasShape = fieldOf(answer, "errcode") !== undefined;
  const verdict: Verdict = { kind: hasShape ? "not_dingtalk" : "wrong_host" };
  return failure(verdict, raw, context, {
    message: `not as documented: ${missing}`,
    requestId: requestIdOf(answer, raw, context),
  });
}

/** Classifies JSON that is not DingTalk's: the status may still show that a gateway failed. */
function shapeless({ status }: RawAnswer): Verdict {
  const verdict = classifyStatus(status);
  return verdict.kind === "unknown_code" ? { kind: "wrong_host" } : verdict;
}

/** Codes of the new host contain letters; a number comes from another gateway. */
function isNewHostRefusal(body: JsonObject): boolean {
  const code = fieldOf(body, "code");
  const hasCode = typeof code === "string" && /[a-z]/i.test(code);
  return hasCode || textOf(fieldOf(body, "requestid")) !== null;
}

function refusedByOldHost(errcode: string, body: JsonObject, raw: RawAnswer, context: AnswerContext) {
  const errmsg = textOf(fieldOf(body, "errmsg")) ?? "";
  const inner = textOf(fieldOf(body, "sub_code")) ?? /\[subcode=([\w.-]+)/.exec(errmsg)?.[1] ?? null;
  // A wrapper without an inner code is a fault of the gateway
  const isEmptyWrapper = WRAPPER_CODES.has(errcode) && inner === null;
  const effective = WRAPPER_CODES.has(errcode) && inner !== null ? inner : errcode;
  const wrapped = classifyCode(effective, { status: raw.status, isTokenCall: context.isTokenCall });
  const isUnreadFault = errcode === "15" && wrapped.kind === "unknown_code";
  const verdict: Verdict = isEmptyWrapper || isUnreadFault ? { kind: "temporary_fault" } : wrapped;

  return failure(verdict, raw, context, {
    code: cut(errcode, context, CODE_CHARACTERS_MAX),
    subCode: inner === null ? null : cut(inner, context, CODE_CHARACTERS_MAX),
    message: textOf(fieldOf(body, "sub_msg")) ?? errmsg,
    requestId: requestIdOf(body, raw, context),
  });
}

function refusedByNewHost(body: JsonObject, raw: RawAnswer, context: AnswerContext): DingtalkError {
  // A missing token header is answered with 401 and sometimes no code
  const code = textOf(fieldOf(body, "code")) ?? (raw.status === 401 ? "Unauthorized" : "");
  const verdict = classifyCode(code, { status: raw.status, isTokenCall: context.isTokenCall });
  const detail = objectOf(fieldOf(body, "accessdenieddetail"));

  return failure(verdict, raw, context, {
    code: code === "" ? null : cut(code, context, CODE_CHARACTERS_MAX),
    message: textOf(fieldOf(body, "message")) ?? "",
    requestId: requestIdOf(body, raw, context),
    requiredScopes: detail ? textsOf(fieldOf(detail, "requiredScopes")) : [],
  });
}

function failedReading(reason: string, raw: RawAnswer, context: AnswerContext): DingtalkError {
  if (reason === "depth" || reason === "nodes") {
    return failure({ kind: "too_large" }, raw, context, { message: `JSON has too many ${reason}` });
  }
  const byStatus = classifyStatus(raw.status);
  const bodyStart = bodyStartOf(raw, context);
  if (bodyStart !== null && isBanPage(raw.text, context.sent)) {
    return failure(BANNED, raw, context, { bodyStart });
  }
  const verdict: Verdict = byStatus.kind === "unknown_code" ? { kind: "not_dingtalk" } : byStatus;
  return failure(verdict, raw, context, { bodyStart });
}

/** Builds the error. This is the only place where DingTalk's texts are cleaned and truncated. */
function failure(
  verdict: Verdict,
  raw: RawAnswer,
  context: AnswerContext,
  said: Partial<DingtalkUpstream> = {},
): DingtalkError {
  const message = cut(said.message ?? "", context, MESSAGE_CHARACTERS_MAX);
  const isIpRefused = verdict.kind === "ip_not_allowed";
  const scopes = verdict.kind === "missing_permission" ? scopesIn(message) : [];
  const requiredScopes = said.requiredScopes?.length ? said.requiredScopes : scopes;

  return new DingtalkError({
    kind: verdict.kind,
    api: context.api,
    throttleScope: verdict.scope ?? null,
    retryAfterMs: retryAfterMs(verdict, { header: raw.retryAfter, message, nowMs: context.nowMs }),
    upstream: {
      ...said,
      host: context.hostName,
      status: raw.status,
      message,
      requiredScopes: requiredScopes.slice(0, 20).map((scope) => cut(scope, context, CODE_CHARACTERS_MAX)),
      callerIp: isIpRefused ? callerIpIn(message) : null,
      appKey: isIpRefused ? (/appKey\s*\(\s*([\w-]{1,64})\s*\)/i.exec(message)?.[1] ?? null) : null,
      contentType: raw.contentType === null ? null : cut(raw.contentType, context, CODE_CHARACTERS_MAX),
    },
  });
}

function cut(text: string, { secrets }: AnswerContext, charactersMax: number): string {
  return hideSecrets(text, secrets).slice(0, charactersMax).toWellFormed();
}

export function requestIdOf(body: JsonObject, raw: RawAnswer, context: AnswerContext): string | null {
  const id = textOf(fieldOf(body, "request_id")) ?? textOf(fieldOf(body, "requestid")) ?? raw.requestId;
  return id === null ? null : cut(id, context, CODE_CHARACTERS_MAX);
}

/** Returns the start of an answer that is not JSON. Broken JSON is never quoted: it can contain names or a new token. */
function bodyStartOf({ text }: RawAnswer, context: AnswerContext): string | null {
  const start = cut(text.slice(0, PAGE_CHARACTERS_MAX).trim(), context, BODY_START_CHARACTERS);
  const mayHoldData = /^[[{"]/.test(start) || (context.isTokenCall && /token|secret/i.test(start));
  return mayHoldData || start === "" ? null : start;
}

function callerIpIn(message: string): string | null {
  const named = /\bip\s*[=:：(]\s*([0-9a-f.:]{2,45})/i.exec(message)?.[1];
  const candidates = [named, ...(message.match(/\d{1,3}(?:\.\d{1,3}){3}/g) ?? [])];
  const addresses = candidates.map((candidate) => candidate?.replace(/[.:]$/, ""));
  return addresses.find((address) => address !== undefined && isIP(address) !== 0) ?? null;
}

const scopesIn = (message: string): string[] => [...new Set(message.match(/\bqyapi_\w{1,80}/g))];
