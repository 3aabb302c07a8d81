import { randomBytes, randomUUID } from "node:crypto";
import { toExactJson } from "../exact-json";

/** What a host answers. `outcome` goes into the log of calls. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly outcome: string;
};

/** An answer of the oapi host: HTTP 200 whatever happened (reference 9.1). */
export function oapiAnswer(fields: Record<string, unknown>): Answer {
  const { errcode, sub_code: subCode } = fields;
  return {
    status: 200,
    headers: { "content-type": "application/json;charset=UTF-8", server: "DingTalk/1.0.0" },
    body: toExactJson(fields),
    outcome: errcode === 0 ? "ok" : String(subCode ?? errcode),
  };
}

/** An answer of the api host: an HTTP status, and a request's id in headers too (reference 9.1). */
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

/** As topapi's `request_id`: 12 characters of base 36. */
export const makeTopapiRequestId = (): string =>
  BigInt(`0x${randomBytes(8).toString("hex")}`)
    .toString(36)
    .padStart(12, "0")
    .slice(-12);
