import "server-only";
import { cookies, headers } from "next/headers";
import { cache } from "react";
import { AppError } from "@/lib/errors";
import { parsePublicId } from "@/lib/public-id";
import { addressIn } from "@/lib/request/context";
import { type Actor, type Caller, grant } from "./actor";
import { knownBrowserCookie, sessionCookie } from "./cookies";
import { isKnownBrowser, rememberBrowser } from "./known-browser";
import { rememberMember, rememberPerson } from "./known-members";
import type { Permission } from "./permissions";
import { decodeSessionToken } from "./session-token";
import { findSession, type Origin, requireCaller, type SignedIn } from "./sessions";

/** Where the present request came from. */
export async function requestOrigin(): Promise<Origin> {
  const list = await headers();
  return { address: addressIn(list), userAgent: list.get("user-agent") ?? "" };
}

/** What a wrong password of the present request is counted under, but for the e-mail. */
export async function requestAttempt(email: string) {
  const known = (await cookies()).get(knownBrowserCookie().name)?.value;
  const { address } = await requestOrigin();
  return { address, isKnownBrowser: isKnownBrowser(known, email) };
}

const KNOWN_SECONDS = 180 * 24 * 60 * 60;

/** Notes in this browser that it has signed in to that account. Only where cookies may be set: in a route or action. */
export async function rememberThisBrowser(email: string): Promise<void> {
  const list = await cookies();
  const { name, options } = knownBrowserCookie();
  list.set(name, rememberBrowser(list.get(name)?.value, email), { ...options, maxAge: KNOWN_SECONDS });
}

const sessionCookieValue = async (): Promise<string> =>
  (await cookies()).get(sessionCookie().name)?.value ?? "";

const sessionId = cache(async (): Promise<string | null> => decodeSessionToken(await sessionCookieValue()));

/** The person of the present request, if they are signed in. Read once a request. */
export const findSignedIn = cache(async (): Promise<SignedIn | null> => {
  const id = await sessionId();
  const signedIn = id === null ? null : await findSession(id);
  if (signedIn) rememberPerson(await sessionCookieValue());
  return signedIn;
});

/** @throws {AppError} `unauthenticated` */
export async function requireSignedIn(): Promise<SignedIn> {
  const signedIn = await findSignedIn();
  if (!signedIn) throw new AppError("unauthenticated", "nobody is signed in");
  return signedIn;
}

const callerOf = cache(async (organization: string): Promise<Caller & SignedIn> => {
  const id = await sessionId();
  if (id === null) throw new AppError("unauthenticated", "nobody is signed in");
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
 * Who is calling, in the organization that the address names, with what they must be allowed to do.
 * Every page, action and route begins with it; a layout's check protects neither its pages nor actions.
 *
 * @param organization the public id in the address, as it came
 * @throws {AppError} `unauthenticated`; `not_found` for an organization that isn't theirs or isn't there;
 *   `forbidden` when their role is too low
 */
export async function requireActor<P extends Permission>(
  organization: string,
  permission: P,
): Promise<Actor<P>> {
  return grant(await callerOf(organization), permission);
}

/** The signed-in person behind an actor of the present request, for what asks for the password again. */
export const requireSignedInCaller = (organization: string): Promise<Caller & SignedIn> =>
  callerOf(organization);
