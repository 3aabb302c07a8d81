import { randomUUID } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { sessionCookie } from "@/lib/auth/cookies";
import { safePath } from "@/lib/auth/safe-path";
import { toPublicId } from "@/lib/public-id";
import { asBrowser, makeBrowser, makeSignedInBrowser, setCookie } from "@/lib/testing/browser";
import { addMember, makeOrganization } from "@/lib/testing/factories";
import { pageActor, pageSignedIn } from "./authorize-page";

vi.mock("next/headers", () => import("@/lib/testing/browser"));

// Set as in next.config.ts, which tests don't read.
process.env.__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS = "true";

const thrown = (work: Promise<unknown>) =>
  work.then(
    () => "nothing",
    (error: unknown) => error,
  );
/** Returns the path to which the sign-in page leads back; returns errors that are no redirect unchanged. */
function backFrom(error: unknown): unknown {
  const [kind, , target = ""] = String((error as { digest?: unknown }).digest).split(";");
  if (kind !== "NEXT_REDIRECT") return error;
  const { pathname, searchParams } = new URL(target, "http://page.invalid");
  return pathname === "/sign-in" ? searchParams.get("next") : target;
}

const IS_NOT_FOUND = { digest: "NEXT_HTTP_ERROR_FALLBACK;404" };

describe("S1 pageActor and pageSignedIn", () => {
  test("redirects to the sign-in page without a session, and from there back", async () => {
    const { publicId } = await makeOrganization();
    const path = `/o/${publicId}?a=1&b=%3Bx`;
    const here = makeBrowser("203.0.113.1", path);
    const ask = () => pageActor(publicId, "organization.read");
    expect(backFrom(await thrown(asBrowser(here, ask)))).toBe(path);
    expect(backFrom(await thrown(asBrowser(here, pageSignedIn)))).toBe(path);

    setCookie(here, sessionCookie().name, "not.a.token");
    expect(backFrom(await thrown(asBrowser(here, pageSignedIn)))).toBe(path);
  });

  test("S5 redirects back only to pages of Dingkeep, from every path", async () => {
    for (const path of ["//evil.example/x", "/o/abc?next=//evil.example", "/\\evil.example"]) {
      const back = backFrom(await thrown(asBrowser(makeBrowser("203.0.113.1", path), pageSignedIn)));
      const led = new URL(safePath(back), "http://dingkeep.example");
      expect(led.origin, path).toBe("http://dingkeep.example");
    }
  });

  test("returns the caller of a page with their role", async () => {
    const { publicId, organizationId, owner } = await makeOrganization();
    const browser = await makeSignedInBrowser(owner);
    const { userId } = owner;
    expect(await asBrowser(browser, () => pageActor(publicId, "organization.delete"))).toEqual({
      organizationId,
      userId,
      role: "owner",
      keyId: null,
    });
    expect(await asBrowser(browser, pageSignedIn)).toMatchObject({ userId });
  });
});

describe("S15 pages of another organization", () => {
  test("shows the same 404 page for another organization as for an unknown one", async () => {
    const [own, other] = [await makeOrganization(), await makeOrganization()];
    const browser = await makeSignedInBrowser(await addMember(own, "viewer"));
    const ask = (address: string) =>
      thrown(asBrowser(browser, () => pageActor(address, "organization.rename")));
    const answers = [];
    for (const address of [other.publicId, toPublicId(randomUUID()), "no-such", "x".repeat(500)])
      answers.push(await ask(address));
    for (const answer of answers) expect(answer).toMatchObject(IS_NOT_FOUND);
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(await ask(own.publicId)).toMatchObject({ digest: "NEXT_HTTP_ERROR_FALLBACK;403" });
  });
});
