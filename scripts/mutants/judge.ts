import { transform } from "esbuild";
import type { Section } from "../bench/measuring/report";
import { type Mutant, type Mutated, mutate, type Topic } from "./mutant";
import { runTests } from "./run-tests";
import type { TreeCopy } from "./tree-copy";

/**
 * `not tried`: the text does not occur exactly once, the mutated file does not compile, or the test run did not start or
 * reached its time limit. Such an entry proves nothing until somebody corrects it, so it counts as not noticed.
 */
export type Verdict = "noticed" | "survived" | "not tried";

/** `by`: the test that failed first, or why there was none. */
export type Judged = { readonly mutant: Mutant; readonly verdict: Verdict; readonly by: string };

const compiles = ({ file, source }: Mutated): Promise<boolean> =>
  file.endsWith(".sql")
    ? Promise.resolve(true)
    : transform(source, { loader: file.endsWith("x") ? "tsx" : "ts" }).then(
        () => true,
        () => false,
      );

async function judge(mutant: Mutant, tree: TreeCopy, signal: AbortSignal): Promise<Judged> {
  const mutated = mutate(tree.root, mutant);
  if (mutated === null) return { mutant, verdict: "not tried", by: "The text does not occur exactly once." };
  if (!(await compiles(mutated))) return { mutant, verdict: "not tried", by: "The mutant does not compile." };
  const run = await tree.withText(mutated, () => runTests(tree.root, mutant.tests, signal));
  if (run.outcome === "passed") return { mutant, verdict: "survived", by: "" };
  if (run.outcome === "not run") return { mutant, verdict: "not tried", by: run.by };
  return { mutant, verdict: "noticed", by: run.by };
}

/** Tries the mutants of a topic in sequence. */
export async function judgeTopic({ mutants }: Topic, tree: TreeCopy, signal: AbortSignal): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const mutant of mutants) {
    const each = await judge(mutant, tree, signal);
    console.log(`${each.verdict.padEnd(9)} ${mutant.file}: ${mutant.harm}${each.by && `\n  ${each.by}`}`);
    judged.push(each);
  }
  return judged;
}

export function shareOf(judged: readonly Judged[]) {
  const noticed = judged.filter(({ verdict }) => verdict === "noticed").length;
  const share = noticed / Math.max(1, judged.length);
  return { share, text: `${noticed} of ${judged.length} noticed (${(share * 100).toFixed(1)} %).` };
}

const inCell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");

/** Returns a topic's section of the report. */
export function toSection(judged: readonly Judged[]): Omit<Section, "title"> {
  return {
    about: shareOf(judged).text,
    head: ["file", "what goes wrong", "outcome", "first test that fails"],
    rows: judged.map(({ mutant, verdict, by }) => [
      `\`${mutant.file}\``,
      inCell(mutant.harm),
      verdict === "noticed" ? verdict : `**${verdict}**`,
      inCell(by),
    ]),
  };
}
