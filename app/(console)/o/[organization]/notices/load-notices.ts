import "server-only";
import { getTranslations } from "next-intl/server";
import type { Actor } from "@/lib/auth/actor";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { faultWords } from "@/lib/i18n/fault-words";
import { type EgressBan, readEgressBan } from "@/lib/limits/egress/queries";
import { listNotices, type NoticeState, stampNotices } from "@/lib/notices/queries";

/** A notice in the user's language. */
export type ShownNotice = {
  readonly id: string;
  readonly app: string;
  /** The path of the notice's subject, below the organization's address. */
  readonly path: string;
  readonly appName: string;
  readonly state: NoticeState;
  readonly stateLabel: string;
  /** The reason in a few words. */
  readonly reason: string | null;
  /** ISO 8601, like `endedAt`. */
  readonly since: string;
  readonly endedAt: string | null;
  readonly isSeen: boolean;
};

const stampOf = (notices: string, ban: EgressBan | null): string =>
  `${notices} ${ban?.endsAt.toISOString() ?? ""}`;

export async function noticesStamp(actor: Actor<"app.read">): Promise<string> {
  const [notices, ban] = await Promise.all([stampNotices(actor), readEgressBan(actor)]);
  return stampOf(notices, ban);
}

/** Loads the notices that an organization's pages show. */
export async function loadNotices(actor: Actor<"app.read">) {
  // The stamp first, so that the next poll detects a later change.
  const [notices, ban, listed] = await Promise.all([
    stampNotices(actor),
    readEgressBan(actor),
    listNotices(actor),
  ]);
  const states = await getTranslations("state.app");
  const quota = await getTranslations("quota.notice");
  const runs = await getTranslations("state.run");
  const labelOf = (state: NoticeState) => {
    if (state === "held") return runs(state);
    return state === "quota_near" || state === "quota_used_up" ? quota(state) : states(state);
  };
  const fault = await getTranslations("fault");
  const items = listed.map((notice): ShownNotice => {
    const reason = toFault(notice.reason);
    return {
      id: notice.id,
      app: notice.appId,
      path: `apps/${notice.appId}${notice.state === "held" ? `/syncs/${notice.id}` : ""}`,
      appName: notice.appName,
      state: notice.state,
      stateLabel: labelOf(notice.state),
      reason: reason && faultWords(fault, reason).title,
      since: notice.since.toISOString(),
      endedAt: notice.endedAt?.toISOString() ?? null,
      isSeen: notice.isSeen,
    };
  });
  return { stamp: stampOf(notices, ban), items, ban };
}
