import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { writtenFiles } from "./written-text";

const files = writtenFiles().map((file) => ({ file, source: readFileSync(file, "utf8") }));

/** Returns the anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replaceAll(/[`*]/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

const headingsOf = (path: string): Set<string> =>
  new Set(
    [
      ...readFileSync(path, "utf8")
        .replaceAll(/```[\s\S]*?```/g, "")
        .matchAll(/^#+ (.+)$/gm),
    ].map(([, heading = ""]) => anchorOf(heading)),
  );

/** Returns whether a path with an optional anchor leads to a file and to a heading of it. */
function resolves(target: string): boolean {
  const [path = "", anchor] = target.split("#", 2);
  return existsSync(path) && (anchor === undefined || headingsOf(path).has(anchor));
}

test("every docs/ page and heading that code cites exists", () => {
  const cited = files.flatMap(({ file, source }) =>
    [...source.matchAll(/\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([target]) => ({ file, target })),
  );
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter(({ target }) => !resolves(target))).toEqual([]);
});

test("every relative link of a document leads to a file and a heading", () => {
  const broken = files
    .filter(({ file }) => file.endsWith(".md"))
    .flatMap(({ file, source }) =>
      [...source.replaceAll(/```[\s\S]*?```/g, "").matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].flatMap(
        ([, link = ""]) => {
          const target = link.startsWith("#") ? file + link : join(dirname(file), link);
          return resolves(target) ? [] : [`${file}: ${link}`];
        },
      ),
    );
  expect(broken).toEqual([]);
});

test("every security rule that code cites is one of docs/security-rules.md", () => {
  const rules = new Set(
    [...readFileSync("docs/security-rules.md", "utf8").matchAll(/^### (S\d+):/gm)].map(([, rule]) => rule),
  );
  expect(rules.size).toBe(34);
  const unknown = files
    .filter(({ file }) => /\.(?:tsx?|mjs|prisma|sql|md)$/.test(file))
    .flatMap(({ file, source }) =>
      [...source.matchAll(/\bS[1-9]\d?\b(?!-)/g)].map(([rule]) => ({ file, rule })),
    )
    .filter(({ rule }) => !rules.has(rule));
  expect(unknown).toEqual([]);
});

test("no file cites a reference outside the repository", () => {
  const outside = files.flatMap(({ file, source }) =>
    [...source.matchAll(/reference\/[\w-]+\.md|\(reference \d|\breference \d+\.\d/g)].map(
      ([found]) => `${file}: ${found}`,
    ),
  );
  expect(outside.filter((found) => !found.startsWith("scripts/ci/language/"))).toEqual([]);
});

test("every file and identifier that ARCHITECTURE.md names exists", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8").replaceAll(/```[\s\S]*?```/g, "");
  const named = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = ""]) => name);
  const paths = ["/docs/measured/citus.md", ...files.map(({ file }) => `/${file}`)];
  const missing = (name: string): boolean => {
    if (/[*]|^\.data\//.test(name)) return false;
    if (/\.(?:ts|mjs|md|prisma|json)$/.test(name)) return !paths.some((path) => path.endsWith(`/${name}`));
    if (name.endsWith("/")) return !paths.some((path) => path.includes(`/${name}`));
    if (!/^[a-z]+[A-Z]\w*$|^[A-Z]+_[A-Z_]+$/.test(name)) return false;
    return !files.some(({ file, source }) => /\.(?:tsx?|mjs|sql)$/.test(file) && source.includes(name));
  };
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter(missing)).toEqual([]);
});
