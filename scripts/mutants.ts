import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  commitText,
  durationText,
  machineText,
  readReport,
  replaceSections,
  sectionText,
} from "./measuring/report";
import { type Judged, judgeTopic, shareOf, toSection } from "./mutants/judge";
import { MUTANTS } from "./mutants/list";
import type { Topic } from "./mutants/mutant";
import { runTests } from "./mutants/run-tests";
import { copyTree } from "./mutants/tree-copy";

const REPORT = "docs/measured/mutants.md";
const ROOT = ".build/mutants";
/** Fewer noticed mutants than this, and the command fails. */
const SHARE_MIN = 0.95;

const PREFACE = `# Mutants

Made by \`npm run mutants\`. Each row breaks one line of the product and runs the tests that should notice it. A mutant is
noticed when a test fails, and survives when all of them pass: then a test is missing.`;

/**
 * Says which tests fail without any mutant: what they would notice means nothing.
 *
 * @returns `null` when all pass
 */
async function failureBefore(topics: readonly Topic[], signal: AbortSignal): Promise<string | null> {
  const files = new Set(topics.flatMap(({ mutants }) => mutants.flatMap(({ tests }) => tests)));
  console.log(`Running ${files.size} test files without a mutant …`);
  const run = await runTests(ROOT, [...files], signal);
  if (run.outcome === "passed") return null;
  return run.outcome === "failed" ? run.by : run.output;
}

function writeReport(judged: ReadonlyMap<string, readonly Judged[]>, command: string): void {
  const made = { at: new Date(), command, commit: commitText(), machine: machineText() };
  const sections = [...judged].map(([name, each]) => [name, sectionText(toSection(each), made)] as const);
  mkdirSync(dirname(REPORT), { recursive: true });
  writeFileSync(REPORT, replaceSections(readReport(REPORT, PREFACE), new Map(sections)));
}

/** `npm run mutants [TOPIC…]` */
async function main(wanted: readonly string[], signal: AbortSignal): Promise<number> {
  const unknown = wanted.filter((word) => !MUTANTS.some(({ name }) => name === word));
  if (unknown.length > 0) {
    const names = MUTANTS.map(({ name }) => name).join(", ");
    console.error(`There is no topic ${unknown.join(", ")}. Topics: ${names}.`);
    return 1;
  }
  const topics = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const startedAt = performance.now();
  const tree = copyTree(ROOT);
  const failure = await failureBefore(topics, signal);
  if (failure !== null) {
    console.error(`A test fails without any mutant, so nothing was tried:\n${failure}`);
    return 1;
  }
  const judged = new Map<string, readonly Judged[]>();
  for (const topic of topics) {
    console.log(`\n── ${topic.name}`);
    judged.set(topic.name, await judgeTopic(topic, tree, signal));
  }
  writeReport(judged, ["npm run mutants", ...wanted].join(" "));
  const all = [...judged.values()].flat();
  const share = shareOf(all);
  for (const { mutant, verdict } of all.filter(({ verdict }) => verdict !== "noticed"))
    console.log(`\n${verdict.toUpperCase()} ${mutant.file}\n  ${mutant.text}\n  ${mutant.harm}`);
  console.log(`\n${share.noticed} of ${share.applicable} mutants noticed (${share.percentText}).`);
  console.log(`Written to ${REPORT}. ${durationText(performance.now() - startedAt)}.`);
  return share.noticed >= share.applicable * SHARE_MIN ? 0 : 1;
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
process.exit(
  await main(process.argv.slice(2), stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
    console.error("Stopped. The working tree was not touched.");
    return 1;
  }),
);
