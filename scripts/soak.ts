import { runParts } from "./measuring/run-parts";
import { soakKills } from "./soak/kills";
import { soakRenewals } from "./soak/renewals";
import { soakSyncKills } from "./soak/sync-kills";
import { soakTokenKills } from "./soak/token-kills";

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
