import { parseArgs } from "node:util";
import { apply } from "./apply";
import { fairness } from "./fairness";
import { fleet } from "./fleet";
import { gateway } from "./gateway";
import { keys } from "./keys";
import { leases } from "./leases";
import { limiter } from "./limiter";
import { load } from "./load";
import { runParts } from "./measuring/run-parts";
import { pages } from "./pages";
import { render } from "./render";
import { routes } from "./routes";
import { search } from "./search";
import { sync } from "./sync";
import { tokens } from "./tokens";
import { tree } from "./tree";
import { writes } from "./writes";

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
