import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { connectAppInput, replaceSecretInput, replaceTicketInput } from "@/lib/dingtalk-apps/schema";

/** Rules that apply to the current product. */
const DUE = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  30, 31, 32, 33, 34,
];
const TEST = /\.(test|spec)\.tsx?$/;

const files = globSync("{app,e2e,lib,server,scripts,prisma,simulator}/**/*.{ts,tsx}").filter(
  (file) => !file.startsWith("prisma/generated/"),
);
const ours = files
  .filter(
    (file) =>
      /^(app|lib|server|scripts)\//.test(file) && !TEST.test(file) && !file.startsWith("lib/testing/"),
  )
  .map((file) => ({ file, text: withoutComments(readFileSync(file, "utf8")) }));

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** Returns the product files that contain a pattern. */
const where = (what: RegExp) => ours.filter(({ text }) => what.test(text)).map(({ file }) => file);

test("every security rule has a test with its number", () => {
  const titles = files
    .filter((file) => TEST.test(file))
    .flatMap((file) => readFileSync(file, "utf8").match(/"(?:S\d+ )+/g) ?? []);
  const named = new Set(titles.flatMap((title) => title.match(/S\d+/g) ?? []));
  expect(DUE.map((rule) => `S${rule}`).filter((rule) => !named.has(rule))).toEqual([]);
});

describe("code of the product", () => {
  test("S3 only the front server reads forwarding headers", () => {
    expect(ours.length).toBeGreaterThan(200);
    const named = where(/x-forwarded|["'`]forwarded|x-real-ip|cf-connecting-ip|true-client-ip/i);
    // The demo's proxy only writes one.
    expect(named).toEqual(["scripts/demo/proxy.ts", "server/front/trusted-proxies.ts"]);
  });

  test("S9 only connection tests count against their limit, so that it never delays a renewal", () => {
    expect(where(/from "[^"]*\/connection-tests"/)).toEqual(["lib/dingtalk-apps/test-within-limits.ts"]);
    expect(where(/tooManyTests\(/).sort()).toEqual([
      "lib/dingtalk-apps/test-within-limits.ts",
      "lib/limits/connection-tests.ts",
    ]);
  });

  test("S26 no code makes a regular expression from text", () => {
    expect(where(/\bRegExp\(/)).toEqual([]);
    // Regular expressions of PostgreSQL.
    expect(where(/\bSIMILAR TO\b|regexp_\w+\(/)).toEqual([]);
  });
});

test("S9 no form of an app has a field for a host", () => {
  const ofAll = ["agentId", "corpId", "isDraft", "kind", "name"];
  expect(connectAppInput.options.map(({ shape }) => Object.keys(shape).sort())).toEqual([
    [...ofAll, "appKey", "appSecret"].sort(),
    [...ofAll, "appKey", "appSecret"].sort(),
    [...ofAll, "suiteKey", "suiteSecret", "suiteTicket"].sort(),
  ]);
  expect(Object.keys(replaceTicketInput.shape)).toEqual(["suiteTicket"]);
  expect(Object.keys(replaceSecretInput.shape)).toEqual(["appSecret"]);
});
