import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startEmbeddedPostgres } from "../embedded-postgres";
import {
  commitText,
  durationText,
  machineText,
  readReport,
  replaceSections,
  sectionText,
} from "../measuring/report";
import { type Judged, judgeTopic, shareOf, toSection } from "./judge";
import type { Topic } from "./mutant";
import { runTests } from "./run-tests";
import { copyTree } from "./tree-copy";

const ROOT = ".build/mutants";

type Command = {
  /** Of the npm script. */
  readonly name: string;
  readonly topics: readonly Topic[];
  /** The report; each topic has a section of it. */
  readonly report: string;
  /** The text above the first section. */
  readonly preface: string;
  /** When a smaller share is noticed, the command fails. */
  readonly shareMin: number;
};

/**
 * Says which test fails without any mutant, or is not there: what it would notice means nothing.
 *
 * @returns `null` when all pass
 */
async function failureBefore(topics: readonly Topic[], signal: AbortSignal): Promise<string | null> {
  const files = new Set(topics.flatMap(({ mutants }) => mutants.flatMap(({ tests }) => tests)));
  console.log(`Running ${files.size} test files without a mutant …`);
  const missing = [...files].filter((file) => !existsSync(file));
  if (missing.length > 0) return `${missing.join(", ")}: there is no such file`;
  const run = await runTests(ROOT, [...files], signal);
  return run.outcome === "passed" ? null : `${run.by}\n${run.output}`;
}

async function run(
  { name, topics, report, preface, shareMin }: Command,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const chosen = topics.filter((topic) => wanted.length === 0 || wanted.includes(topic.name));
  const startedAt = performance.now();
  // Before the report is written, which would make it another tree.
  const commit = commitText();
  const tree = copyTree(ROOT);
  const failure = await failureBefore(chosen, signal);
  if (failure !== null) {
    console.error(`A test fails without any mutant, so nothing was tried:\n${failure}`);
    return 1;
  }
  const all: Judged[] = [];
  for (const topic of chosen) {
    console.log(`\n── ${topic.name}`);
    const judged = await judgeTopic(topic, tree, signal);
    const command = `npm run ${name} ${topic.name}`;
    const section = sectionText(toSection(judged), {
      at: new Date(),
      command,
      commit,
      machine: machineText(),
    });
    mkdirSync(dirname(report), { recursive: true });
    writeFileSync(report, replaceSections(readReport(report, preface), new Map([[topic.name, section]])));
    all.push(...judged);
  }
  const share = shareOf(all);
  for (const { mutant, verdict } of all.filter(({ verdict }) => verdict !== "noticed"))
    console.log(`\n${verdict.toUpperCase()} ${mutant.file}\n  ${mutant.text}\n  ${mutant.harm}`);
  console.log(`\n${share.noticed} of ${share.applicable} mutants noticed (${share.percentText}).`);
  console.log(`Written to ${report}. ${durationText(performance.now() - startedAt)}.`);
  return share.noticed >= share.applicable * shareMin ? 0 : 1;
}

/** Vitest leaves its database running when it is ended by a signal. */
async function stopDatabase(): Promise<void> {
  const folder = join(ROOT, ".data", "test");
  if (!existsSync(folder)) return;
  const postgres = await startEmbeddedPostgres(folder);
  await postgres.stop();
}

/**
 * Breaks one line after another in a copy of the tree, runs the tests that should notice it, and reports those that no
 * test noticed. The working tree is never changed, also when a signal ends the run.
 *
 * @param wanted names of topics; none means all
 * @returns the exit code: 1 when too few were noticed
 */
export async function runMutants(command: Command, wanted: readonly string[]): Promise<number> {
  const names = command.topics.map(({ name }) => name);
  const unknown = wanted.filter((word) => !names.includes(word));
  if (unknown.length > 0) {
    console.error(`There is no topic ${unknown.join(", ")}. Topics: ${names.join(", ")}.`);
    return 1;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  return run(command, wanted, stop.signal).catch(async (error: unknown) => {
    if (!stop.signal.aborted) throw error;
    await stopDatabase();
    console.error("Stopped. The working tree was not changed.");
    return 1;
  });
}
