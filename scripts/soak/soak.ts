import { runParts } from "../bench/measuring/run-parts";
import { soakKills } from "./kills";
import { soakRenewals } from "./renewals";
import { soakSyncKills } from "./sync-kills";
import { soakTokenKills } from "./token-kills";

const PREFACE = `# Endurance, as measured

Made by \`npm run soak\`; each section says when and where it was measured.`;

/** `npm run soak [PART…]` */
const soak = {
  name: "soak",
  parts: [
    { name: "kills", run: soakKills },
    { name: "sync-kills", run: soakSyncKills },
    { name: "renewals", run: soakRenewals },
    { name: "token-kills", run: soakTokenKills },
  ],
  report: "docs/measured/soak.md",
  preface: PREFACE,
};

process.exit(await runParts(soak, process.argv.slice(2)));
