/** One app of one organization: a token belongs to both, never to an AppKey (S17). */
export type AppRef = { readonly organizationId: string; readonly appId: string };

/** Names the app in maps and as a job's key. */
export const keyOf = ({ organizationId, appId }: AppRef): string => `${organizationId}/${appId}`;

/** One sync run of an app. */
export type RunRef = AppRef & { readonly runId: string };
