/** The simulated app that the end-to-end tests connect. Its secret is a mark: after the suite it is looked for everywhere. */
export const E2E_APP = {
  appKey: "ding0e2e0app0key",
  appSecret: "e2e-app-secret-which-is-marked-a1b2",
} as const;

/** Everything that the server, its worker, the simulator and PostgreSQL write while the suite runs (S21). */
export const E2E_OUTPUT_FILE = ".build/e2e-output.log";

/** Where the suite finds what was started for it: an `E2eRun`, as JSON. */
export const E2E_RUN_FILE = ".build/e2e-run.json";

/** What the end-to-end server tells the tests. */
export type E2eRun = {
  readonly simulatorUrl: string;
  /** The product's database, as its superuser. */
  readonly adminUrl: string;
  /** Signs the cookies of sessions that tests plant. */
  readonly sessionSecret: string;
  /** PostgreSQL's own log: it quotes what it refuses. */
  readonly postgresLog: string;
};
