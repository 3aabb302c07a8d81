import "server-only";
import { randomBytes } from "node:crypto";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { type JsapiHash, jsapiUrlOf, signJsapi } from "@/lib/dingtalk/jsapi-signature";
import { AppError, notFound } from "@/lib/errors";
import { takeLease } from "@/lib/tokens/lease/read-lease";
import { ourTicketService, type TicketService } from "./ticket-service";

export type JsapiConfig = {
  readonly corpId: string;
  readonly agentId: string;
  readonly timeStamp: number;
  readonly nonceStr: string;
  readonly signature: string;
};

const fieldMissing = (field: "corpId" | "agentId"): AppError =>
  new AppError("conflict", `the app has no ${field}`, { detail: field });

export type PageToSign = {
  readonly url: string;
  readonly hash: JsapiHash;
};

type SignOptions = { readonly service?: TicketService; readonly signal?: AbortSignal | undefined };

/**
 * Signs a page, so that the DingTalk client lets it use the JSAPI.
 * @throws {AppError} with `detail`: `conflict` without CorpId or AgentId; `invalid_input` for a URL that isn't https;
 *   `forbidden` for an origin that is not listed; `not_found`; `conflict` for a disabled app
 * @throws {DingtalkError} if there is no ticket, with the reason
 * @see docs/dingtalk/jsapi-tickets.md#signature
 */
export async function signForJsapi(
  { organizationId }: Actor<"jsapi.sign">,
  appId: string,
  { url, hash }: PageToSign,
  { service = ourTicketService(), signal }: SignOptions = {},
): Promise<JsapiConfig> {
  const app = parseAppRef(organizationId, appId);
  const page = parsePage(url);
  const { corpId, agentId, jsapiOrigins } = await readPageApp(app);
  if (!corpId) throw fieldMissing("corpId");
  if (!agentId) throw fieldMissing("agentId");
  if (jsapiOrigins.length > 0 && !jsapiOrigins.includes(page.origin)) {
    throw new AppError("forbidden", "the page's origin is not on the app's list", { detail: "jsapiOrigins" });
  }
  const { accessToken: ticket } = await takeLease(service, app, signal);
  const signed = {
    timeStamp: Math.floor(service.now()),
    nonceStr: randomBytes(12).toString("hex"),
    url: jsapiUrlOf(page),
  };
  const { timeStamp, nonceStr } = signed;
  return { corpId, agentId, timeStamp, nonceStr, signature: signJsapi(ticket, signed, hash) };
}

function parsePage(url: string): URL {
  const page = URL.parse(url);
  if (page?.protocol !== "https:")
    throw new AppError("invalid_input", "the page's URL is not https", { detail: "url" });
  return page;
}

async function readPageApp({ organizationId, appId }: AppRef) {
  const app = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findUnique({
      where: { organizationId_id: { organizationId, id: appId } },
      select: { corpId: true, agentId: true, jsapiOrigins: true },
    }),
  );
  if (!app) throw notFound("app");
  return app;
}
