import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { commitText, machineText, replaceSections, sectionText } from "../bench/measuring/report";

const REPORT = "docs/measured/mutants-pure.md";

const PREFACE = `# Mutants of pure modules

Made by \`npm run mutants:pure\`, which runs [Stryker](https://stryker-mutator.io) with \`stryker.config.mjs\` on modules that
decide something without a database. A mutant is killed when a unit test fails or does not end, and ignored when a comment
beside the line says why no test can tell it from the original.`;

type Mutant = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

const percentText = (part: number, of: number): string => `${((part / Math.max(1, of)) * 100).toFixed(1)} %`;

function rowOf(name: string, mutants: readonly Mutant[]): string[] {
  const count = (...statuses: Mutant["status"][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count("Killed", "Timeout");
  const survived = count("Survived", "NoCoverage");
  return [name, ...[killed, survived, count("Ignored")].map(String), percentText(killed, killed + survived)];
}

function reportOf(mutants: readonly Mutant[], commit: string): string {
  const byFile = Map.groupBy(mutants, ({ fileName }) => relative(".", fileName));
  const section = sectionText(
    {
      about: "",
      head: ["module", "killed", "survived", "ignored", "share killed"],
      rows: [...[...byFile].map(([file, own]) => rowOf(`\`${file}\``, own)), rowOf("all", mutants)],
    },
    { at: new Date(), command: "npm run mutants:pure", commit, machine: machineText() },
  );
  return replaceSections(PREFACE, new Map([["by module", section]]));
}

/**
 * `npm run mutants:pure [FILE…]`: without files, all modules of `stryker.config.mjs`, with the report. Stryker sets the exit
 * code when fewer are killed than its threshold.
 */
async function main(files: readonly string[]): Promise<void> {
  const commit = commitText();
  const mutants = await new Stryker(files.length > 0 ? { mutate: [...files] } : {}).runMutationTest();
  const report = reportOf(mutants, commit);
  console.log(report);
  if (files.length === 0) writeFileSync(REPORT, report);
}

await main(process.argv.slice(2));
