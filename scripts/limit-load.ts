import type { IncomingMessage, ServerResponse } from "node:http";
import { addressKey } from "@/lib/address-key";
import { sessionCookie } from "@/lib/auth/cookies";
import { isKnownMember, personOf } from "@/lib/auth/known-members";
import { env } from "@/lib/env";
import { ADDRESS_HEADER } from "@/lib/http/headers";
import { type Claimant, LoadGate } from "@/lib/http/load-gate";
import { isMachinePath } from "@/lib/http/origin";

/** A browser asks for a page and its parts side by side; what is beyond that waits a moment. */
const PERSON = { running: 4, waiting: 28 };
const ORGANIZATION = { running: 8, waiting: 100 };
/** An office behind one address, or everybody behind a proxy that `TRUSTED_PROXIES` doesn't name. */
const ADDRESS = { running: 16, waiting: 200 };
const ALL = { running: 64, waiting: 500 };
const WAIT_MS = 5_000;
/** What takes longer mostly waits, for DingTalk or for a slow client, and loads nothing. */
const HELD_MS_MAX = 5_000;

/** Files that Next serves by itself, and probes. The machines' routes have limits of their own, by key. */
const UNLIMITED = /^\/(?:_next\/|icon\.svg$|healthz$|readyz$|metrics$)/;
const ORGANIZATION_PATH = /^\/o\/([^/?]+)/;

/** Makes the gate of one server. */
export const makeLoadGate = (): LoadGate => new LoadGate({ all: ALL, waitMs: WAIT_MS });

/** Returns the name of the session that a request shows, valid or not; `null` for none. */
export function personIn(request: IncomingMessage): string | null {
  const cookie = cookieOf(request);
  return cookie === null ? null : personOf(cookie);
}

function cookieOf({ headers: { cookie = "" } }: IncomingMessage): string | null {
  const { name } = sessionCookie();
  const pair = cookie.split(/;\s*/).find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? null : pair.slice(name.length + 1);
}

/** Whom a request counts for: its address, its session, and the organization once the session is known to belong to it. */
function claimantsOf(request: IncomingMessage): Claimant[] {
  const address = addressKey(String(request.headers[ADDRESS_HEADER]));
  const claimants = [{ key: `address/${address}`, share: ADDRESS }];
  const person = personIn(request);
  if (person === null) return claimants;
  claimants.push({ key: `person/${person}`, share: PERSON });
  const [, organization] = ORGANIZATION_PATH.exec(request.url ?? "") ?? [];
  if (organization !== undefined && isKnownMember(person, organization))
    claimants.push({ key: `organization/${organization}`, share: ORGANIZATION });
  return claimants;
}

/** Whether a request counts against the limits: a page, a page's own read, an action or a sign-in. */
export function isLimited({ url = "" }: IncomingMessage): boolean {
  const [path = ""] = url.split("?", 1);
  return !UNLIMITED.test(path) && !isMachinePath(path, env().NEXTAUTH_URL);
}

/**
 * Waits until a request may be worked on, and gives its place back when it was answered. Open event streams don't count:
 * they do little, and a person may have three.
 *
 * @throws {AppError} `rate_limited`, `unavailable`
 */
export async function enterGate(
  gate: LoadGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = () => {
    const controller = new AbortController();
    response.once("close", () => controller.abort());
    return controller.signal;
  };
  const leave = await gate.enter(claimantsOf(request), gone);
  const held = setTimeout(leave, HELD_MS_MAX);
  const end = () => {
    clearTimeout(held);
    leave();
  };
  response.once("close", end);
  if (response.closed) end();
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  response.writeHead = (...head: unknown[]) => {
    const written = writeHead(...head);
    if (String(response.getHeader("content-type")).startsWith("text/event-stream")) end();
    return written;
  };
}
