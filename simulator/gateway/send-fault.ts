import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { type Answer, apiAnswer, makeApiRequestId, makeTopapiRequestId, oapiAnswer } from "./answer";
import type { Faults } from "./find-fault";

type ReplacingFault = NonNullable<Faults["instead"]>;
type SendContext = { readonly response: ServerResponse; readonly path: string };

const JSON_TYPE = { "content-type": "application/json" };
const HTML_TYPE = { "content-type": "text/html; charset=utf-8" };
const MEBIBYTE = 1_024 * 1_024;

/** Sends a fault in place of the answer. Resolves when it is sent, or the client has disconnected. */
export async function sendFault(fault: ReplacingFault, context: SendContext): Promise<void> {
  const { response } = context;
  switch (fault.kind) {
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return untilClosed(response);
    case "truncated":
      return truncate(response);
    case "endless":
      return writeEndlessly(response);
    case "gzip_bomb":
      return writeGzipBomb(response, fault.mebibytes);
    default:
      sendAnswer(response, answerOf(fault, context.path));
  }
}

/** Sends a complete answer. */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, "content-length": String(Buffer.byteLength(body)) });
  response.end(body);
}

type AnsweredFault = Exclude<
  ReplacingFault,
  { kind: "reset" | "hang" | "truncated" | "endless" | "gzip_bomb" }
>;

function answerOf(fault: AnsweredFault, path: string): Answer {
  const requestId = path.startsWith("topapi/") ? { request_id: makeTopapiRequestId() } : {};
  const plain = { headers: JSON_TYPE, outcome: fault.kind };
  switch (fault.kind) {
    case "status": {
      const requestid = makeApiRequestId();
      return apiAnswer(fault.status, { code: fault.code, requestid, message: fault.message }, requestid);
    }
    case "errcode":
      return oapiAnswer({
        errcode: fault.errcode,
        sub_code: fault.subCode,
        sub_msg: fault.subCode === undefined ? undefined : (fault.subMsg ?? fault.errmsg),
        errmsg: fault.errmsg,
        ...requestId,
      });
    case "empty":
      return oapiAnswer({ errcode: 0, errmsg: "ok", ...EMPTY_ANSWERS[path], ...requestId });
    case "body":
      return {
        ...plain,
        status: fault.status,
        headers: { "content-type": fault.contentType },
        body: fault.body,
      };
    case "redirect":
      return { ...plain, status: 302, headers: { location: fault.location }, body: "" };
    case "ban_page":
      return { ...plain, status: 200, headers: HTML_TYPE, body: BAN_PAGE };
    case "ban_body":
      return banAnswer();
    case "malformed_json":
      return { ...plain, status: 200, body: '{"errcode":0,"errmsg":"ok","result":[{"dept_id":' };
    case "gateway_timeout":
      return { ...plain, status: 504, headers: HTML_TYPE, body: GATEWAY_PAGE };
    case "deep_json":
      return { ...plain, status: 200, body: `${"[".repeat(fault.depth)}${"]".repeat(fault.depth)}` };
  }
}

/** Empty answers of the endpoints that a sync calls. */
const EMPTY_ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "auth/scopes": {
    auth_user_field: [],
    condition_field: [],
    auth_org_scopes: { authed_user: [], authed_dept: [] },
  },
  "topapi/v2/department/listsub": { result: [] },
  "topapi/v2/department/listsubid": { result: { dept_id_list: [] } },
  "topapi/v2/user/list": { result: { has_more: false, list: [] } },
  "topapi/user/listid": { result: { userid_list: [] } },
  "topapi/user/count": { result: { count: 0 } },
  "department/list": { department: [] },
};

const GATEWAY_PAGE =
  "<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>";
const BAN_PAGE =
  "<!DOCTYPE html><html><head><title>访问受限</title></head><body>您的访问过于频繁，请稍后再试</body></html>";

/**
 * Makes the answer to a banned address, which has no errcode.
 *
 * @see docs/dingtalk/limits.md#ip-bans
 */
export function banAnswer(): Answer {
  const body = JSON.stringify({ status: 1111, wait: 5, source: "x5", punish: "deny", uuid: randomUUID() });
  return { status: 200, headers: JSON_TYPE, body, outcome: "1111" };
}

/** Declares a longer body than it sends. */
async function truncate(response: ServerResponse): Promise<void> {
  response.writeHead(200, { ...JSON_TYPE, "content-length": "100000" });
  response.write('{"errcode":0,"errmsg":"ok","result":[', () => response.socket?.destroy());
  await untilClosed(response);
}

async function writeEndlessly(response: ServerResponse): Promise<void> {
  response.writeHead(200, JSON_TYPE);
  response.write('{"errcode":0,"errmsg":"ok","result":[0');
  const chunk = ",0".repeat(8_192);
  while (!response.destroyed) await writeChunk(response, chunk);
}

/** Sends a gzip stream of many small members, each of which unpacks to 1 MiB of spaces. */
async function writeGzipBomb(response: ServerResponse, mebibytes: number): Promise<void> {
  response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" });
  const member = gzipSync(Buffer.alloc(MEBIBYTE, " "));
  for (let sent = 0; sent < mebibytes && !response.destroyed; sent += 1) await writeChunk(response, member);
  response.end();
}

/** Writes a chunk, and waits until the client has read it or disconnected. */
async function writeChunk(response: ServerResponse, chunk: string | Buffer): Promise<void> {
  if (response.write(chunk)) {
    // Lets socket events run in between, such as a disconnect.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return;
  }
  await new Promise<void>((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}

function untilClosed(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => response.once("close", resolve));
}
