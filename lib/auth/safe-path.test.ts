import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safePath } from "./safe-path";

const OWN = "https://dingkeep.example";

describe("S5 safePath", () => {
  test.each([
    ["the start page", "/", "/"],
    ["a page with a query and a fragment", "/o/abc/settings?tab=1#danger", "/o/abc/settings?tab=1#danger"],
    ["a page whose query names another site", "/o/abc?next=//evil.example", "/o/abc?next=//evil.example"],
    ["a path with non-ASCII letters, encoded", "/o/组", "/o/%E7%BB%84"],
  ])("returns the path of %s", (_, next, path) => {
    expect(safePath(next)).toBe(path);
  });

  test.each([
    ["two slashes", "//evil.example"],
    ["three slashes", "///evil.example"],
    ["a backslash for the second slash", "/\\evil.example"],
    ["two backslashes", "\\\\evil.example"],
    ["a later backslash", "/o\\..\\..\\evil.example"],
    ["a tab between the slashes", "/\t/evil.example"],
    ["a line end between the slashes", "/\n/evil.example"],
    ["a carriage return between the slashes", "/\r/evil.example"],
    ["a null between the slashes", "/\u0000/evil.example"],
    ["a space before the slashes", " //evil.example"],
    ["a tab before the slashes", "\t//evil.example"],
    ["a no-break space", "/\u00a0/evil.example"],
    ["a line separator", "/\u2028/evil.example"],
    ["a direction mark", "/\u202e/evil.example"],
    ["a dot segment before the slashes", "/.//evil.example"],
    ["a parent segment before the slashes", "/o/..//evil.example"],
    ["an escaped dot segment", "/%2e//evil.example"],
    ["an escaped parent segment", "/o/%2e%2e//evil.example"],
    ["another site's address", "https://evil.example/"],
    ["another site's address without slashes", "https:evil.example"],
    ["another scheme with slashes mixed", "http:/\\evil.example"],
    ["a script", "javascript:alert(1)"],
    ["a data address", "data:text/html,<script>alert(1)</script>"],
    ["a relative path", "o/abc"],
    ["a host after an at sign", "@evil.example"],
    ["a port", ":80/"],
    ["nothing", ""],
    ["no text", undefined],
    ["several values of a repeated parameter", ["/o/abc", "//evil.example"]],
    ["an object", { toString: (): string => "/o/abc" }],
  ])("returns the start page for %s", (_, next) => {
    expect(safePath(next)).toBe("/");
  });

  test("always returns a path of the same origin that parsing does not change", () => {
    const piece = fc.constantFrom(
      ..."/ \\ . .. %2e %2f %5c %09 @ : ? # ; a ％ ／ 。 http: evil.example".split(" "),
      ...Array.from("\t\n\r\u0000\u001f\u007f\u0085\u00a0\u00ad\u200b\u202e\u2028\u2066\ufeff "),
    );
    const nasty = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    const rooted = nasty.map((text) => `/${text}`);
    fc.assert(
      fc.property(fc.oneof(nasty, rooted, fc.string({ unit: "binary" }), fc.webUrl()), (next) => {
        const path = safePath(next);
        expect(path).toMatch(/^\/(?![/\\])/);
        expect(new URL(path, OWN).origin).toBe(OWN);
        expect(new URL(path, OWN).href).toBe(OWN + path);
        expect(safePath(path)).toBe(path);
      }),
      { numRuns: 400 },
    );
  });
});
