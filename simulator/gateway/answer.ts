import { randomBytes, randomUUID } from "node:crypto";
import { toExactJson } from "../exact-json";

/** An answer of a host. `outcome` is logged with the call. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly outcome: string;
};

/**
 * Makes an answer of the oapi host, which always has HTTP 200.
 *
 * @see docs/dingtalk/errors.md#error-forms
 */
export function oapiAnswer(fields: Record<string, unknown>): Answer {
  const { errcode, sub_code: subCode } = fields;
  return {
    status: 200,
    headers: { "content-type": "application/json;charset=UTF-8", server: "DingTalk/1.0.0" },
    body: toExactJson(fields),
    outcome: errcode === 0 ? "ok" : String(subCode ?? errcode),
  };
}

/**
 * Makes an answer of the api host, with an HTTP status and the request id in a header.
 *
 * @see docs/dingtalk/errors.md#error-forms
 */
export function apiAnswer(
  status: number,
  fields: Record<string, unknown>,
  requestId = makeApiRequestId(),
): Answer {
  return {
    status,
    headers: {
      "content-type": "application/json;charset=utf-8",
      server: "DingTalk/1.0.0",
      "x-acs-request-id": requestId,
      "x-acs-trace-id": requestId.replaceAll("-", "").toLowerCase(),
    },
    body: toExactJson(fields),
    outcome: status < 400 ? "ok" : typeof fields.code === "string" ? fields.code : String(status),
  };
}

export const makeApiRequestId = (): string => randomUUID().toUpperCase();

/** Makes a `request_id` of topapi: 12 characters of base 36. */
export const makeTopapiRequestId = (): string =>
  BigInt(`0x${randomBytes(8).toString("hex")}`)
    .toString(36)
    .padStart(12, "0")
    .slice(-12);
