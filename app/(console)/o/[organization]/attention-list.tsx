import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { Link } from "@/app/_components/navigation/link";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { heldRunSummary } from "@/app/_components/status/run-facts";
import { reasonTitle } from "@/app/_components/status/run-reason";
import { StateBadge } from "@/app/_components/status/state-badge";
import { isCredentialFault } from "@/lib/app-health/failure-class";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { faultWords } from "@/lib/i18n/fault-words";
import { SyncNowButton } from "./apps/[app]/syncs/sync-now-button";
import type { AppRow } from "./apps/load-apps";
import type { Problem } from "./attention";
import classes from "./overview.module.css";

type Item = { readonly app: AppRow; readonly problem: Problem };
type Props = {
  readonly organization: string;
  readonly items: readonly Item[];
  readonly mayChange: boolean;
  readonly maySync: boolean;
};

/** Returns the reason in a few words. */
async function reasonOf({ app, problem }: Item): Promise<string> {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  const faultText = await getTranslations("fault");
  if (problem === "held" && app.heldRun) return heldRunSummary(app.heldRun, sync);
  if (problem === "failed") return reasonTitle(app.lastRun?.error ?? null, sync, faultText) ?? sync("failed");
  if (problem === "ticket") return (await getTranslations("connect"))("ticketLate");
  const fault = toFault(app.stateReason);
  if (fault) return faultWords(faultText, fault).title;
  return problem === "draft" ? t("draftTitle") : t("unstable");
}

/** The one action: retry at once, or a link to the page that fixes it. */
async function Action({
  item,
  organization,
  mayChange,
  maySync,
}: Omit<Props, "items"> & { readonly item: Item }) {
  const { app, problem } = item;
  const t = await getTranslations("app");
  const connect = await getTranslations("connect");
  const common = await getTranslations("common");
  const base = `/o/${organization}/apps/${app.id}`;
  if (problem === "held" && app.heldRun) {
    return (
      <LinkButton href={`${base}/syncs/${app.heldRun.id}`} variant="default">
        {(await getTranslations("sync"))("decide")}
        <span className="visually-hidden"> {app.name}</span>
      </LinkButton>
    );
  }
  if (problem === "failed" && maySync) {
    return (
      <SyncNowButton organization={organization} app={app.id} isPrimary={false} label={common("retry")} />
    );
  }
  const fault = toFault(app.stateReason);
  const needsTicket = mayChange && (problem === "ticket" || fault?.kind === "suite_ticket_stale");
  if (needsTicket) {
    return (
      <LinkButton href={`${base}/settings#suite-ticket`} variant="default">
        {connect("pasteTicket")}
        <span className="visually-hidden"> {app.name}</span>
      </LinkButton>
    );
  }
  const replace = app.kind === "isv" ? connect("replaceSuiteSecret") : t("replaceSecret");
  const hasWrongCredentials = mayChange && problem === "broken" && fault !== null && isCredentialFault(fault);
  return (
    <LinkButton href={hasWrongCredentials ? `${base}/settings#replace-secret` : base} variant="default">
      {hasWrongCredentials ? replace : t("see")}
      <span className="visually-hidden"> {app.name}</span>
    </LinkButton>
  );
}

function ProblemBadge({ app, problem }: Item) {
  if (problem === "held") return <StateBadge kind="run" state="held" />;
  if (problem === "failed") return <StateBadge kind="run" state={app.lastRun?.state ?? "failed"} />;
  return <StateBadge kind="app" state={app.state} />;
}

/** The apps that need attention, worst first, each with its reason and one action. */
export async function AttentionList(props: Props) {
  const { organization, items } = props;
  const t = await getTranslations("overview");
  const lines = await Promise.all(items.map(async (item) => ({ item, reason: await reasonOf(item) })));
  const announcements = lines.map(({ item: { app }, reason }) => ({
    key: `${app.id} ${reason}`,
    sentence: t("attentionNew", { name: app.name, reason }),
  }));
  return (
    <>
      <AnnounceNewItems items={announcements} />
      {lines.length > 0 && (
        <Card title={`${t("attention")} ${lines.length}`}>
          <ul className={classes.attention}>
            {lines.map(({ item, reason }) => (
              <li key={`${item.app.id} ${item.problem}`}>
                <Link href={`/o/${organization}/apps/${item.app.id}`} className={classes.name}>
                  <bdi>{item.app.name}</bdi>
                </Link>
                <span className={classes.reason}>
                  <ProblemBadge {...item} />
                  <span>{reason}</span>
                </span>
                <Action {...props} item={item} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </>
  );
}
