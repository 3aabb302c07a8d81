import { notFound } from "./errors";
import { isUuid } from "./public-id";

/** An app of an organization. Tokens, locks and jobs belong to this pair, never to an AppKey (S17). */
export type AppRef = { readonly organizationId: string; readonly appId: string };

/** A sync run of an app. */
export type RunRef = AppRef & { readonly runId: string };

/** Returns the app's key in maps and in job queues. */
export const keyOf = ({ organizationId, appId }: AppRef): string => `${organizationId}/${appId}`;

/**
 * Returns a reference to an app whose id came from outside.
 *
 * @throws {AppError} `not_found` for a malformed id, as for an unknown app
 */
export function parseAppRef(organizationId: string, appId: string): AppRef {
  if (!isUuid(appId)) throw notFound("app");
  return { organizationId, appId };
}
