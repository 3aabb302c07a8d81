import { BlockList, isIP } from "node:net";
import type { App, Settings } from "../schemas";
import { isOfOrganization, type Organization, settingsOf, type World } from "../world";

/** Why a call is turned away before its endpoint sees it. Each host has its own words for it. */
export type Denial =
  | { readonly reason: "token_missing"; readonly settings: Settings }
  | { readonly reason: "token_elsewhere"; readonly place: "header" | "body"; readonly settings: Settings }
  | { readonly reason: "token_unknown" }
  | { readonly reason: "token_expired"; readonly settings: Settings }
  | { readonly reason: "app_disabled" | "corp_disabled" | "corp_dissolved" | "corp_unknown" | "unauthorized" }
  | { readonly reason: "ip"; readonly ip: string; readonly appKey: string }
  | { readonly reason: "permission"; readonly permission: string }
  | { readonly reason: "throttled"; readonly perSecond: number; readonly isSuite: boolean }
  | { readonly reason: "month" };

export type Access = { readonly app: App; readonly organization: Organization; readonly settings: Settings };

export type AccessRequest = {
  /** "" when there is none. */
  readonly token: string;
  /** Where else than where the host reads it a token was sent, if it was. */
  readonly tokenElsewhere: "header" | "body" | null;
  readonly callerIp: string;
  /** What the throttle counts by: the path without its variable parts. */
  readonly api: string;
  /** Permissions of which the app needs every one. */
  readonly permissions: readonly string[];
  /** Whether the call is free of the monthly quota, as reading departments and people is. */
  readonly isContact: boolean;
};

/**
 * Decides about a call with a token, in the order of a gateway: who calls, whether they may at all, from
 * where, with which permission, and how often.
 */
export function checkAccess(world: World, request: AccessRequest): Access | Denial {
  const caller = callerOf(world, request);
  if ("reason" in caller) return caller;
  const { app, corpId } = caller;
  const settings = settingsOf(world, app);
  const organization = world.organizations.get(corpId);
  if (!organization) return { reason: "corp_unknown" };
  const standing = standingOf(app, organization);
  if (standing) return standing;
  if (!isIpAllowed(request.callerIp, app.ipAllowList)) {
    return { reason: "ip", ip: request.callerIp, appKey: app.appKey };
  }
  const lacking = request.permissions.find((permission) => !app.permissions.includes(permission));
  if (lacking !== undefined) return { reason: "permission", permission: lacking };
  return overLimit(world, caller, request) ?? { app, organization, settings };
}

/** An app in one of its organizations. */
type Caller = { readonly app: App; readonly corpId: string };

function callerOf(world: World, { token, tokenElsewhere: place }: AccessRequest): Caller | Denial {
  const { settings } = world;
  if (token === "" && place) return { reason: "token_elsewhere", place, settings };
  if (token === "") return { reason: "token_missing", settings };
  const held = world.tokens.find(token);
  const app = held && world.apps.get(held.appKey);
  // An app that was moved to another organization must not open it with the token of the one before.
  if (!held || !app || !isOfOrganization(app, held.corpId)) return { reason: "token_unknown" };
  if (held.expiresAt <= world.clock.now())
    return { reason: "token_expired", settings: settingsOf(world, app) };
  return { app, corpId: held.corpId };
}

/** What an app or its organization is barred by, if anything. */
export function standingOf(app: App, organization: Organization): Denial | null {
  if (organization.status === "dissolved") return { reason: "corp_dissolved" };
  if (organization.status === "disabled") return { reason: "corp_disabled" };
  if (app.disabled) return { reason: "app_disabled" };
  return app.authorized ? null : { reason: "unauthorized" };
}

function overLimit(world: World, { app, corpId }: Caller, { api, isContact }: AccessRequest): Denial | null {
  const { limits, throttle, clock } = world;
  const isSuite = app.kind === "isv";
  const perSecond = app.qps ?? (isSuite ? limits.suiteCorpApiPerSecond : limits.appApiPerSecond);
  // DingTalk counts a third-party app by customer
  const appKey = isSuite ? `${app.appKey} ${corpId}` : app.appKey;
  if (!throttle.admitsApp({ appKey, api, perSecond, now: clock.now() })) {
    return { reason: "throttled", perSecond: perSecond ?? 0, isSuite };
  }
  const isExempt = isContact && limits.monthlyCallsExempt === "contact";
  return isExempt || throttle.admitsMonth(corpId, limits) ? null : { reason: "month" };
}

/**
 * Whether an address is in an app's list of egress addresses: single ones, `1.2.3.*`, and CIDR blocks.
 * An entry that is none of these lets nobody in.
 */
export function isIpAllowed(ip: string, allowList: readonly string[] | null): boolean {
  return allowList === null || allowList.some((entry) => isCovered(ip, entry));
}

function isCovered(ip: string, entry: string): boolean {
  if (entry === ip) return true;
  if (entry.endsWith(".*")) return ip.startsWith(entry.slice(0, -1));
  const [network = "", prefix = ""] = entry.split("/");
  const family = isIP(network) === 6 ? "ipv6" : "ipv4";
  if (isIP(network) === 0 || !/^\d{1,3}$/.test(prefix) || isIP(ip) !== isIP(network)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), family);
  return block.check(ip, family);
}
