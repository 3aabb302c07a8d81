import { generateMutants } from "./mutants/generate";
import { runMutants } from "./mutants/run-mutants";

const PREFACE = `# Mutants of pure modules

Made by \`npm run mutants:pure\`. Each comparison, condition, arithmetic operator and boolean of these modules is replaced
by another one, and the module's unit tests have to notice it.`;

/** Modules that decide something without a database, with the unit tests that should notice any change of them. */
const MODULES: Readonly<Record<string, { readonly file: string; readonly tests: readonly string[] }>> = {
  guard: { file: "lib/directory/sync/guard.ts", tests: ["lib/directory/sync/guard.test.ts"] },
  plan: { file: "lib/directory/sync/plan.ts", tests: ["lib/directory/sync/plan.test.ts"] },
  "renewal-policy": {
    file: "lib/tokens/renewal-policy.ts",
    tests: ["lib/tokens/renewal-policy.test.ts", "lib/tokens/decide.test.ts"],
  },
  decide: { file: "lib/tokens/decide.ts", tests: ["lib/tokens/decide.test.ts"] },
  "failure-class": {
    file: "lib/tokens/failure-class.ts",
    tests: ["lib/tokens/failure-class.test.ts", "lib/tokens/breaker.test.ts"],
  },
  "classify-error": {
    file: "lib/dingtalk/classify-error.ts",
    tests: ["lib/dingtalk/classify-error.test.ts", "lib/dingtalk/interpret-answer.test.ts"],
  },
  breaker: { file: "lib/tokens/breaker.ts", tests: ["lib/tokens/breaker.test.ts"] },
  "retry-policy": { file: "lib/dingtalk/retry-policy.ts", tests: ["lib/dingtalk/retry-policy.test.ts"] },
  target: { file: "lib/gateway/target.ts", tests: ["lib/gateway/target.test.ts"] },
  "reading-paths": { file: "lib/gateway/reading-paths.ts", tests: ["lib/gateway/reading-paths.test.ts"] },
};

/** `npm run mutants:pure [MODULE…]` */
const pure = {
  name: "mutants:pure",
  topics: Object.entries(MODULES).map(([name, { file, tests }]) => ({
    name,
    mutants: generateMutants(file, tests),
  })),
  report: "docs/measured/mutants-pure.md",
  preface: PREFACE,
  shareMin: 0.9,
};

process.exit(await runMutants(pure, process.argv.slice(2)));
