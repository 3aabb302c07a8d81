import { notFound } from "./errors";
import { isUuid } from "./public-id";

/** Tokens, locks and jobs belong to this pair, never to an AppKey (S17). */
export type AppRef = { readonly organizationId: string; readonly appId: string };

export type RunRef = AppRef & { readonly runId: string };

export const keyOf = ({ organizationId, appId }: AppRef): string => `${organizationId}/${appId}`;

/** @throws {AppError} `not_found` for a malformed id, as for an unknown app */
export function parseAppRef(organizationId: string, appId: string): AppRef {
  if (!isUuid(appId)) throw notFound("app");
  return { organizationId, appId };
}
