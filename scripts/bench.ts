import { apply } from "./bench/apply";
import { fairness } from "./bench/fairness";
import { gateway } from "./bench/gateway";
import { keys } from "./bench/keys";
import { leases } from "./bench/leases";
import { limiter } from "./bench/limiter";
import { load } from "./bench/load";
import { pages } from "./bench/pages";
import { routes } from "./bench/routes";
import { search } from "./bench/search";
import { sync } from "./bench/sync";
import { tokens } from "./bench/tokens";
import { tree } from "./bench/tree";
import { writes } from "./bench/writes";
import { runParts } from "./measuring/run-parts";

const PREFACE = `# Speed and size, as measured

Made by \`npm run bench\`; each section says when and where it was measured. Times are there to be compared with the
others of their table: what counts is the ratio.`;

/** `npm run bench [PART…]` */
const bench = {
  name: "bench",
  // Keys last: afterwards the database needs another one.
  parts: [
    fairness,
    limiter,
    tokens,
    leases,
    tree,
    search,
    writes,
    sync,
    apply,
    routes,
    gateway,
    load,
    pages,
    keys,
  ],
  report: "docs/measured/bench.md",
  preface: PREFACE,
};

process.exit(await runParts(bench, process.argv.slice(2)));
