import "server-only";
import { getTranslations } from "next-intl/server";
import type { Actor } from "@/lib/auth/actor";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { faultWords } from "@/lib/i18n/fault-words";
import { type EgressBan, readEgressBan } from "@/lib/limits/egress/queries";
import { type ListedNotice, listNotices, type NoticeState, stampNotices } from "@/lib/notices/queries";
import { listEndpoints } from "@/lib/webhooks/endpoints/queries";

/** A notice in the user's language. */
export type ShownNotice = {
  readonly id: string;
  /** The path of the notice's subject, below the organization's address. */
  readonly path: string;
  /** Name of the app, or URL of the webhook. */
  readonly name: string;
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

const pathOf = ({ id, appId, webhookId, state }: ListedNotice): string => {
  if (webhookId !== null) return `webhooks/${webhookId}`;
  return `apps/${appId}${state === "held" ? `/syncs/${id}` : ""}`;
};

/** Returns the URLs of the webhooks, which few organizations need. */
async function urlsOf(
  actor: Actor<"webhook.read">,
  notices: readonly ListedNotice[],
): Promise<ReadonlyMap<string, string>> {
  if (notices.every(({ webhookId }) => webhookId === null)) return new Map();
  return new Map((await listEndpoints(actor)).map(({ id, url }) => [id, url]));
}

/** Loads the notices that an organization's pages show. */
export async function loadNotices(actor: Actor<"app.read">, webhookReader: Actor<"webhook.read">) {
  // The stamp first, so that the next poll detects a later change.
  const [notices, ban, listed] = await Promise.all([
    stampNotices(actor),
    readEgressBan(actor),
    listNotices(actor),
  ]);
  const urls = await urlsOf(webhookReader, listed);
  const states = await getTranslations("state.app");
  const webhooks = await getTranslations("webhooks.notice");
  const quota = await getTranslations("quota.notice");
  const runs = await getTranslations("state.run");
  const labelOf = (state: NoticeState) => {
    if (state === "held") return runs(state);
    if (state === "webhook_gone" || state === "webhook_failing") return webhooks(state);
    return state === "quota_near" || state === "quota_used_up" ? quota(state) : states(state);
  };
  const fault = await getTranslations("fault");
  const items = listed.map((notice): ShownNotice => {
    const reason = toFault(notice.reason);
    return {
      id: notice.id,
      path: pathOf(notice),
      name: notice.appName ?? urls.get(notice.webhookId ?? "") ?? "",
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
