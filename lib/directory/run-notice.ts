/** The channel that every process listens on; whoever watches a run asks for it anew when told. */
export const NOTICE_CHANNEL = "dingkeep";

/** Names a run to whoever works on it or tells of it. */
export type RunRef = { readonly organizationId: string; readonly appId: string; readonly runId: string };

/** What is sent when a run has changed: a kind and random ids, for notices lie outside row security (S18). */
export const runNotice = ({ organizationId, appId, runId }: RunRef): string =>
  JSON.stringify({ kind: "run", organizationId, appId, runId });
