import { AsyncLocalStorage } from "node:async_hooks";
import { sessionCookie } from "@/lib/auth/cookies";
import { encodeSessionToken } from "@/lib/auth/session-token";
import { ADDRESS_HEADER, PATH_HEADER } from "@/lib/request/internal-headers";
import { makeSession, type TestUser } from "./factories";

// Replaces Next's request in tests, so that code that reads it runs unchanged:
// vi.mock("next/headers", () => import("@/lib/testing/browser"))

type SetCookie = { readonly value: string; readonly options: Readonly<Record<string, unknown>> };

export type TestBrowser = {
  readonly address: string;
  readonly path: string;
  readonly jar: Map<string, SetCookie>;
};

const present = new AsyncLocalStorage<TestBrowser>();

function browser(): TestBrowser {
  const found = present.getStore();
  if (!found) throw new Error("asBrowser must wrap code that reads the request");
  return found;
}

export const makeBrowser = (address = "203.0.113.1", path = "/"): TestBrowser => ({
  address,
  path,
  jar: new Map(),
});

export function setCookie({ jar }: TestBrowser, name: string, value: string): void {
  jar.set(name, { value, options: {} });
}

/** Returns a browser in which the user has just signed in. */
export async function makeSignedInBrowser(user: Pick<TestUser, "userId">) {
  const [session, made] = [await makeSession(user), makeBrowser()];
  setCookie(made, sessionCookie().name, await encodeSessionToken(session.sessionId));
  return { ...made, session };
}

export const asBrowser = <T>(who: TestBrowser, work: () => Promise<T>): Promise<T> => present.run(who, work);

/** Replaces `headers()` of `next/headers`. */
export async function headers(): Promise<Headers> {
  const { address, path } = browser();
  return new Headers({ [ADDRESS_HEADER]: address, [PATH_HEADER]: path, "user-agent": "a browser" });
}

/** Replaces `cookies()` of `next/headers`. */
export async function cookies() {
  const { jar } = browser();
  return {
    get: (name: string) => jar.get(name),
    set: (name: string, value: string, options: SetCookie["options"]) => jar.set(name, { value, options }),
  };
}
