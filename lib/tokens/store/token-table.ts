import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { notify } from "@/lib/db/notifications";
import type { Work } from "@/lib/db/run-sql";

/** Where something is stored that is kept alive for an app: its token, or its ticket. */
export type LeaseTable = {
  readonly name: "app_token" | "jsapi_ticket";
  /** Of the sealed string. */
  readonly column: "sealed_token" | "sealed_ticket";
  /** The kind of notice that it, or what is known about it, changed. */
  readonly notice: string;
  /** The longest that one string is taken to live after it was first had; `null`: as long as DingTalk says. */
  readonly lifeMsMax: number | null;
};

export const TOKEN_TABLE: LeaseTable = {
  name: "app_token",
  column: "sealed_token",
  notice: "token",
  lifeMsMax: null,
};

/** Tells all processes, when the unit of work commits, that what they hold is stale. */
export const announce = (table: LeaseTable, work: Work, { organizationId, appId }: AppRef): Promise<void> =>
  notify(work, { kind: table.notice, organizationId, id: appId });
