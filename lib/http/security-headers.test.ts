import { describe, expect, test } from "vitest";
import { contentSecurityPolicy, fixedHeaders } from "./security-headers";

describe("S34 contentSecurityPolicy", () => {
  test("returns exactly the listed content security policy", () => {
    expect(contentSecurityPolicy("N0nce", false)).toBe(
      "default-src 'none'; script-src 'self' 'nonce-N0nce' 'strict-dynamic'; style-src 'self' 'nonce-N0nce'; " +
        "style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
  });

  test("the policy allows eval only for Next's development build", () => {
    expect(contentSecurityPolicy("N0nce", false)).not.toContain("unsafe-eval");
    const scripts = (policy: string) => policy.split("; ").filter((part) => part.startsWith("script-src"));
    const [development, production] = [true, false].map((is) => contentSecurityPolicy("N0nce", is));
    expect(scripts(development ?? "")).toEqual([
      "script-src 'self' 'nonce-N0nce' 'strict-dynamic' 'unsafe-eval'",
    ]);
    expect(development?.replace(" 'unsafe-eval'", "")).toBe(production);
  });
});

describe("fixedHeaders", () => {
  test("the headers prevent type sniffing, framing and referrers to other sites", () => {
    expect(fixedHeaders(true)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
  });

  test("S2 the headers require HTTPS for a year if Dingkeep's address uses it", () => {
    expect(fixedHeaders(true)["strict-transport-security"]).toMatch(/^max-age=31536000/);
    expect(fixedHeaders(false)).not.toHaveProperty("strict-transport-security");
  });

  test("S4 the headers prevent other sites from reading an answer", () => {
    const names = Object.keys({ ...fixedHeaders(true), ...fixedHeaders(false) });
    expect(names.filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});
