import type { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { ADDRESS_BOOK_EVENTS } from "./address-book-events";
import { call, type DingtalkCaller } from "./call";
import type { CallbackSecrets } from "./callback-crypto";
import type { Dingtalk } from "./client";
import { DingtalkError } from "./errors";
import { fieldOf, flagOf, listOf, objectOf, textOf, textsOf } from "./read-fields";
import type { JsonObject } from "./read-json";

type CallOptions = { readonly signal?: AbortSignal };
type Registration = CallOptions & { readonly url: Redacted; readonly secrets: CallbackSecrets };

const ALREADY_REGISTERED = "71006";
const NOT_REGISTERED = "71007";

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof DingtalkError && (error.upstream.code === code || error.upstream.subCode === code);

/**
 * Registers the address for the changes of the address book, or replaces the registered one. DingTalk sends `check_url`
 * to it during the call.
 *
 * @throws {DingtalkError} `callback_check_failed` with codes 71009 to 71013
 * @see docs/dingtalk/callbacks.md#subscription-api
 */
export async function registerCallback(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  registration: Registration,
): Promise<void> {
  try {
    await send(dingtalk, caller, "call_back/register_call_back", registration);
  } catch (error) {
    if (!hasCode(error, ALREADY_REGISTERED)) throw error;
    await send(dingtalk, caller, "call_back/update_call_back", registration);
  }
}

function send(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  api: string,
  { url, secrets, signal }: Registration,
): Promise<void> {
  const body = JSON.stringify({
    call_back_tag: ADDRESS_BOOK_EVENTS,
    token: secrets.token.reveal(),
    aes_key: secrets.aesKey.reveal(),
    url: url.reveal(),
  });
  return call(
    dingtalk,
    { host: "oapi", api, method: "POST", ...caller, body, read: () => ok(undefined) },
    signal,
  );
}

/** Deletes the registration, if there is one. @see docs/dingtalk/callbacks.md#subscription-api */
export async function deleteCallback(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { signal }: CallOptions = {},
): Promise<void> {
  const api = "call_back/delete_call_back";
  const request = { host: "oapi", api, method: "GET", ...caller, read: () => ok(undefined) } as const;
  try {
    await call(dingtalk, request, signal);
  } catch (error) {
    if (!hasCode(error, NOT_REGISTERED)) throw error;
  }
}

/** Returns the types and the address that are registered; `null` if nothing is. The address contains a secret. */
export async function getCallback(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { signal }: CallOptions = {},
): Promise<{ readonly types: readonly string[]; readonly url: string } | null> {
  const read = (answer: JsonObject): Result<{ types: string[]; url: string }, string> => {
    const url = textOf(fieldOf(answer, "url"));
    return url === null ? err("url") : ok({ url, types: textsOf(fieldOf(answer, "call_back_tag")) });
  };
  try {
    const api = "call_back/get_call_back";
    return await call(dingtalk, { host: "oapi", api, method: "GET", ...caller, read }, signal);
  } catch (error) {
    if (hasCode(error, NOT_REGISTERED)) return null;
    throw error;
  }
}

export type FailedCallbacks = {
  /** One payload for each callback that DingTalk could not deliver, in the form of a pushed event. */
  readonly events: readonly JsonObject[];
  readonly hasMore: boolean;
};

/**
 * Reads callbacks that DingTalk could not deliver, at most 200. DingTalk seems to forget them once they are read, so
 * store them before the next call.
 *
 * @see docs/dingtalk/callbacks.md#failed-callbacks
 */
export async function readFailedCallbacks(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { signal }: CallOptions = {},
): Promise<FailedCallbacks> {
  const api = "call_back/get_call_back_failed_result";
  return call(dingtalk, { host: "oapi", api, method: "GET", ...caller, read: toFailed }, signal);
}

function toFailed(answer: JsonObject): Result<FailedCallbacks, string> {
  const entries = listOf(fieldOf(answer, "failed_list")) ?? [];
  const events = entries
    .map(objectOf)
    .filter((entry) => entry !== null)
    .map(toPayload);
  return ok({ events, hasMore: flagOf(fieldOf(answer, "has_more")) ?? false });
}

/** Returns an entry as if it had been pushed: the data stands in a field named like the type. */
function toPayload(entry: JsonObject): JsonObject {
  const type = textOf(fieldOf(entry, "call_back_tag")) ?? "";
  const data = objectOf(fieldOf(entry, type)) ?? {};
  const inner =
    objectOf(fieldOf(data, "callbackData")) ??
    objectOf(fieldOf(data, "bpmsCallBackData")) ??
    objectOf(fieldOf(data, "roleLabelChange")) ??
    {};
  const payload: JsonObject = Object.create(null);
  Object.assign(payload, data, inner, { EventType: type });
  const eventTime = fieldOf(entry, "event_time");
  if (eventTime !== undefined) payload.timeStamp = eventTime;
  return payload;
}
