import type { Quota } from "@/lib/calls/quota/quota";
import type { App } from "@/lib/dingtalk-apps/queries";
import type { DirectorySummary } from "@/lib/directory/runs/queries";
import type { TokenFacts } from "@/lib/tokens/queries";

/** What a page has to know of an app to show its health. */
export type AppViewData = {
  readonly organization: string;
  readonly app: App;
  readonly summary: Omit<DirectorySummary, "removed">;
  readonly token: TokenFacts;
  /** `null` when the app is just gone. */
  readonly quota: Quota | null;
  readonly mayChange: boolean;
  readonly maySync: boolean;
};

/** Whether a sync of it may be asked for; the others say in words why not. */
export const canSync = (state: App["state"]): state is "verified" | "degraded" =>
  state === "verified" || state === "degraded";
