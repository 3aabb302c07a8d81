import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import type { App } from "@/lib/dingtalk-apps/queries";
import type { DirectorySummary } from "@/lib/directory/queries";
import type { TokenFacts } from "@/lib/tokens/queries";
import { Card } from "../../../../../_components/card";
import { CopyButton } from "../../../../../_components/copy-button";
import { formatDuration } from "../../../../../_components/duration";
import { Moment } from "../../../../../_components/moment";
import { StateBadge } from "../../../../../_components/state-badge";
import classes from "./app.module.css";

type Fact = { readonly label: string; readonly value: string | null; readonly copyLabel?: string };

/** The pair, as far as it is ever shown. */
export async function CredentialsCard({ app }: { readonly app: App }) {
  const t = await getTranslations("app");
  const facts: Fact[] = [
    { label: t("appKey"), value: app.appKey, copyLabel: t("copyAppKey") },
    { label: "CorpId", value: app.corpId, copyLabel: t("copyCorpId") },
    { label: "AgentId", value: app.agentId },
  ];
  return (
    <Card title={t("credentials")}>
      <dl className={classes.facts}>
        {facts.map(
          ({ label, value, copyLabel }) =>
            value && (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <code>{value}</code>
                  {copyLabel && <CopyButton value={value} label={copyLabel} />}
                </dd>
              </div>
            ),
        )}
        <div>
          <dt>{t("appSecret")}</dt>
          <dd>
            <code aria-hidden>••••••••{app.secretTail}</code>
            <span className="visually-hidden">{t("lastFour", { tail: app.secretTail })}</span>
          </dd>
        </div>
      </dl>
    </Card>
  );
}

type TokenProps = { readonly token: TokenFacts; readonly href: string; readonly timeZone: string };

/** How long the token lives, and when it will be renewed. */
export async function TokenCard({ token, href, timeZone }: TokenProps) {
  const t = await getTranslations("token");
  const app = await getTranslations("app");
  return (
    <Card title={t("title")}>
      {token.expiresAt ? (
        <p className={classes.line}>
          {t("expires")} <Moment at={token.expiresAt} timeZone={timeZone} />
          {token.renewAt && (
            <>
              {" · "}
              {t("renew")} {t("about")} <Moment at={token.renewAt} timeZone={timeZone} />
            </>
          )}
        </p>
      ) : (
        <p className={classes.line}>{t("none")}</p>
      )}
      <Link href={href}>{app("details")}</Link>
    </Card>
  );
}

type SyncProps = { readonly summary: DirectorySummary; readonly base: string; readonly timeZone: string };

/** The last run and the next one. */
export async function SyncCard({ summary, base, timeZone }: SyncProps) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { lastRun, nextSyncAt } = summary;
  const took =
    lastRun?.startedAt && lastRun.finishedAt
      ? t("took", {
          time: formatDuration(lastRun.finishedAt.getTime() - lastRun.startedAt.getTime(), format),
        })
      : null;
  return (
    <Card title={t("last")}>
      {lastRun ? (
        <>
          <p className={classes.line}>
            <StateBadge kind="run" state={lastRun.state} />
            <Link href={`${base}/syncs/${lastRun.id}`}>{t("run", { number: lastRun.number })}</Link>
            <Moment at={lastRun.finishedAt ?? lastRun.startedAt ?? lastRun.queuedAt} timeZone={timeZone} />
            {took}
          </p>
          {lastRun.state === "succeeded" && (
            <p className={classes.line}>
              {t("counts", { a: lastRun.added, c: lastRun.changed, m: lastRun.moved, r: lastRun.removed })} ·{" "}
              {t("unchanged", { n: lastRun.unchanged })}
            </p>
          )}
        </>
      ) : (
        <p className={classes.line}>{t("never")}</p>
      )}
      <p className={classes.since} style={{ margin: 0 }}>
        {nextSyncAt ? (
          <>
            {t("nextAt")} <Moment at={nextSyncAt} timeZone={timeZone} />
          </>
        ) : (
          t("neverByItself")
        )}
      </p>
      <Link href={`${base}/syncs`}>{t("records")}</Link>
    </Card>
  );
}
