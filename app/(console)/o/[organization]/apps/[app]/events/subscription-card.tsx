import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Notice } from "@/app/_components/feedback/notice";
import { ActionButton } from "@/app/_components/forms/action-button";
import { Link } from "@/app/_components/navigation/link";
import { Card } from "@/app/_components/page/card";
import { FaultPanel } from "@/app/_components/status/fault-panel";
import { StateBadge } from "@/app/_components/status/state-badge";
import { DateTime } from "@/app/_components/time/date-time";
import type { Subscription } from "@/lib/events/subscription/queries";
import appClasses from "../app.module.css";
import { registerAction } from "./actions";
import classes from "./events.module.css";
import { ReplaceSecret } from "./replace-secret";
import { SetUp } from "./set-up";

type Props = {
  readonly organization: string;
  readonly app: string;
  readonly isThirdParty: boolean;
  readonly mayChange: boolean;
  readonly subscription: Subscription | null;
};

/** The state of the app's subscription, and its set-up. */
export async function SubscriptionCard({ subscription, ...at }: Props) {
  const t = await getTranslations("events");
  const { organization, app, mayChange } = at;
  return (
    <Card title={subscription === null ? t("notSetUp") : t("subscription")}>
      {subscription === null ? (
        <p style={{ margin: 0 }}>{t("notSetUpHelp")}</p>
      ) : (
        <Facts subscription={subscription} syncs={`/o/${organization}/apps/${app}/syncs`} />
      )}
      {/* Always at this place, so that the values stay visible when the page refreshes. */}
      {mayChange && <SetUp organization={organization} app={app} isSetUp={subscription !== null} />}
      {!mayChange && subscription === null && <p>{t("needsAdmin")}</p>}
      {subscription && <Problems subscription={subscription} isThirdParty={at.isThirdParty} />}
      {subscription && mayChange && <Secrets subscription={subscription} {...at} />}
    </Card>
  );
}

type ProblemProps = { readonly subscription: Subscription; readonly isThirdParty: boolean };

async function Problems({ subscription: { verifiedAt, failedFault }, isThirdParty }: ProblemProps) {
  const t = await getTranslations("events");
  return (
    <>
      {verifiedAt === null && (
        <Notice tone="neutral" title={t("waiting")} role="status">
          {isThirdParty ? t("waitingHelpSuite") : t("waitingHelp")}
        </Notice>
      )}
      {failedFault && (
        <>
          <p style={{ margin: 0 }}>{t("failedListError")}</p>
          <FaultPanel fault={failedFault} tone="caution" heading="h3" retry="auto" />
        </>
      )}
    </>
  );
}

type FactsProps = {
  readonly subscription: Subscription;
  /** Address of the list of syncs. */
  readonly syncs: string;
};

const linkTo = (href: string) => (text: ReactNode) => <Link href={href}>{text}</Link>;

async function Facts({ subscription, syncs }: FactsProps) {
  const t = await getTranslations("events");
  const { ownerKind, verifiedAt, lastEventAt, failedReadAt, isShared, missed } = subscription;
  const time = (at: Date | null) => (at ? <DateTime at={at} isAbsolute /> : t("never"));
  const state = verifiedAt === null ? "waiting" : "working";
  return (
    <dl className={appClasses.facts}>
      <div>
        <dt>{t("column.state")}</dt>
        <dd>
          <StateBadge kind="subscription" state={state} />
        </dd>
      </div>
      <div>
        <dt>{t("verified")}</dt>
        <dd>{time(verifiedAt)}</dd>
      </div>
      <div>
        <dt>{t("lastEvent")}</dt>
        <dd>{time(lastEventAt)}</dd>
      </div>
      {missed && (
        <div>
          <dt>{t("missed")}</dt>
          <dd>
            <span>
              {t.rich("missedOf", {
                n: missed.changes,
                number: missed.number,
                link: linkTo(`${syncs}/${missed.runId}`),
              })}
            </span>
          </dd>
        </div>
      )}
      {ownerKind && (
        <div>
          <dt>{t("ownerKind")}</dt>
          <dd>{t(`owner.${ownerKind}`)}</dd>
        </div>
      )}
      {!isShared && (
        <div>
          <dt>{t("failedRead")}</dt>
          <dd>{time(failedReadAt)}</dd>
        </div>
      )}
    </dl>
  );
}

async function Secrets({
  subscription,
  organization,
  app,
  isThirdParty,
}: Omit<Props, "subscription" | "mayChange"> & { readonly subscription: Subscription }) {
  const t = await getTranslations("events");
  return (
    <>
      <h3 style={{ fontSize: 14, margin: 0 }}>{t("secrets")}</h3>
      <p style={{ margin: 0 }}>{t("secretsHelp")}</p>
      {subscription.secrets.map(({ kind, createdAt, previousUntil }) => (
        <div key={kind}>
          <div className={classes.row}>
            <span>{t(`secret.${kind}`)}</span>
            <span className={classes.dimmed}>
              {t("createdAt")} <DateTime at={createdAt} />
            </span>
            {previousUntil && (
              <span className={classes.dimmed}>
                {t("previousUntil")} <DateTime at={previousUntil} isAbsolute />
              </span>
            )}
            <ReplaceSecret organization={organization} app={app} kind={kind} />
          </div>
        </div>
      ))}
      {!isThirdParty && (
        <div>
          <p style={{ margin: "0 0 8px" }}>{t("registerHelp")}</p>
          <div className={classes.fitting}>
            <ActionButton
              action={registerAction.bind(null, organization)}
              fields={{ app }}
              label={t("register")}
              pendingLabel={t("registering")}
              doneText={t("registered")}
              variant="default"
            />
          </div>
        </div>
      )}
    </>
  );
}
