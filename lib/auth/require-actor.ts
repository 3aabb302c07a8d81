import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { AppError } from "@/lib/errors";
import { parsePublicId } from "@/lib/public-id";
import { addressIn } from "@/lib/request/context";
import { type Actor, type Caller, grant } from "./actor";
import { knownBrowserCookie, sessionCookie } from "./cookies";
import { isKnownBrowser, KNOWN_BROWSER_SECONDS, rememberBrowser } from "./known-browser";
import { rememberMember, rememberSession } from "./known-sessions";
import type { Permission } from "./permissions";
import { decodeSessionToken } from "./session-token";
import { findSession, type Origin, requireCaller, type SignedIn } from "./sessions";

export async function requestOrigin(): Promise<Origin> {
  const list = await headers();
  return { address: addressIn(list), userAgent: list.get("user-agent") ?? "" };
}

export async function requestAttempt(email: string) {
  const known = (await cookies()).get(knownBrowserCookie().name)?.value;
  const { address } = await requestOrigin();
  return { address, isKnownBrowser: isKnownBrowser(known, email) };
}

/** Sets the cookie of a known browser. Works only in routes and actions, where Next.js can set cookies. */
export async function rememberThisBrowser(email: string): Promise<void> {
  const list = await cookies();
  const { name, options } = knownBrowserCookie();
  list.set(name, rememberBrowser(list.get(name)?.value, email), {
    ...options,
    maxAge: KNOWN_BROWSER_SECONDS,
  });
}

const sessionCookieValue = async (): Promise<string> =>
  (await cookies()).get(sessionCookie().name)?.value ?? "";

const sessionId = cache(async (): Promise<string | null> => decodeSessionToken(await sessionCookieValue()));

export const findSignedIn = cache(async (): Promise<SignedIn | null> => {
  const id = await sessionId();
  const signedIn = id === null ? null : await findSession(id);
  if (signedIn) rememberSession(await sessionCookieValue());
  return signedIn;
});

/** @throws {AppError} `unauthenticated` */
export async function requireSignedIn(): Promise<SignedIn> {
  const signedIn = await findSignedIn();
  if (!signedIn) throw new AppError("unauthenticated", "not signed in");
  return signedIn;
}

const callerOf = cache(async (organization: string): Promise<Caller & SignedIn> => {
  const id = await sessionId();
  if (id === null) throw new AppError("unauthenticated", "not signed in");
  const organizationId = parsePublicId(organization);
  if (organizationId === null) {
    await requireSignedIn();
    throw new AppError("not_found", "no such organization");
  }
  const caller = await requireCaller(id, organizationId);
  rememberMember(await sessionCookieValue(), organization);
  return caller;
});

/**
 * Returns the caller of the current request with a permission in an organization. Every page, action and route starts
 * with it, because a check in a layout protects neither its pages nor their actions.
 *
 * @param organization the unchecked public id in the address
 * @throws {AppError} `unauthenticated`; `not_found` for an organization that doesn't exist or isn't the user's;
 *   `forbidden` when the role is too low
 */
export async function requireActor<P extends Permission>(
  organization: string,
  permission: P,
): Promise<Actor<P>> {
  return grant(await callerOf(organization), permission);
}

export const requireSignedInCaller = (organization: string): Promise<Caller & SignedIn> =>
  callerOf(organization);
