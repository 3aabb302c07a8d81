import { MUTANTS } from "./mutants/list";
import { runMutants } from "./mutants/run-mutants";

const PREFACE = `# Mutants

Made by \`npm run mutants\`. Each row breaks one line of the product and runs the tests that should notice it. A mutant is
noticed when a test fails, and survives when all of them pass: then a test is missing.`;

/** `npm run mutants [TOPIC…]` */
const mutants = {
  name: "mutants",
  topics: MUTANTS,
  report: "docs/measured/mutants.md",
  preface: PREFACE,
  shareMin: 0.95,
};

process.exit(await runMutants(mutants, process.argv.slice(2)));
