import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { env } from "@/lib/env";
import { ERROR_STATUS } from "@/lib/errors";
import { type Outage, outagePage, RETRY_SECONDS } from "@/lib/http/outage-page";
import { contentSecurityPolicy, FOREIGN_POLICY, fixedHeaders } from "@/lib/http/security-headers";
import { chooseLocale } from "@/lib/i18n/locales";
import { clientErrorFor } from "@/lib/problems/dingtalk-client-error";
import { isGatewayAddress } from "@/lib/request/machine-paths";
import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";
import { isMachine, pathOf, wantsPage } from "./request-kind";

const NONCE_BYTES = 16;
const PROBLEMS = { en: en.api.problem, "zh-CN": zh.api.problem };

export type Refusal = {
  readonly code: "rate_limited" | "unavailable";
  readonly retryAfterSeconds: number;
  /** Selects the text of the page for browsers. */
  readonly outage: Outage;
};

/** Refuses a request in the format of its client: a page, JSON, a problem document, or DingTalk's error format. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const { code, retryAfterSeconds, outage } = refusal;
  const status = ERROR_STATUS[code];
  const isPage = wantsPage(request);
  const nonce = isPage ? randomBytes(NONCE_BYTES).toString("base64") : "";
  const end = (type: string, body: string) => {
    response.writeHead(status, {
      ...fixedHeaders(env().NEXTAUTH_URL.startsWith("https:")),
      "content-security-policy": isPage ? contentSecurityPolicy(nonce, false) : FOREIGN_POLICY,
      "content-type": type,
      "cache-control": "no-store",
      "retry-after": String(isPage ? RETRY_SECONDS : retryAfterSeconds),
    });
    response.end(body);
  };
  if (isPage) return end("text/html; charset=utf-8", outagePage(nonce, outage));
  if (!isMachine(request)) return end("application/json", JSON.stringify({ code }));
  const title = PROBLEMS[chooseLocale(undefined, request.headers["accept-language"] ?? null)][code];
  const problem = { type: `urn:dingkeep:problem:${code}`, title, status, code };
  if (!isGatewayAddress(pathOf(request))) return end("application/problem+json", JSON.stringify(problem));
  const forClients = { ...problem, errmsg: title, message: title, ...clientErrorFor(code) };
  end("application/json; charset=utf-8", JSON.stringify(forClients));
}
