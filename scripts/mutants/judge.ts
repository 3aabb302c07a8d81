import { transform } from "esbuild";
import type { Section } from "../measuring/report";
import { type Mutant, type Mutated, mutate, type Topic } from "./mutant";
import { runTests } from "./run-tests";
import type { TreeCopy } from "./tree-copy";

/** `not applicable`: the text is not there exactly once, or the mutated file can't be compiled. */
export type Verdict = "noticed" | "survived" | "not applicable";

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
  if (mutated === null) return { mutant, verdict: "not applicable", by: "the text is not there once" };
  if (!(await compiles(mutated))) return { mutant, verdict: "not applicable", by: "does not compile" };
  const run = await tree.withText(mutated, () => runTests(tree.root, mutant.tests, signal));
  if (run.outcome === "passed") return { mutant, verdict: "survived", by: "" };
  return { mutant, verdict: "noticed", by: run.by };
}

/** Tries a topic's mutants one after another. */
export async function judgeTopic({ mutants }: Topic, tree: TreeCopy, signal: AbortSignal): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const mutant of mutants) {
    const each = await judge(mutant, tree, signal);
    console.log(`${each.verdict.padEnd(14)} ${mutant.file}: ${mutant.harm}${each.by && `\n  ${each.by}`}`);
    judged.push(each);
  }
  return judged;
}

/** What can't be applied counts neither way. */
export function shareOf(judged: readonly Judged[]) {
  const noticed = judged.filter(({ verdict }) => verdict === "noticed").length;
  const applicable = judged.filter(({ verdict }) => verdict !== "not applicable").length;
  return { noticed, applicable, percentText: `${((noticed / Math.max(1, applicable)) * 100).toFixed(1)} %` };
}

const inCell = (text: string): string => text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");

/** A topic's section of the report. */
export function toSection(judged: readonly Judged[]): Omit<Section, "title"> {
  const { noticed, applicable, percentText } = shareOf(judged);
  return {
    about: `${noticed} of ${applicable} noticed (${percentText}).`,
    head: ["file", "what goes wrong", "outcome", "first test that fails"],
    rows: judged.map(({ mutant, verdict, by }) => [
      `\`${mutant.file}\``,
      inCell(mutant.harm),
      verdict === "noticed" ? verdict : `**${verdict}**`,
      inCell(by),
    ]),
  };
}
