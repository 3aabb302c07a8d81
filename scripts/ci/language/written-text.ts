import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A piece of text that people read, with the place where it stands. */
export type WrittenText = {
  readonly kind: "comment" | "title" | "message" | "document";
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** A whole comment, title or paragraph on one line. */
  readonly text: string;
};

const GENERATED = /^(?:docs\/measured\/|package-lock\.json|packages\/client\/src\/api\.ts)/;
const CODE = /\.(?:tsx?|mjs|css|prisma|sql)$/;
const TEST = /\.(?:test|spec)\.tsx?$/;

/** Returns the paths of all files in the repository whose text people write. */
export function writtenFiles(): string[] {
  const listed = execFileSync("git", ["ls-files"], { encoding: "utf8" }).split("\n");
  return listed.filter(
    (path) => /\.(?:tsx?|mjs|css|prisma|sql|md|json|example)$/.test(path) && !GENERATED.test(path),
  );
}

const lineOf = (source: string, index: number): number => source.slice(0, index).split("\n").length;

/** Matches strings too, so that comment marks inside them are skipped. */
const CODE_TOKENS =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|(?<![:/])\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/g;
const SQL_COMMENT = /^--[^\n]*(?:\n--[^\n]*)*/gm;

const withoutMarks = (comment: string): string =>
  comment
    .replaceAll(/^\s*(?:\/\*\*?|\*\/|\*|\/\/+|--)|\*\/\s*$/gm, "")
    .replaceAll(/\s+/g, " ")
    .trim();

function* commentsOf(file: string, source: string): Generator<WrittenText> {
  const pattern = file.endsWith(".sql") ? SQL_COMMENT : CODE_TOKENS;
  for (const { 0: found, index } of source.matchAll(pattern)) {
    const isComment = file.endsWith(".sql") || found.startsWith("//") || found.startsWith("/*");
    if (!isComment || /@ts-|biome-ignore|<reference/.test(found)) continue;
    yield { kind: "comment", file, line: lineOf(source, index), text: withoutMarks(found) };
  }
}

/** The first argument of `test(…)`, and of what `test.each([…])` returns. */
const TITLE =
  /(?:\b(?:describe|test|it)(?:\.\w+(?:\([^)]*\))?)*|\](?: as const)?,?\s*\))\(\s*(["'`])((?:(?!\1)[^\\]|\\.)*)\1/g;

function* titlesOf(file: string, source: string): Generator<WrittenText> {
  for (const { 2: text = "", index } of source.matchAll(TITLE))
    yield { kind: "title", file, line: lineOf(source, index), text };
}

function* messagesOf(file: string, source: string): Generator<WrittenText> {
  for (const { 1: text = "", index } of source.matchAll(/": "((?:[^"\\]|\\.)*)"/g))
    yield { kind: "message", file, line: lineOf(source, index), text };
}

/** Blocks of code and inline code are left out. */
function* paragraphsOf(file: string, source: string): Generator<WrittenText> {
  const prose = source.replaceAll(/```[\s\S]*?```/g, (block) => block.replaceAll(/[^\n]/g, ""));
  for (const [index, text] of prose
    .replaceAll(/`[^`\n]*`/g, "CODE")
    .split("\n")
    .entries())
    if (text.trim() !== "") yield { kind: "document", file, line: index + 1, text: text.trim() };
}

/** Returns the code of a file without the contents of its strings, which hold test data and the words of others. */
export function codeWithoutStrings(file: string, source = readFileSync(file, "utf8")): string {
  if (!CODE.test(file)) return "";
  return source.replaceAll(CODE_TOKENS, (token) =>
    token.startsWith("/") ? "" : token.replaceAll(/[^\n]/g, " "),
  );
}

/** Yields every comment, test title, English message and paragraph of the repository. */
export function* writtenTexts(files = writtenFiles()): Generator<WrittenText> {
  for (const file of files) {
    const source = readFileSync(file, "utf8");
    if (CODE.test(file)) yield* commentsOf(file, source);
    if (TEST.test(file)) yield* titlesOf(file, source);
    if (file === "messages/en.json") yield* messagesOf(file, source);
    if (file.endsWith(".md")) yield* paragraphsOf(file, source);
  }
}
