import { getTranslations } from "next-intl/server";
import { AnnounceNewItems } from "@/app/_components/feedback/announce";
import { Link } from "@/app/_components/navigation/link";
import { LinkButton } from "@/app/_components/navigation/link-button";
import { Card } from "@/app/_components/page/card";
import { heldRunSummary } from "@/app/_components/status/run-facts";
import { reasonTitle } from "@/app/_components/status/run-reason";
import { StateBadge } from "@/app/_components/status/state-badge";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { faultWords, isOfThePair } from "@/lib/i18n/fault-words";
import { SyncNowButton } from "./apps/[app]/syncs/sync-now-button";
import type { AppRow } from "./apps/load-apps";
import type { Trouble } from "./attention";
import classes from "./overview.module.css";

type Item = { readonly app: AppRow; readonly trouble: Trouble };
type Props = {
  readonly organization: string;
  readonly items: readonly Item[];
  readonly mayChange: boolean;
  readonly maySync: boolean;
};

/** What a line says of an app that needs a person. */
async function reasonOf({ app, trouble }: Item): Promise<string> {
  const t = await getTranslations("app");
  const sync = await getTranslations("sync");
  const faultText = await getTranslations("fault");
  if (trouble === "held" && app.heldRun) return heldRunSummary(app.heldRun, sync);
  if (trouble === "failed") return reasonTitle(app.lastRun?.error ?? null, sync, faultText) ?? sync("failed");
  if (trouble === "ticket") return (await getTranslations("connect"))("ticketLate");
  const fault = toFault(app.stateReason);
  if (fault) return faultWords(faultText, fault).title;
  return trouble === "draft" ? t("draftTitle") : t("unstable");
}

/** The one thing to press: trying again at once, or the page where it is mended. */
async function Action({
  item,
  organization,
  mayChange,
  maySync,
}: Omit<Props, "items"> & { readonly item: Item }) {
  const { app, trouble } = item;
  const t = await getTranslations("app");
  const connect = await getTranslations("connect");
  const common = await getTranslations("common");
  const base = `/o/${organization}/apps/${app.id}`;
  if (trouble === "held" && app.heldRun) {
    return (
      <LinkButton href={`${base}/syncs/${app.heldRun.id}`} variant="default">
        {(await getTranslations("sync"))("decide")}
        <span className="visually-hidden"> {app.name}</span>
      </LinkButton>
    );
  }
  if (trouble === "failed" && maySync) {
    return (
      <SyncNowButton organization={organization} app={app.id} isPrimary={false} label={common("retry")} />
    );
  }
  const fault = toFault(app.stateReason);
  const needsTicket = mayChange && (trouble === "ticket" || fault?.kind === "suite_ticket_stale");
  if (needsTicket) {
    return (
      <LinkButton href={`${base}/settings#suite-ticket`} variant="default">
        {connect("pasteTicket")}
        <span className="visually-hidden"> {app.name}</span>
      </LinkButton>
    );
  }
  const replace = app.kind === "isv" ? connect("replaceSuiteSecret") : t("replaceSecret");
  const isPairWrong = mayChange && trouble === "broken" && fault !== null && isOfThePair(fault);
  return (
    <LinkButton href={isPairWrong ? `${base}/settings#replace-secret` : base} variant="default">
      {isPairWrong ? replace : t("see")}
      <span className="visually-hidden"> {app.name}</span>
    </LinkButton>
  );
}

function TroubleBadge({ app, trouble }: Item) {
  if (trouble === "held") return <StateBadge kind="run" state="held" />;
  if (trouble === "failed") return <StateBadge kind="run" state={app.lastRun?.state ?? "failed"} />;
  return <StateBadge kind="app" state={app.state} />;
}

/** The apps that need a person, the worst first, each with its reason and one action. */
export async function AttentionList(props: Props) {
  const { organization, items } = props;
  const t = await getTranslations("overview");
  const lines = await Promise.all(items.map(async (item) => ({ item, reason: await reasonOf(item) })));
  const news = lines.map(({ item: { app }, reason }) => ({
    key: `${app.id} ${reason}`,
    sentence: t("attentionNew", { name: app.name, reason }),
  }));
  return (
    <>
      <AnnounceNewItems items={news} />
      {lines.length > 0 && (
        <Card title={`${t("attention")} ${lines.length}`}>
          <ul className={classes.attention}>
            {lines.map(({ item, reason }) => (
              <li key={`${item.app.id} ${item.trouble}`}>
                <Link href={`/o/${organization}/apps/${item.app.id}`} className={classes.name}>
                  <bdi>{item.app.name}</bdi>
                </Link>
                <span className={classes.reason}>
                  <TroubleBadge {...item} />
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
