import "server-only";
import { randomBytes } from "node:crypto";
import type { AppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { type JsapiHash, jsapiUrlOf, signJsapi } from "@/lib/dingtalk/jsapi";
import { AppError, notFound } from "@/lib/errors";
import { appRefOf, takeLease } from "@/lib/tokens/lease/read-lease";
import { ourTicketKeeper, type TicketKeeper } from "./ticket-service";

/** What DingTalk's `dd.config` wants of a page's server. */
export type JsapiConfig = {
  readonly corpId: string;
  readonly agentId: string;
  /** Milliseconds since the epoch. */
  readonly timeStamp: number;
  readonly nonceStr: string;
  readonly signature: string;
};

/** The app lacks what every page's configuration needs; `detail` names it. */
const fieldMissing = (field: "corpId" | "agentId"): AppError =>
  new AppError("conflict", `the app has no ${field}`, { detail: field });

export type PageToSign = {
  /** What the page's `location.href` says. */
  readonly url: string;
  readonly hash: JsapiHash;
};

type SignOptions = { readonly keeper?: TicketKeeper; readonly signal?: AbortSignal | undefined };

/**
 * Signs a page of the organization's, so that DingTalk's client lets it use the JSAPI.
 *
 * @throws {AppError} `conflict` for an app without CorpId or AgentId, which `detail` names
 * @throws {AppError} with `detail`: `invalid_input` for an address that isn't https; `forbidden` for one whose origin
 *   is not on the app's list; `not_found`, for another organization's app too; `conflict` while the app is disabled
 * @throws {DingtalkError} when there is no ticket to be had, and why
 */
export async function signForJsapi(
  { organizationId }: Actor<"jsapi.sign">,
  appId: string,
  { url, hash }: PageToSign,
  { keeper = ourTicketKeeper(), signal }: SignOptions = {},
): Promise<JsapiConfig> {
  const app = appRefOf(organizationId, appId);
  const page = parsePage(url);
  const { corpId, agentId, jsapiOrigins } = await readPageApp(app);
  if (!corpId) throw fieldMissing("corpId");
  if (!agentId) throw fieldMissing("agentId");
  if (jsapiOrigins.length > 0 && !jsapiOrigins.includes(page.origin)) {
    throw new AppError("forbidden", "the page's origin is not on the app's list", { detail: "jsapiOrigins" });
  }
  const { accessToken: ticket } = await takeLease(keeper, app, signal);
  const signed = {
    timeStamp: Math.floor(keeper.now()),
    nonceStr: randomBytes(12).toString("hex"),
    url: jsapiUrlOf(page),
  };
  const { timeStamp, nonceStr } = signed;
  return { corpId, agentId, timeStamp, nonceStr, signature: signJsapi(ticket, signed, hash) };
}

function parsePage(url: string): URL {
  const page = URL.parse(url);
  if (page?.protocol !== "https:")
    throw new AppError("invalid_input", "a page to sign needs an https address", { detail: "url" });
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
