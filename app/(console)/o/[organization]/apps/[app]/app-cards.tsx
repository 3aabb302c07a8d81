import { getFormatter, getTranslations } from "next-intl/server";
import { LiveRunLine } from "@/app/_components/live/live-run-line";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { QuotaFacts } from "@/app/_components/status/quota";
import { NextRetry } from "@/app/_components/status/run-facts";
import { RunReason } from "@/app/_components/status/run-reason";
import { StateBadge } from "@/app/_components/status/state-badge";
import { CodeFact } from "@/app/_components/text/code-fact";
import { DateTime } from "@/app/_components/time/date-time";
import { formatDuration } from "@/app/_components/time/format-duration";
import type { Quota } from "@/lib/calls/quota/quota";
import type { App } from "@/lib/dingtalk-apps/queries";
import { toFault } from "@/lib/dingtalk-apps/schema";
import type { DirectorySummary } from "@/lib/directory/runs/directory-summary";
import type { Run } from "@/lib/directory/runs/run";
import { countsOf } from "@/lib/directory/runs/run-counts";
import { canSync, hasPlan, isUnderWay } from "@/lib/directory/runs/run-states";
import { faultWords } from "@/lib/i18n/fault-words";
import type { TokenFacts } from "@/lib/tokens/queries";
import classes from "./app.module.css";
import { SuiteTicketAge } from "./suite-ticket-age";
import { SyncNowButton } from "./syncs/sync-now-button";

/** Everything that the app page and a one-app overview show about an app. */
export type AppViewData = {
  readonly organization: string;
  readonly app: App;
  readonly summary: Omit<DirectorySummary, "removed">;
  readonly token: TokenFacts;
  /** `null` when the app was deleted in the meantime. */
  readonly quota: Quota | null;
  readonly mayChange: boolean;
  readonly maySync: boolean;
};

type CredentialsProps = {
  readonly app: App;
  /** Address of the app's settings; `null` without permission. */
  readonly settings: string | null;
};

/** The app's ids and credentials. Only the last characters of the secret are shown. */
export async function CredentialsCard({ app, settings }: CredentialsProps) {
  const t = await getTranslations("app");
  const connect = await getTranslations("connect");
  const isSuite = app.kind === "isv";
  const facts = [
    { label: t("appId"), value: app.id, copyLabel: t("copyAppId") },
    isSuite
      ? { label: "SuiteKey", value: app.appKey, copyLabel: connect("copySuiteKey") }
      : { label: t("appKey"), value: app.appKey, copyLabel: t("copyAppKey") },
    { label: "CorpId", value: app.corpId, copyLabel: t("copyCorpId") },
    { label: "AgentId", value: app.agentId },
  ];
  return (
    <Card title={t("credentials")}>
      <dl className={classes.facts}>
        <div>
          <dt>{connect("kind")}</dt>
          <dd>{connect(`kindOf.${app.kind}`)}</dd>
        </div>
        {facts.map((fact) => (
          <CodeFact key={fact.label} {...fact} />
        ))}
        <div>
          <dt>{isSuite ? "SuiteSecret" : t("appSecret")}</dt>
          <dd>
            <code aria-hidden>••••••••{app.secretTail}</code>
            <span className="visually-hidden">{t("lastFour", { tail: app.secretTail })}</span>
            {settings && (
              <Link href={`${settings}#replace-secret`} className={classes.beside}>
                {t("change")}
              </Link>
            )}
          </dd>
        </div>
        {isSuite && (
          <div>
            <dt>suite ticket</dt>
            <dd>
              <span>
                <SuiteTicketAge at={app.suiteTicketAt} />
              </span>
              {settings && (
                <Link href={`${settings}#suite-ticket`} className={classes.beside}>
                  {t("change")}
                  <span className="visually-hidden"> suite ticket</span>
                </Link>
              )}
            </dd>
          </div>
        )}
      </dl>
    </Card>
  );
}

type TokenProps = { readonly token: TokenFacts; readonly href: string };

/** The token's expiry, next renewal and last error. */
export async function TokenCard({ token, href }: TokenProps) {
  const t = await getTranslations("token");
  const app = await getTranslations("app");
  const faultText = await getTranslations("fault");
  const fault = toFault(token.lastError);
  const time = (at: Date) => <DateTime at={at} />;
  return (
    <Card title={t("title")}>
      {token.expiresAt ? (
        <dl className={classes.short}>
          <div>
            <dt>{t("expires")}</dt>
            <dd>{time(token.expiresAt)}</dd>
          </div>
          {token.obtainedAt && (
            <div>
              <dt>{t("obtained")}</dt>
              <dd>{time(token.obtainedAt)}</dd>
            </div>
          )}
          {token.renewAt && (
            <div>
              <dt>{t("renew")}</dt>
              <dd>
                {t("about")} {time(token.renewAt)}
              </dd>
            </div>
          )}
        </dl>
      ) : (
        <p className={classes.line}>{t("none")}</p>
      )}
      <p className={classes.since}>
        {t("lastErrorIs", { title: fault ? faultWords(faultText, fault).title : t("noError") })}
      </p>
      <Link href={href} className={classes.more}>
        {app("details")}
      </Link>
    </Card>
  );
}

type SyncProps = { readonly data: AppViewData; readonly base: string };

/** The active or last run, and the next scheduled one. */
export async function SyncCard({ data, base }: SyncProps) {
  const t = await getTranslations("sync");
  const { app, summary } = data;
  const { lastRun, nextSyncAt } = summary;
  return (
    <Card title={t("last")}>
      {lastRun ? (
        <LastRun run={lastRun} data={data} base={base} />
      ) : (
        <p className={classes.line}>{t("never")}</p>
      )}
      {(lastRun?.state !== "failed" || app.state === "broken") && (
        <p className={classes.since}>
          {nextSyncAt ? (
            <>
              {t("nextAt")} <DateTime at={nextSyncAt} />
            </>
          ) : (
            t("neverByItself")
          )}
        </p>
      )}
      <Link href={`${base}/syncs`} className={classes.more}>
        {t("records")}
      </Link>
    </Card>
  );
}

async function LastRun({ run, data, base }: SyncProps & { readonly run: Run }) {
  const t = await getTranslations("sync");
  const format = await getFormatter();
  const { app } = data;
  const { startedAt, finishedAt, state } = run;
  const took = startedAt && finishedAt && formatDuration(finishedAt.getTime() - startedAt.getTime(), format);
  return (
    <>
      <p className={classes.line}>
        <StateBadge kind="run" state={state} />
        <Link href={`${base}/syncs/${run.id}`}>{t("run", { number: run.number })}</Link>
        <DateTime at={finishedAt ?? startedAt ?? run.queuedAt} />
        {took && <span>{t("took", { time: took })}</span>}
      </p>
      <LiveRunLine app={app.id} />
      {hasPlan(run) && <Changes run={run} />}
      {!isUnderWay(state) && state !== "cancelled" && <LastReason run={run} data={data} />}
    </>
  );
}

/** The last run's changes, or a preview's planned changes. */
async function Changes({ run }: { readonly run: Run }) {
  const t = await getTranslations("sync");
  const lineOf = (of: "departments" | "members") => {
    const { added: a, changed: c, moved: m, removed: r, unchanged: n } = countsOf(run, of);
    return `${t(`column.${of}`)} · ${t("counts", { a, c, m, r })} · ${t("unchanged", { n })}`;
  };
  return (
    <>
      {(["departments", "members"] as const).map((of) => (
        <p key={of} className={classes.line}>
          {lineOf(of)}
        </p>
      ))}
      {run.mode === "preview" && <p className={classes.since}>{t("previewNothing")}</p>}
    </>
  );
}

/** Why the last run failed, with a retry button. Omitted for a broken app, whose error is shown above. */
async function LastReason({ run, data }: { readonly run: Run; readonly data: AppViewData }) {
  const { organization, app, maySync, summary } = data;
  const t = await getTranslations("common");
  if (app.state === "broken" && toFault(run.error)) return null;
  const isFailure = run.state !== "succeeded";
  return (
    <RunReason
      error={run.error}
      isFailure={isFailure}
      heading="h3"
      actions={
        isFailure &&
        maySync &&
        canSync(app.state) && (
          <SyncNowButton organization={organization} app={app.id} isPrimary={false} label={t("retry")} />
        )
      }
    >
      {isFailure && <NextRetry at={summary.nextSyncAt} />}
    </RunReason>
  );
}

type Props = { readonly quota: Quota; readonly href: string };

/** The app's charged calls this month. */
export async function QuotaCard({ quota, href }: Props) {
  const t = await getTranslations("quota");
  return (
    <Card title={t("title")}>
      <QuotaFacts quota={quota} />
      <Link href={href} className={classes.more}>
        {t("log")}
      </Link>
    </Card>
  );
}
