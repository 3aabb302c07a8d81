/** The simulated app of the browser tests. No output may contain its secret after the suite. */
export const E2E_APP = {
  appKey: "ding0e2e0app0key",
  appSecret: "e2e-app-secret-which-is-marked-a1b2",
} as const;

/** Output of the server, the worker, the simulator and PostgreSQL during the suite (S21). */
export const E2E_OUTPUT_FILE = ".build/e2e-output.log";

/** File with an `E2eRun` as JSON. */
export const E2E_RUN_FILE = ".build/e2e-run.json";

export type E2eRun = {
  readonly simulatorUrl: string;
  /** Database address as superuser. */
  readonly adminUrl: string;
  /** Signs the cookies of sessions that tests create. */
  readonly sessionSecret: string;
  /** Path of PostgreSQL's log, which quotes rejected values. */
  readonly postgresLog: string;
};
