import { BlockList, isIP } from "node:net";
import type { App } from "../control-input";
import type { Settings } from "../settings";
import { settingsOf } from "../settings";
import { isOfOrganization, type Organization, type World } from "../world";

/** Reason to refuse a call before its endpoint is reached. Each host has its own format. */
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
  /** Empty if there is none. */
  readonly token: string;
  /** Set if a token was sent in a place that the host does not read. */
  readonly tokenElsewhere: "header" | "body" | null;
  readonly callerIp: string;
  /** The throttle's key: the path without variable parts. */
  readonly api: string;
  /** Permissions that the app needs, all of them. */
  readonly permissions: readonly string[];
  /** True if the call is exempt from the monthly quota, as reads of departments and members are. */
  readonly isContact: boolean;
};

/** Checks a call with a token in the order of DingTalk's gateway: identity, state, address, permission, rate. */
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
  // An app that was moved to another organization must not get access to it with an old token.
  if (!held || !app || !isOfOrganization(app, held.corpId)) return { reason: "token_unknown" };
  if (held.expiresAt <= world.clock.now())
    return { reason: "token_expired", settings: settingsOf(world, app) };
  return { app, corpId: held.corpId };
}

/** Returns why an app or its organization is blocked, or null. */
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
  // DingTalk counts calls of a third-party app per customer.
  const appKey = isSuite ? `${app.appKey} ${corpId}` : app.appKey;
  if (!throttle.admitsApp({ appKey, api, perSecond, now: clock.now() })) {
    return { reason: "throttled", perSecond: perSecond ?? 0, isSuite };
  }
  const isExempt = isContact && limits.monthlyCallsExempt === "contact";
  return isExempt || throttle.admitsMonth(corpId, limits) ? null : { reason: "month" };
}

/**
 * Returns whether an address is in an app's allow list of addresses, `1.2.3.*` patterns and CIDR blocks. Invalid
 * entries allow nothing.
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
