// ARCHITECTURE.md explains these rules. `scripts/ci/test-steps.ts` also fails if implausibly few modules are found.
import { readdirSync } from "node:fs";

const feature =
  "^lib/(?!auth/|actions/|http/|db/|crypto/|dingtalk/|jobs/|i18n/|pagination/|testing/|limits/|request/|problems/|worker/)[^/]+/";
const kernel = "^lib/[^/]+\\.ts$";
const ourModules = "^(app|lib|server|scripts|simulator|messages|prisma|e2e|packages)/";
const test = "\\.test\\.tsx?$";

/**
 * The folders of `lib`, lowest first. A folder imports only folders of earlier lines. Folders of one line may form a cycle,
 * but not a cycle of two.
 */
const layers = [
  ["crypto"],
  ["dingtalk"],
  ["db"],
  ["i18n"],
  ["pagination"],
  ["request"],
  ["limits"],
  ["secrets"],
  ["auth"],
  ["jobs"],
  ["webhook-log"],
  ["problems"],
  ["notices"],
  ["app-health"],
  ["api-keys"],
  ["tokens", "upstream", "health", "metrics", "calls", "gateway"],
  ["idempotency"],
  ["jsapi"],
  ["directory"],
  ["webhooks"],
  ["scim"],
  ["organizations"],
  ["dingtalk-apps"],
  ["events"],
  ["doctor"],
  ["key-rotation"],
  ["api"],
  ["http"],
  ["actions"],
  ["worker"],
];

/** The folders of `lib/directory`, lowest first. */
const directoryLayers = [
  ["personal"],
  ["settings"],
  ["reader"],
  ["mapping"],
  ["search"],
  ["changes"],
  ["members"],
  ["apply"],
  ["retention"],
  ["removed"],
  ["runs"],
  ["sync"],
  ["reread"],
  ["tree"],
  ["charts"],
  ["history"],
  ["export"],
];

/** Returns one rule for each folder of `layers`, and requires that every folder is listed. */
function layerRules(parent, layers) {
  const unlisted = readdirSync(new URL(parent, import.meta.url), { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && !["testing", "test-support", ...layers.flat()].includes(entry.name),
    )
    .map(({ name }) => `${parent}/${name}`);
  if (unlisted.length > 0) throw new Error(`${unlisted} must be listed in .dependency-cruiser.mjs`);
  return layers.flatMap((layer, index) => {
    const higher = layers.slice(index + 1).flat();
    return layer
      .filter(() => higher.length > 0)
      .map((folder) => ({
        name: `${parent.replaceAll("/", "-")}-${folder}-imports-lower-folders`,
        severity: "error",
        from: { path: `^${parent}/${folder}/`, pathNot: [test, "/test-support/"] },
        to: { path: `^${parent}/(${higher.join("|")})/` },
      }));
  });
}

/** The stages of a sync, in order. */
const stages = [
  { name: "read", path: "^lib/directory/sync/read/" },
  { name: "verify", path: "^lib/directory/sync/verify-run\\.ts$" },
  { name: "plan", path: "^lib/directory/sync/plan/" },
  { name: "guard", path: "^lib/directory/sync/removal-guard\\.ts$" },
  { name: "apply", path: "^lib/directory/sync/apply-run\\.ts$" },
];

/** Forbids modules under `from` to import our modules other than `allowed`. */
const only = (name, from, allowed) => ({
  name,
  severity: "error",
  from: { path: from, pathNot: [test, "^lib/testing/"] },
  to: { path: ourModules, pathNot: allowed },
});

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, dependencyTypesNot: ["type-only"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "app-imports-features",
      severity: "error",
      from: { path: "^app/", pathNot: test },
      to: { path: ["^lib/(db|crypto|dingtalk|testing)/", "^prisma/", "node_modules/(pg|@prisma)/"] },
    },
    only("db-imports-kernel", "^lib/db/", [kernel, "^lib/(db|crypto)/", "^prisma/generated/"]),
    only("crypto-imports-kernel", "^lib/crypto/", [kernel, "^lib/crypto/"]),
    only("dingtalk-imports-kernel", "^lib/dingtalk/", [kernel, "^lib/dingtalk/"]),
    {
      name: "protocol-imports-no-environment",
      severity: "error",
      from: { path: "^lib/(dingtalk|crypto)/", pathNot: test },
      to: { path: ["^lib/(env|log)\\.ts$", "node_modules/(next|pg|@prisma)/"] },
    },
    ...layerRules("lib", layers),
    ...layerRules("lib/directory", directoryLayers),
    only("jobs-import-no-feature", "^lib/jobs/", [
      kernel,
      "^lib/(db|jobs)/",
      "^lib/dingtalk/errors\\.ts$",
      "^prisma/generated/",
    ]),
    {
      name: "token-store-imports-no-renewal",
      severity: "error",
      from: { path: "^lib/tokens/(store|history)/", pathNot: test },
      to: { path: "^lib/tokens/(renewal|lease|[^/]+\\.ts)" },
    },
    {
      name: "token-renewal-imports-no-lease",
      severity: "error",
      from: { path: "^lib/tokens/renewal/", pathNot: test },
      to: { path: "^lib/tokens/(lease/|[^/]+\\.ts)" },
    },
    only("kernel-imports-kernel", kernel, [kernel, "^messages/"]),
    only("edges-import-no-database", "^lib/(actions|http)/", [
      kernel,
      "^messages/",
      "^lib/(auth|actions|http|i18n|request|problems|api-keys|idempotency)/",
      "^lib/api/(contract|call)\\.ts$",
      "^lib/metrics/count\\.ts$",
      "^lib/limits/numbers\\.ts$",
    ]),
    {
      name: "features-import-no-framework",
      severity: "error",
      from: { path: [feature, "^lib/(db|jobs|limits)/"], pathNot: [test, "/test-support/"] },
      to: { path: ["node_modules/next/", "^app/", "^lib/(actions|http)/", "^lib/jobs/worker\\.ts$"] },
    },
    {
      name: "runs-import-no-stage",
      comment: "Records, queue and decisions of runs are a layer below the stages of a sync.",
      severity: "error",
      from: { path: "^lib/directory/runs/", pathNot: test },
      to: { path: "^lib/directory/sync/" },
    },
    {
      name: "apply-imports-no-run",
      comment: "Syncs, decisions and restores apply change sets in the same way.",
      severity: "error",
      from: { path: "^lib/directory/apply/", pathNot: [test, "/test-support/"] },
      to: { path: "^lib/directory/(runs|sync|removed)/" },
    },
    ...stages.map((stage, index) => ({
      name: `sync-${stage.name}-precedes-later-stages`,
      comment: "A stage imports only earlier stages; run-sync.ts connects them.",
      severity: "error",
      from: { path: stage.path, pathNot: [test, "/test-support/"] },
      to: {
        path: [...stages.slice(index + 1).map(({ path }) => path), "^lib/directory/sync/run-sync\\.ts$"],
      },
    })),
    {
      name: "product-imports-no-process",
      comment: "Pages and features run in the server's process and do not depend on how it starts.",
      severity: "error",
      from: { path: "^(app|lib)/", pathNot: [test, "^lib/testing/", "/test-support/"] },
      to: { path: "^(server|scripts)/" },
    },
    {
      name: "server-imports-no-command",
      severity: "error",
      from: { path: "^server/", pathNot: [test, "/test-support/"] },
      to: { path: "^scripts/" },
    },
    {
      name: "components-import-no-page",
      comment: "Shared components must not depend on one page.",
      severity: "error",
      from: { path: "^app/_components/", pathNot: test },
      to: { path: "^app/(?!_components/)" },
    },
    {
      name: "directory-panes-are-independent",
      comment: "`directory-view.tsx` connects the panes. Only a search builds a tree of its hits.",
      severity: "error",
      from: { path: "/directory/(tree|detail|charts|time-travel)/", pathNot: test },
      to: { path: "^app/.*/directory/(tree|detail|search|charts|time-travel)/", pathNot: "/directory/$1/" },
    },
    {
      name: "app-is-not-imported",
      severity: "error",
      from: { pathNot: "^(app|e2e)/" },
      to: { path: "^app/" },
    },
    {
      name: "simulator-imports-itself",
      severity: "error",
      from: { path: "^simulator/" },
      to: { path: "^(app|lib|server|scripts|prisma)/" },
    },
    {
      name: "product-imports-no-simulator",
      severity: "error",
      from: { path: "^(app|lib|server|scripts)/", pathNot: [test, "^lib/testing/", "/test-support/"] },
      to: { path: "^simulator/" },
    },
    {
      name: "database-setup-imports-little",
      comment:
        "`npm run test:changed` selects every database test after a change of a file that their setup loads.",
      severity: "error",
      from: { path: "^lib/testing/database\\.ts$" },
      to: { path: "^lib/(dingtalk|directory|gateway|jobs|jsapi|limits/egress|upstream)/", reachable: true },
    },
    {
      name: "testing-in-tests-only",
      severity: "error",
      from: {
        path: ourModules,
        pathNot: [
          test,
          "^lib/testing/",
          "^e2e/",
          "^scripts/ci/e2e-server\\.ts$",
          "^scripts/(bench|soak)/",
          "/test-support/",
        ],
      },
      to: { path: "^lib/testing/" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
    doNotFollow: { path: ["node_modules", "prisma/generated"] },
    exclude: { path: ["^\\.next/", "^\\.build/"] },
  },
};
