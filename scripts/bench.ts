import { parseArgs } from "node:util";
import { apply } from "./bench/apply";
import { fairness } from "./bench/fairness";
import { fleet } from "./bench/fleet";
import { gateway } from "./bench/gateway";
import { keys } from "./bench/keys";
import { leases } from "./bench/leases";
import { limiter } from "./bench/limiter";
import { load } from "./bench/load";
import { pages } from "./bench/pages";
import { render } from "./bench/render";
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    organizations: { type: "string", default: "10000" },
    minutes: { type: "string", default: "20" },
  },
});
const size = { organizations: Number(values.organizations), minutes: Number(values.minutes) };

/** `npm run bench [PART…]`; a smaller fleet: `npm run bench fleet -- --organizations 500 --minutes 1` */
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
    render,
    keys,
    fleet(size),
  ],
  report: "docs/measured/bench.md",
  preface: PREFACE,
};

process.exit(await runParts(bench, positionals));
