import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
import {
  commitText,
  durationText,
  machineText,
  readReport,
  replaceSections,
  sectionText,
} from "../bench/measuring/report";
import { type Judged, judgeTopic, shareOf, toSection } from "./judge";
import { MUTANTS } from "./list";
import type { Topic } from "./mutant";
import { runTests } from "./run-tests";
import { copyTree } from "./tree-copy";

const ROOT = ".build/mutants";

const REPORT = "docs/measured/mutants.md";

const PREFACE = `# Mutants

Made by \`npm run mutants\`. Each row breaks one line of the product and runs the tests that should notice it. A mutant is
noticed when a test fails, and survives when all of them pass: then a test is missing.`;

/** The command fails below this share. */
const SHARE_MIN = 0.95;

/**
 * Runs the test files of all topics once without a mutant: a test that fails then proves nothing later.
 *
 * @returns the failure, or `null` when all tests pass
 */
async function failureBefore(topics: readonly Topic[], signal: AbortSignal): Promise<string | null> {
  const files = new Set(topics.flatMap(({ mutants }) => mutants.flatMap(({ tests }) => tests)));
  console.log(`Running ${files.size} test files without a mutant …`);
  const missing = [...files].filter((file) => !existsSync(file));
  if (missing.length > 0) return `Test files that do not exist: ${missing.join(", ")}`;
  const run = await runTests(ROOT, [...files], signal);
  if (run.outcome === "passed") return null;
  return `${run.by}\n${run.output}`;
}

function writeSection(name: string, judged: readonly Judged[], commit: string): void {
  const made = { at: new Date(), command: `npm run mutants ${name}`, commit, machine: machineText() };
  const section = sectionText(toSection(judged), made);
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, replaceSections(readReport(REPORT, PREFACE), new Map([[name, section]])));
}

/**
 * Breaks one line after another in a copy of the tree, runs the tests that should notice it, and reports those that no
 * test noticed. The working tree is never changed, also when a signal ends the run.
 *
 * @returns the exit code: 1 when too few were noticed, or an entry could not be tried
 */
async function run(topics: readonly Topic[], signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  // Taken before the report is written, which changes the tree.
  const commit = commitText();
  const tree = copyTree(ROOT);
  const failure = await failureBefore(topics, signal);
  if (failure !== null) {
    console.error(`A test fails without any mutant, so nothing was tried:\n${failure}`);
    return 1;
  }
  const all: Judged[] = [];
  for (const topic of topics) {
    console.log(`\n── ${topic.name}`);
    const judged = await judgeTopic(topic, tree, signal);
    writeSection(topic.name, judged, commit);
    all.push(...judged);
  }
  for (const { mutant, verdict } of all.filter(({ verdict }) => verdict !== "noticed"))
    console.log(`\n${verdict.toUpperCase()} ${mutant.file}\n  ${mutant.text}\n  ${mutant.harm}`);
  const { share, text } = shareOf(all);
  console.log(`\n${text} Written to ${REPORT}. ${durationText(performance.now() - startedAt)}.`);
  return share >= SHARE_MIN && all.every(({ verdict }) => verdict !== "not tried") ? 0 : 1;
}

/** Vitest leaves its database running when a signal ends it. */
async function stopDatabase(): Promise<void> {
  const folder = join(ROOT, ".data", "test");
  if (!existsSync(folder)) return;
  const postgres = await startEmbeddedPostgres(folder);
  await postgres.stop();
}

/** `npm run mutants [TOPIC…]`: without a topic, all of them. */
async function main(wanted: readonly string[]): Promise<number> {
  const names = MUTANTS.map(({ name }) => name);
  const unknown = wanted.filter((word) => !names.includes(word));
  if (unknown.length > 0) {
    console.error(`There is no topic ${unknown.join(", ")}. Topics: ${names.join(", ")}.`);
    return 1;
  }
  const chosen = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  return run(chosen, stop.signal).catch(async (error: unknown) => {
    if (!stop.signal.aborted) throw error;
    await stopDatabase();
    console.error("Stopped. The working tree was not changed.");
    return 1;
  });
}

process.exit(await main(process.argv.slice(2)));
